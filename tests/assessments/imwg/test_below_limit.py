"""Values below a limit, on courses by chance: beside a slow second reading, and beside the numbers that they may be."""

import json
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.imwg import __main__ as imwg
from assessments.imwg.measure import ELECTROPHORESIS
from tests.assessments.imwg.brute_force import EPS, ORDER, category, limit
from tests.assessments.imwg.brute_force import below as is_below
from trial.jsonl import reply

NUMBERS: dict[str, tuple[str, ...]] = {
    "serum_m": ("0", "0.1", "0.4", "0.5", "0.9", "1", "1.3", "2", "3", "4", "5", "6", "7"),
    "urine_m": ("0", "50", "99", "100", "199", "200", "500", "1000", "1250"),
    "kappa": ("0", "5", "10", "60", "100", "110", "210", "310", "510"),
    "lambda": ("0", "5", "10", "60", "100", "210"),
    "ratio": ("0.1", "0.26", "1", "1.65", "40"),
    "marrow_pc": ("0", "3", "5", "15", "20", "30", "40", "50", "60"),
    "spd": ("0", "1", "2", "3", "4", "9"),
}
LIMITS: dict[str, tuple[str, ...]] = {
    "serum_m": ("<0.1", "<0.5", "<0.6", "<1", "<2", "<6"),
    "urine_m": ("<50", "<100", "<150", "<200", "<500"),
    "kappa": ("<3", "<10", "<120"),
    "lambda": ("<3", "<10", "<100"),
    "ratio": ("<0.1", "<0.3", "<2"),
    "marrow_pc": ("<5", "<6", "<20"),
    "spd": ("<1", "<2"),
}
OTHERS: dict[str, tuple[Any, ...]] = {
    "ife_serum": ("negative", "negative", "positive"),
    "ife_urine": ("negative", "negative", "positive"),
    "marrow_clonal": (False, False, True),
    "lesions": (1, 2),
    "new_lesion": (False, False, False, True),
}
OFTEN = {
    "serum_m": 0.8,
    "urine_m": 0.8,
    "ife_serum": 0.6,
    "ife_urine": 0.6,
    "marrow_pc": 0.5,
    "kappa": 0.4,
    "lambda": 0.4,
}
SELDOM = {"new_lesion": 0.04, "ratio": 0.15}
REMISSION = {"ife_serum": "negative", "ife_urine": "negative", "marrow_clonal": False, "spd": "0"}
DISEASES: tuple[dict[str, str], ...] = (
    {},
    {"serum_m": "4"},
    {"serum_m": "3", "urine_m": "1000"},
    {"serum_m": "0.4", "urine_m": "500"},
    {"serum_m": "0", "urine_m": "0", "kappa": "510", "lambda": "10"},
    {"serum_m": "0", "urine_m": "0", "kappa": "12", "lambda": "10", "marrow_pc": "40"},
    {"serum_m": "0.4", "urine_m": "50", "kappa": "12", "lambda": "10", "marrow_pc": "8"},
)
MOST_BELOW = 3  # in a course: each is tried at a dozen values


def visit(chance: Random, room: list[int], low: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, numbers in NUMBERS.items():
        if chance.random() >= OFTEN.get(name, SELDOM.get(name, 0.25)):
            continue
        if room[0] and chance.random() < 0.3:
            room[0] -= 1
            found[name] = chance.choice(LIMITS[name])
        else:
            found[name] = chance.choice(numbers[: len(numbers) // 2 + 1] if low else numbers)
    for name, answers in OTHERS.items():
        if chance.random() < OFTEN.get(name, SELDOM.get(name, 0.25)):
            found[name] = chance.choice(answers)
    return found


def course_of(chance: Random) -> list[dict[str, Any]]:
    """Baseline and one to three visits, a third of them near a remission."""
    room = [chance.choice((0, 1, 1, 2, 2, MOST_BELOW))]
    disease = chance.choice(DISEASES)
    base = visit(chance, room, low=False) | disease
    if "kappa" in disease:
        base.pop("ratio", None)
    visits = [visit(chance, room, low=chance.random() < 0.7) for _ in range(chance.choice((1, 1, 2, 3)))]
    if chance.random() < 0.35:
        visits[-1] |= {"serum_m": "0", "urine_m": "0", "marrow_pc": "3", **REMISSION} | {
            name: said for name, said in visits[-1].items() if is_below(said)
        }
    for one in (base, *visits):
        if one.get("spd") == "0":
            one.pop("lesions", None)  # none is there, so none is counted
    return [base, *visits]


seeds = st.integers(0, 10**9).map(Random)


def derived(course: list[dict[str, Any]]) -> list[str]:
    """The categories by the filter, as a statistician gets them."""

    def written(visit: dict[str, Any]) -> dict[str, Any]:
        return {n: Decimal(v) if isinstance(v, str) and v[0].isdigit() else v for n, v in visit.items()}

    visits = [{"date": f"2025-{place:02}-01", **written(one)} for place, one in enumerate(course[1:], 1)]
    found = imwg.answer({"baseline": written(course[0]), "assessments": visits})
    return [one["derived"] for one in found["assessments"]]


@settings(deadline=None)
@given(seeds)
def test_the_category_is_the_weakest_of_every_value_that_it_may_be(chance):
    course = course_of(chance)

    assert derived(course)[-1] == category(course)


RESPONSES = [*ORDER[:6], "PD", "NE"]


@given(seeds)
def test_a_limit_in_place_of_a_number_below_it_proves_no_more(chance):
    """At the visit itself: no better response, and no PD that the number would not show. Where the page makes its
    exception, the category of a patient without immunofixation may rise to VGPR.
    """
    course = course_of(chance)
    places = [(k, name) for k, one in enumerate(course[1:], 1) for name, said in one.items() if is_below(said)]
    if not places:
        return
    place, name = chance.choice(places)
    said = course[place][name]
    if name in ELECTROPHORESIS and limit(said) <= ELECTROPHORESIS[name]:
        return
    top = limit(said)
    number = chance.choice((top * 0, top / 2, top - EPS))
    exact = [dict(one) for one in course]
    exact[place][name] = str(Decimal(number.numerator) / Decimal(number.denominator))
    limited, numbered = derived(course)[place - 1], derived(exact)[place - 1]

    if limited == "PD":
        assert numbered == "PD"
    elif numbered != "PD":
        assert RESPONSES.index(limited) >= RESPONSES.index(numbered)


def test_the_limit_may_be_written_with_a_space_and_with_zeros():
    asked = '{"baseline": {"serum_m": 4}, "assessments": [{"date": "2025-01-29", "serum_m": "%s", "urine_m": 0}]}'
    answers = [reply((asked % said).encode(), imwg.answer) for said in ("<2", "< 2", "<2.00")]

    assert answers[0] == answers[1] == answers[2]
    assert json.loads(answers[0])["assessments"][0]["because"] == (
        "Serum M-protein below 2 g/dL: a fall of more than 50.0 % from 4. "
        "PR is not confirmed: no evaluable assessment follows."
    )
