"""The score: two shares, neither of which passes for the other, and its parts."""

import re

from simlab.mutation.examination import Examination, Fate, Outcome
from simlab.mutation.score import Score
from simlab.reports.mutants import part_lines, summary


def examination(theorem: str, chapter: str, fates: dict[Fate, int], kind: str = "bound") -> Examination:
    outcomes = [Outcome(kind, "-", fate, "-") for fate, count in fates.items() for _ in range(count)]
    return Examination(theorem, chapter, outcomes)


def made() -> Score:
    tight = examination("tight", "one", {Fate.KILLED: 6, Fate.EQUIVALENT: 5})
    loose = examination(
        "loose", "two", {Fate.KILLED: 2, Fate.WEAK: 1, Fate.SLACK: 4, Fate.STILL_TRUE: 3}, "rule"
    )
    return Score([tight, loose], ["tight", "loose"], 0)


def test_both_shares() -> None:
    score = made()
    assert score.of_all == 8 / 16
    assert score.of_refusable == 8 / 9
    record = score.record()
    assert (record["killed_of_all"], record["killed_of_refusable"]) == (8 / 16, 8 / 9)


def test_the_summary_says_what_each_share_is_of() -> None:
    first, second = str(summary(made())).strip().split("\n")
    assert first.startswith(
        "50.0% of all mutants that are not equivalent were killed: 8 of 16, of 2 theorem(s)"
    )
    assert second.startswith("88.9% of those that the checks could have refused: 8 of 9")
    assert "leaves out 4 within slack, 3 still true, 5 equivalent" in second


def test_the_parts_by_kind_and_by_chapter() -> None:
    rows = [re.split(r"\s{2,}", str(line).strip()) for line in part_lines(made())]
    assert ["bound", "11", "6", "0", "0", "0", "5", "0", "100.0%"] in rows
    assert ["rule", "10", "2", "1", "4", "3", "0", "0", "20.0%"] in rows
    assert ["two", "10", "2", "1", "4", "3", "0", "0", "20.0%"] in rows
    one_chapter = Score(made().examinations[:1], ["tight"], 0)
    assert not any("chapter" in str(line) for line in part_lines(one_chapter))


def test_nothing_at_all_is_no_failure() -> None:
    empty = Score([], [], 0)
    assert (empty.of_all, empty.of_refusable) == (1.0, 1.0)
    assert list(part_lines(empty)) == []
