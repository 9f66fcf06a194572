"""The questions of the calibration: which claims are judged, by which rule. Each gives its rows as tasks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from simlab.calibration import judges
from simlab.calibration.claims import drawn, iterated
from simlab.calibration.laws import HEAVY, MODERATE, Law, bernoulli
from simlab.calibration.rates import Rate, clopper_pearson, counted, results, weighted
from simlab.calibration.rows import Row, Size, Task
from simlab.planning.cases import Case
from simlab.planning.tiers import Tier
from simlab.statistics.errors import CASES, FALSE_VIOLATION, LOOKS, Promise, look_sizes
from simlab.statistics.resolution import MISSED
from simlab.statistics.verdicts import RULE, Rule, Status
from simlab.vocabulary.claim import LOWER, UPPER, Claim, law, probability

LAW = law()
# The error of one confidence limit at which what goes wrong can be counted.
COUNTABLE = 0.05
SLACK = 0.1
# How many results state the resolution at which a claim is then wrong.
STATED = 20
UPPER_LAWS = {**HEAVY, "normal": MODERATE["normal"]}


@dataclass(frozen=True)
class Question:
    """Rows that belong together: what was done, and what is counted."""

    title: str
    explanation: str
    counts: str
    tasks: Callable[[Size, int], Iterator[Task]]


def countable(size: Size) -> Promise:
    """A promise with an error of ``COUNTABLE`` for each limit at each of the looks of this size, for one case."""
    looks = len(look_sizes(size.runs))
    return Promise(false_violation=2 * looks * COUNTABLE, false_holds=looks * COUNTABLE, cases=1, looks=looks)


# --- false violations --------------------------------------------------------------------------------------------


def true_claims(tier: Tier) -> Iterator[tuple[str, str, Claim, Case]]:
    """Claims that are true, with the mean exactly where it is stated to be."""
    for claim, laws in ((UPPER, UPPER_LAWS), (LOWER, MODERATE), (LAW, MODERATE)):
        for name, source in laws.items():
            case = drawn(f"{claim} {name}", source.draw, claim, 1.0, tier, signed=source.signed)
            yield str(claim), name, claim, case
    for rate in (0.1, 0.001):
        yield "probability", f"failures, {rate:g}", UPPER, failures(rate, tier)
    draw = MODERATE["exponential"].draw
    for words, correlated in (("correlated", True), ("independent", False)):
        name = f"exponential, 8 checkpoints, {words}"
        for claim in (UPPER, LAW):
            made = drawn(f"{claim} {name}", draw, claim, 1.0, tier, checkpoints=8, correlated=correlated)
            yield str(claim), name, claim, made
    for claim in (UPPER, LOWER, LAW):
        yield str(claim), "SGD on a parabola, 3 checkpoints", claim, iterated(claim, 1.0, tier)


def failures(rate: float, tier: Tier) -> Case:
    """Failures that happen at exactly the stated rate."""
    source = bernoulli(rate)
    return drawn("failures", lambda rng, size: rate * source.draw(rng, size), probability(), rate, tier)


def false_violations(size: Size, seed: int) -> Iterator[Task]:
    """True claims, judged with an error that can be counted."""
    rule, tier = Rule(countable(size)), size.tier()
    for words, name, claim, case in true_claims(tier):
        # A bound can be broken on one side only, which has half of the error.
        promised = rule.promise.false_violation / (1 if claim is LAW else 2)

        def task(words: str, name: str, case: Case, promised: float) -> Row:
            return Row(words, name, counted(case, tier, rule, Status.VIOLATED, size.trials, seed), promised)

        yield partial(task, words, name, case, promised)


def declared_violations(size: Size, seed: int) -> Iterator[Task]:
    """True claims judged by the rule itself: the chance of one false violation, times the cases of a registry."""
    tier = size.tier(size.power_runs)
    promised = FALSE_VIOLATION / 2 * len(look_sizes(tier.runs)) / LOOKS

    def task(claim: Claim, name: str, source: Law) -> Row:
        rate = weighted(source, claim, tier, RULE, 2 * size.trials, seed)
        whole = replace(rate, value=rate.value * CASES, low=rate.low * CASES, high=rate.high * CASES)
        return Row(str(claim), name, whole, promised)

    for claim, laws in ((UPPER, UPPER_LAWS), (LOWER, MODERATE)):
        for name, source in laws.items():
            if source.tilt is not None:
                yield partial(task, claim, name, source)


# --- false holds -------------------------------------------------------------------------------------------------


def false_holds(size: Size, seed: int) -> Iterator[Task]:
    """Claims that are wrong by a little more than the slack, judged with an error that can be counted."""
    rule, tier, factor = Rule(countable(size)), size.tier(), 1 + SLACK + 1e-3

    def task(claim: Claim, name: str, source: Law) -> Row:
        case = drawn(f"{claim} {name}", source.draw, claim, 1 / factor, tier, SLACK, source.signed)
        rate = counted(case, tier, rule, Status.HOLDS, size.trials, seed)
        return Row(str(claim), name, rate, rule.promise.false_holds)

    laws = {name: MODERATE[name] for name in ("constant", "normal", "exponential", "chi-square")}
    for name, source in {**laws, "rare 1/20": bernoulli(1 / 20)}.items():
        for claim in (UPPER, LAW):
            yield partial(task, claim, name, source)


# --- power -------------------------------------------------------------------------------------------------------

FOUND = ("constant", "normal", "exponential", "chi-square", "rare 1/90")


def power(size: Size, seed: int) -> Iterator[Task]:
    """Claims that are wrong by 1, 10 and 50 per cent, judged by the rule itself."""
    tier = size.tier(size.power_runs)

    def task(name: str, excess: float) -> Row:
        source = MODERATE[name]
        case = drawn(name, source.draw, UPPER, 1 / (1 + excess), tier, 1e-3, source.signed)
        rate = counted(case, tier, RULE, Status.VIOLATED, size.power_trials, seed)
        return Row(f"wrong by {excess:.0%}", name, rate)

    for name in FOUND:
        for excess in (0.01, 0.1, 0.5):
            yield partial(task, name, excess)


def resolutions(size: Size, seed: int) -> Iterator[Task]:
    """Claims that are wrong by exactly their stated resolution.

    It is stated by a result in which the mean is half of the bound, or equal to the law.
    """
    tier = size.tier(size.power_runs)

    def task(claim: Claim, name: str, source: Law) -> Row:
        stated = 1.0 if claim is LAW else 2.0
        seen = drawn(name, source.draw, claim, stated, tier, SLACK, source.signed)
        factors = [result.resolution for result in results(seen, tier, RULE, STATED, seed)]
        missed, each = 0, -(-size.many // STATED)
        for number, factor in enumerate(factors):
            wrong = drawn(f"{name} {number}", source.draw, claim, 1 / factor, tier, SLACK, source.signed)
            missed += sum(
                result.verdict.status is not Status.VIOLATED
                for result in results(wrong, tier, RULE, each, seed)
            )
        rate = Rate(STATED * each, missed / (STATED * each), *clopper_pearson(missed, STATED * each))
        return Row(
            str(claim), name, rate, MISSED, note=f"resolution {min(factors):.3g} to {max(factors):.3g}"
        )

    for name, source in {**MODERATE, "rare 1/20": bernoulli(1 / 20)}.items():
        if name not in ("constant", "lognormal, sigma 0.9"):
            yield partial(task, UPPER, name, source)
    yield partial(task, LAW, "exponential", MODERATE["exponential"])


# --- judges that are wrong ----------------------------------------------------------------------------------

WRONG_LAWS = {
    "normal": (MODERATE["normal"], 1),
    "rare drop": (HEAVY["rare drop"], 1),
    "normal, 8 checkpoints": (MODERATE["normal"], 8),
}
# What judges, whether it is wrong, and the law that shows it.
JUDGES: tuple[tuple[str, bool, str, Callable[[Promise], Rule]], ...] = (
    ("Student's t", False, "normal", judges.student),
    ("Student's t", True, "rare drop", judges.student),
    ("Student's t, whole error each look", True, "normal", judges.without_looks),
    ("Student's t", False, "normal, 8 checkpoints", judges.student),
    ("Student's t, whole error each k", True, "normal, 8 checkpoints", judges.without_checkpoints),
    ("sample means without limits", True, "normal", judges.without_limits),
    ("the rule itself", False, "rare drop", Rule),
)


def wrong_judges(size: Size, seed: int) -> Iterator[Task]:
    """Judges with one fault, each on a law that shows it, beside their counterparts without the fault."""
    tier, promise = size.tier(), countable(size)

    def task(title: str, wrong: bool, name: str, rule: Rule) -> Row:
        source, checkpoints = WRONG_LAWS[name]
        case = drawn(name, source.draw, UPPER, 1.0, tier, signed=source.signed, checkpoints=checkpoints)
        rate = counted(case, tier, rule, Status.VIOLATED, 4 * size.trials, seed)
        return Row(title, name, rate, promise.false_violation / 2, wrong)

    for title, wrong, name, rule in JUDGES:
        yield partial(task, title, wrong, name, rule(promise))


QUESTIONS = (
    Question(
        "Are true claims called violated? With an error of 5 % for each limit, so that it can be counted",
        "The mean lies exactly where it is stated. Promised: 5 % for each look on each side, up to every look.",
        "called violated",
        false_violations,
    ),
    Question(
        f"Are true claims called violated? With the declared error, over {CASES} cases",
        "The same for the rule of verify, by importance sampling. Promised: the share of 1/1000 that these looks "
        "have on one side.",
        "called violated",
        declared_violations,
    ),
    Question(
        "Do wrong claims hold? With an error of 5 % for each limit, so that it can be counted",
        "The mean is beyond the slack of 10 %. Promised: 5 % for each look.",
        "said to hold",
        false_holds,
    ),
    Question(
        "Is what exceeds the bound by the stated resolution found?",
        "Claims that are wrong by the resolution that their own results state, judged as verify does.",
        "not called violated",
        resolutions,
    ),
    Question(
        "Which errors are found?",
        "Upper bounds that are too small by so much, judged as verify does.",
        "called violated",
        power,
    ),
    Question(
        "Are judges that are wrong on purpose found out?",
        "Student's t where it is not valid, and with its error not shared out over looks or checkpoints; the rest "
        "is for comparison.",
        "called violated",
        wrong_judges,
    ),
)
