"""The shrinker, by itself."""

from typing import Any

import pytest

from problems.quadratic import quadratic
from simlab.search.shrinker import shrink
from simlab.search.space import DOMAIN, PROBLEM, STEP, Space
from simlab.vocabulary.ranges import array, choice, real, whole

SPACE = Space(
    None,  # type: ignore[arg-type]
    quadratic,
    {
        f"{PROBLEM}d": whole(1, 5),
        f"{PROBLEM}spectrum": array(real(0.01, 1.0), "d"),
        f"{PROBLEM}start": array(real(-1.0, 1.0), "d"),
        f"{DOMAIN}h": real(0.1, 1.9),
        f"{DOMAIN}kind": choice("a", "b"),
    },
    (1, 2, 5, 100),
)


def values(**changed: Any) -> dict[str, Any]:
    made = {
        f"{PROBLEM}d": 3,
        f"{PROBLEM}spectrum": (0.123456, 0.0345678, 0.98765),
        f"{PROBLEM}start": (0.31415, -0.27182, 0.57721),
        f"{DOMAIN}h": 1.2345678,
        f"{DOMAIN}kind": "b",
        STEP: 100,
    }
    return made | changed


def test_everything_is_simplified_when_anything_will_do() -> None:
    found = shrink(SPACE, values(), lambda _: True)
    assert found[f"{PROBLEM}d"] == 1
    assert found[f"{PROBLEM}spectrum"] == (1.0,)
    assert found[f"{PROBLEM}start"] == (0.0,)
    assert found[f"{DOMAIN}h"] == 1.0
    assert found[STEP] == 1


def test_what_matters_stays() -> None:
    """The middle coordinate with a curvature below 0.04, a step size above 1.2, and at least three steps."""

    def accepted(v: Any) -> bool:
        small = any(c < 0.04 and abs(x) > 0.2 for c, x in zip(v[spectrum], v[start], strict=True))
        return bool(small and v[f"{DOMAIN}h"] > 1.2 and v[STEP] >= 3)

    spectrum, start = f"{PROBLEM}spectrum", f"{PROBLEM}start"
    found = shrink(SPACE, values(), accepted)
    assert accepted(found)
    assert found[f"{PROBLEM}d"] == 1
    assert found[spectrum][0] in (0.01, 0.03)
    assert found[start] == (1.0,)
    assert found[f"{DOMAIN}h"] == 1.9
    assert found[STEP] == 5  # the least of the steps that are measured


def test_nothing_that_is_refused_is_kept() -> None:
    assert shrink(SPACE, values(), lambda _: False) == values()


@pytest.mark.parametrize("limit", [0.333333, 0.987654321])
def test_numbers_are_rounded_as_far_as_they_can_be(limit: float) -> None:
    found = shrink(SPACE, values(**{f"{DOMAIN}h": limit}), lambda v: abs(v[f"{DOMAIN}h"] - limit) < 0.004)
    assert found[f"{DOMAIN}h"] == (0.33 if limit < 0.5 else 0.99)
