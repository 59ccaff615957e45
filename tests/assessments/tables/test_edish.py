"""eDISH: peaks of liver tests as events hold them, what a report of one may say, and what is drawn of them."""

from decimal import Decimal

import pytest

from assessments.tables.edish import Peak, points
from assessments.tables.edish_figure import edish_figure
from tests import factories
from tests.assessments.tables.test_pages import get, rows, words
from tests.rest import ask
from trial.refusals import Implausible, Refused

ALT, AST, BILIRUBIN = (
    f"{test} increased" for test in ("Alanine aminotransferase", "Aspartate aminotransferase", "Blood bilirubin")
)


def peak(event, patient, times, *, bilirubin=False):
    return Peak(event, patient, bilirubin, Decimal(times))


def test_the_highest_of_each_test_counts_and_a_limit_that_is_only_reached_is_not_passed():
    found = points(
        [
            peak(1, 2, "3"), peak(2, 2, "2", bilirubin=True),  # both limits reached, none passed
            peak(3, 1, "2"), peak(4, 1, "3.01"), peak(5, 1, "2.5", bilirubin=True), peak(6, 1, "2.4", bilirubin=True),
            peak(7, 3, "40"),  # no bilirubin
            peak(8, 4, "1"), peak(9, 4, "9", bilirubin=True), peak(10, 5, "9"), peak(11, 5, "1", bilirubin=True),
        ]
    )  # fmt: skip

    assert [(one.patient, one.quadrant) for one in found] == [(1, "hy"), (2, "near"), (4, "cholestasis"), (5, "temple")]
    assert (found[0].transferase.event, found[0].bilirubin.event) == (4, 5)


def test_both_axes_are_logarithmic():
    """A tenth, one, ten and a hundred are as far from each other; so ten times lies a third of the axis further."""
    marks = edish_figure(points([peak(1, 1, "1"), peak(2, 1, "1", bilirubin=True)]), str)
    more = edish_figure(points([peak(1, 1, "10"), peak(2, 1, "10", bilirubin=True)]), str)

    def at(figure):
        shape = figure.partition('class="mark"')[2]
        if "<circle" in shape:
            return [float(shape.partition(f'{name}="')[2].partition('"')[0]) for name in ("cx", "cy")]
        corners = [pair.split(",") for pair in shape.partition('points="')[2].partition('"')[0].split()]
        return [sum(float(c[0]) for c in corners) / 3, float(corners[-1][1])]

    assert at(more)[0] - at(marks)[0] == pytest.approx((752 - 60) / 3, abs=1)


@pytest.fixture
def study():
    made = factories.study().open()
    made.one, made.two = made.dose(), made.dose()
    return made.later(3)


def liver(study, patient, term, value, uln, *, unit="U/L", **said):
    values = {"peak_value": Decimal(value), "peak_uln": Decimal(uln), "peak_unit": unit}
    return study.event(patient, term=term, grade=3 if Decimal(value) / Decimal(uln) > 5 else 2, **values | said)


@pytest.mark.django_db
def test_what_a_peak_cannot_be_is_named_at_its_field(study):
    wrong = [
        ("peak_uln", "or none of them", {"peak_uln": None}),
        ("peak_unit", "choose U/L or µkat/L", {"peak_unit": "mg/dL"}),
        ("peak_value", "of ALT, AST and bilirubin alone", {"term": "Nausea"}),
        ("alt_or_ast_above_3_uln", "beside a peak of 4 × ULN", {"qualifiers": {"alt_or_ast_above_3_uln": False}}),
        ("peak_value", "200 × ULN; more than 150 × ULN is unlikely", {"peak_value": Decimal(8000)}),
    ]
    for field, sentence, said in wrong:
        with pytest.raises(Refused, match=sentence) as refusal:
            liver(study, study.one, **{"term": ALT, "value": 160, "uln": 40} | said)
        assert refusal.value.field == field
        assert isinstance(refusal.value, Implausible) == ("unlikely" in sentence)
    stands = liver(study, study.one, ALT, 8000, 40, unusual="Ischaemic hepatitis, measured twice.")
    assert stands.unusual == "Ischaemic hepatitis, measured twice."


@pytest.mark.django_db
def test_the_display_draws_who_has_both_values_and_lists_the_others(study):
    liver(study, study.one, AST, 160, 40)
    bilirubin = liver(study, study.one, BILIRUBIN, "3.6", "1.2", unit="mg/dL")
    liver(study, study.two, ALT, 90, 45)

    page = get(study, "safety/displays/")

    assert rows(page)["001"] == [
        "4, AE 1", "3, AE 2", "ALT or AST > 3 × ULN and bilirubin > 2 × ULN: Hy's law range",
    ]  # fmt: skip
    assert "Patient 001: ALT or AST 4, bilirubin 3 × ULN, Hy's law range." in words(page)
    assert "Without values of both: 002" in words(page)
    (point,) = ask(study.dsmb, "safety/displays/", study).json()["edish"]
    assert (point["patient"], point["transferase"], point["bilirubin"], point["events"]) == ("001", 4, 3, [1, 2])
    shown = ask(study.dsmb, f"events/{bilirubin.pk}/", study).json()
    assert (shown["peak_value"], shown["peak_unit"], shown["peak_uln"]) == ("3.6000", "mg/dL", "1.2000")
    assert "3.6 mg/dL, 3 × ULN (1.2)" in words(get(study, "events/2/"))
