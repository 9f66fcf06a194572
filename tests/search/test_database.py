"""The database of counterexamples, and their replay."""

from pathlib import Path

import pytest

from simlab.discovery import discover
from simlab.entry import verify_one
from simlab.errors import InputError
from simlab.search.database import FILE, Counterexample, forget, load, remember, save
from simlab.search.replay import known_counterexamples
from simlab.search.text import Written, literal_text
from simlab.statistics.verdicts import Status
from simlab.verification import verify
from simlab.vocabulary.registry import REGISTRY


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    discover()
    return tmp_path


def entry(theorem: str, on: str, **at: str) -> Counterexample:
    return Counterexample(theorem, Written(on, "", at), "1.5", 0, "2026-01-01")


BROKEN = entry("gd-convex-tight", "huber(threshold=0.05)", h="1.0", k="9")


def test_what_is_saved_is_read_back_once() -> None:
    assert load() == []
    other = entry("nag-convex", "huber", k="3")
    remember(BROKEN)
    remember(other)
    remember(BROKEN)
    assert load() == [other, BROKEN]
    assert "huber(threshold=0.05)" in Path(FILE).read_text()


def test_the_file_goes_with_the_last_entry() -> None:
    remember(BROKEN)
    assert forget("nag-convex") == 0
    assert forget("gd-convex-tight") == 1
    assert not Path(FILE).exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError"),
        ('{"version": 1, "counterexamples": [{}]}', "KeyError"),
        ('{"version": 1, "counterexamples": 3}', "TypeError"),
        ('{"version": 9, "counterexamples": []}', "version 9"),
        (
            '{"version": 1, "counterexamples": [{"theorem": 1, "ratio": "", "found": "", "seed": 0, '
            '"case": {"on": "", "noise": "", "at": {}}}]}',
            "TypeError",
        ),
    ],
)
def test_a_corrupted_file_is_one_sentence(text: str, reason: str) -> None:
    Path(FILE).write_text(text)
    with pytest.raises(InputError, match=reason) as error:
        load()
    assert FILE in str(error.value)
    assert str(error.value).count("\n") == 0
    with pytest.raises(InputError):
        verify("gd-potential", tier="quick")


def test_a_file_that_is_no_text_is_one_sentence() -> None:
    Path(FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        load()


def test_a_theorem_that_is_gone_is_warned_of_in_a_run_over_all() -> None:
    save([entry("gone-with-the-wind", "huber", k="1")])
    with pytest.warns(UserWarning, match="attack --forget gone-with-the-wind"):
        known_counterexamples(whole=True)
    assert known_counterexamples(whole=False)
    assert verify("gd-potential", tier="quick").passed


def test_a_counterexample_that_still_breaks_a_theorem_is_a_violation() -> None:
    """As if the bound had been too small when it was found: |x_9| of a false bound on the same method."""
    from dataclasses import replace

    from simlab.planning.tiers import QUICK

    sound = REGISTRY.of("theorem")["gd-convex-tight"]
    false = replace(
        sound,
        bound=lambda k, h, L, R: 0.9 * sound.bound(k, h, L, R),
        attained=(),
        controls=sound.controls[:1],
    )
    result = verify_one(false, QUICK, 0, known=[BROKEN])
    (again,) = result.replayed
    assert again.verdict.status is Status.VIOLATED
    assert result.status is Status.VIOLATED
    assert not result.passed
    assert result.record()["replayed"][0]["role"] == "counterexample"


def test_one_that_is_fixed_says_so() -> None:
    save([BROKEN])
    result = verify("gd-convex-tight", tier="quick")["gd-convex-tight"]
    assert result.passed
    (note,) = result.notes
    assert "does not break it any more" in note
    assert "attack --forget gd-convex-tight" in note


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        ("vanished-family", "there is no problem"),
        ("wavy-parabola", "problems that are Convex"),
        ("huber(size=1)", "no parameter"),
    ],
)
def test_one_that_is_no_case_any_more_says_why(on: str, reason: str) -> None:
    save([entry("gd-convex-tight", on, h="1.0", k="9")])
    result = verify("gd-convex-tight", tier="quick")["gd-convex-tight"]
    assert result.passed
    assert not result.replayed
    (note,) = result.notes
    assert reason in note


def test_numbers_are_written_so_that_they_are_read_back() -> None:
    from simlab.arguments import literal

    for value in (
        0.1 + 0.2,
        1e-300,
        float("inf"),
        -float("inf"),
        3,
        True,
        None,
        "ring",
        (1.5,),
        ((1, 2), (3.5, 4)),
    ):
        assert literal(literal_text(value, "x"), "x") == value
    with pytest.raises(InputError, match="cannot be written"):
        literal_text(object(), "x")
