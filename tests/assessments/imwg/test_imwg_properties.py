"""What must hold for every course (docs/domain.md, sections 7 and 8)."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.imwg import rule as imwg
from assessments.imwg.amount import Below
from assessments.imwg.confirm import Step, confirm, one_a_day
from assessments.imwg.terms import NUMBERS, Assessment, PdSource, Response, ResponseSettings, Values

START = date(2024, 1, 15)
# Values on and beside the bounds of the rules, so that bounds are met often.
SERUM = [*map(Decimal, ("0", "0.1", "0.4", "0.5", "0.9", "1", "1.3", "1.5", "2", "2.5", "3", "4", "5", "5.5", "6"))]
URINE = [*map(Decimal, ("0", "99", "100", "199", "200", "399", "500", "1000", "1250"))]
CHAIN = [*map(Decimal, ("0", "5", "10", "60", "99", "100", "110", "210", "310", "510", "650"))]
MARROW = [*map(Decimal, ("0", "3", "4.9", "5", "15", "20", "30", "40", "50", "60"))]
SPD = [*map(Decimal, ("0", "1", "2", "2.9", "3", "4", "6"))]
CHOSEN: dict[str, list[Any]] = {
    **{"serum_m": SERUM, "urine_m": URINE, "kappa": CHAIN, "lambda_": CHAIN, "marrow_pc": MARROW, "spd": SPD},
    "ratio": [*map(Decimal, ("0.1", "0.25", "0.26", "1", "1.65", "1.66", "40"))],
    **{name: ["negative", "positive"] for name in ("ife_serum", "ife_urine")},
    **{name: [False, True] for name in ("marrow_clonal", "new_lesion")},
    "calcium": [*map(Decimal, ("9", "11.5", "11.6"))],
    "longest_diameter": SPD,
    "short_axis": [*map(Decimal, ("1", "1.2"))],
    "circulating_pc_percent": [*map(Decimal, ("5", "10", "20"))],
    "circulating_pc_per_ul": [*map(Decimal, ("100", "200", "300", "450"))],
    "lesions": [1, 2],
}
assert set(CHOSEN) == {f.name for f in fields(Values)}
LIMITS = {
    "serum_m": ("0.1", "0.5", "1", "2"),
    "urine_m": ("50", "100", "200", "500"),
    **dict.fromkeys(("kappa", "lambda_"), ("3", "5", "100")),
    "ratio": ("0.1", "0.3"),
    "marrow_pc": ("5", "20"),
    "spd": ("1", "2"),
}
SPARSE = (
    *("new_lesion", "longest_diameter", "short_axis", "lesions"),
    *("calcium", "circulating_pc_percent", "circulating_pc_per_ul"),
)


def values(chance: Random) -> Values:
    """Half of the usual items, few of the rare ones; some below a limit."""
    return Values(
        **{
            name: Below(Decimal(chance.choice(LIMITS[name])))
            if name in LIMITS and chance.random() < 0.15
            else chance.choice(known)
            for name, known in CHOSEN.items()
            if chance.random() < (0.1 if name in SPARSE else 0.6)
        }
    )


settings = st.builds(
    ResponseSettings,
    response_threshold=st.sampled_from(["MR", "PR"]),
    pd_confirmation=st.booleans(),
    ne=st.sampled_from(["skip", "break"]),
    max_confirmation_days=st.none() | st.just(40),
    nadir=st.sampled_from(["confirmed", "lowest"]),
    new_therapy=st.sampled_from(["censor", "ignore"]),
    dor_death=st.sampled_from(["censor", "event"]),
    ttp_myeloma_death=st.sampled_from(["censor", "event"]),
    missed_assessments=st.none() | st.just(2),
    hypercalcaemia_is_pd=st.booleans(),
)
days = st.integers(1, 8).map(lambda n: START + timedelta(14 * n))


# One whole number stands for a course: to draw each of its hundred items by itself takes minutes.
seeds = st.integers(0, 10**9).map(Random)


def course_of(chance: Random) -> tuple[Values, list[Assessment]]:
    """A baseline and one to six assessments, some of them on one day."""
    when = [START + timedelta(14 * chance.randint(1, 8)) for _ in range(chance.randint(1, 6))]
    return values(chance), [Assessment(date=on, values=values(chance), row=str(n)) for n, on in enumerate(when)]


sources = st.sampled_from([None, *PdSource])
given_responses = st.builds(
    Assessment, date=days, response=st.sampled_from(list(Response)), pd_source=sources, no_pd=st.booleans()
).map(lambda one: one if one.response is Response.NE else replace(one, no_pd=False))


def steps_of(assessments: list[Assessment]) -> list[Step]:
    return [Step(one.date, one.response, one.pd_source, one.no_pd) for one in assessments if one.response]


# Missing, order, scale.

NEVER_CARRIED = ("serum_m", "urine_m", "kappa", "lambda_", "ratio", "ife_serum", "ife_urine")


@given(seeds, settings)
def test_a_missing_item_never_raises_a_category(chance, rules):
    """Except out of PD, which that item itself may have shown; what is carried is removed from the whole course."""
    baseline, course = course_of(chance)
    hit, name = chance.randrange(len(course)), chance.choice(list(CHOSEN))
    own = course[hit].values
    assert own is not None
    # A ratio that is removed is worked out from its chains again: then nothing is missing.
    assume(name != "ratio" or own.kappa is None or own.lambda_ is None)

    def without(place: int, one: Assessment) -> Assessment:
        if one.values is None or (name in NEVER_CARRIED and place != hit):
            return one
        return replace(one, values=replace(one.values, **{name: None}))

    before = imwg.evaluate(baseline, course, rules)
    after = imwg.evaluate(baseline, [without(place, one) for place, one in enumerate(course)], rules)
    (had,) = (one.derived for one in before.visits if one.row == str(hit))
    (has,) = (one.derived for one in after.visits if one.row == str(hit))

    assert had is Response.PD or has.rank >= had.rank


@given(seeds, settings, st.none() | days)
def test_the_order_of_entry_does_not_matter(chance, rules, therapy):
    baseline, course = course_of(chance)

    def seen(assessments: list[Assessment]) -> Any:
        found = imwg.evaluate(baseline, assessments, rules, therapy)
        by_row = sorted((one.row, one.derived, one.confirmed, one.because) for one in found.visits)
        return by_row, found.best_confirmed, found.best_unconfirmed, found.best_change

    assert seen(chance.sample(course, len(course))) == seen(course)


@given(seeds, settings, st.integers(0, 12))
def test_how_a_number_is_written_changes_nothing(chance, rules, zeros):
    """1.3, 1.300 and 1.30000 are one value."""
    baseline, course = course_of(chance)

    def rewritten(measured: Values) -> Values:
        numbers = {name: getattr(measured, name) for name in NUMBERS}
        return replace(measured, **{n: longer(v) for n, v in numbers.items() if v is not None})

    def longer(value: Decimal | Below) -> Decimal | Below:
        if isinstance(value, Below):
            return Below(value.limit.quantize(Decimal(1).scaleb(-zeros - 2)))
        return value.quantize(Decimal(1).scaleb(-zeros - 2))

    again = [replace(one, values=rewritten(one.values)) for one in course if one.values]

    assert imwg.evaluate(rewritten(baseline), again, rules) == imwg.evaluate(baseline, course, rules)


@given(
    st.sampled_from(SERUM[5:]),
    st.lists(st.sampled_from(SERUM), min_size=1, max_size=5),
    st.sampled_from([10, 1000, 10**6]),
)
def test_a_fall_is_the_same_in_every_unit(base, values_, factor):
    """Falls are relative: with baseline, limit and values in another unit the categories below PD stay."""
    falling = sorted(values_, reverse=True)
    assume(falling[0] <= base)
    scaled = ResponseSettings(measurable_serum=Decimal("1.0") * factor)

    def categories(scale: int, rules: ResponseSettings) -> list[Response]:
        course = [
            Assessment(date=START + timedelta(28 * n), values=Values(serum_m=value * scale, urine_m=Decimal(0)))
            for n, value in enumerate(falling, 1)
        ]
        found = imwg.evaluate(Values(serum_m=base * scale), course, rules)
        return [one.derived for one in found.visits]

    assert categories(factor, scaled) == categories(1, ResponseSettings())


# Confirmation.


@given(st.lists(given_responses, max_size=8), settings, st.none() | days, st.lists(given_responses, max_size=3))
def test_nothing_after_pd_or_new_therapy_changes_the_best(course, rules, therapy, more):
    before = confirm(steps_of(course), rules, therapy)
    ends = [one.step.date for one in before.said if before.progression and one is before.progression]
    if therapy and rules.new_therapy == "censor":
        ends.append(therapy)
    assume(ends)
    # A PD by laboratory values may be confirmed after new therapy; what comes after it says nothing else.
    open_pd = any(
        one.step.response is Response.PD and not one.step.at_once and one.own is Response.NE for one in before.said
    )
    assume(not open_pd)
    later = [replace(one, date=min(ends) + timedelta(300 + 14 * n)) for n, one in enumerate(more)]
    after = confirm(steps_of([*course, *later]), rules, therapy)

    assert (after.best_confirmed, after.progression) == (before.best_confirmed, before.progression)


@given(st.lists(given_responses, max_size=8), settings, st.none() | days)
def test_confirming_never_raises_a_response(course, rules, therapy):
    found = confirm(steps_of(course), rules, therapy)

    if found.best_unconfirmed.response is not Response.PD:  # PD that is not confirmed gives way to NE or SD
        assert found.best_confirmed.response.rank >= found.best_unconfirmed.response.rank


@given(st.lists(given_responses, max_size=8), settings, st.none() | days)
def test_a_day_has_one_step_and_at_most_one_pd_counts(course, rules, therapy):
    steps = steps_of(course)
    found = confirm(steps, rules, therapy)

    assert [one.step for one in found.said] == one_a_day(steps)
    assert sum(one.own is Response.PD for one in found.said) == (found.progression is not None)
