"""From samples to assessments: baseline, dates, limits, units. Worked by hand from docs/domain.md, section 7."""

from datetime import date
from decimal import Decimal as D

import pytest

from assessments.imwg import rule as imwg
from assessments.imwg.amount import Below
from assessments.imwg.measure import normal_ratio
from assessments.imwg.terms import ResponseSettings
from assessments.response.assembly import Measured, Taken, assemble, values_of
from assessments.response.parameters import PARAMETERS, canonical

FIRST_DOSE = date(2026, 1, 5)
SETTINGS = ResponseSettings()


def on(day, month=2):
    return date(2026, month, day)


def number(parameter, value, day, *, below=False):
    return Measured(parameter=parameter, sampled_on=day, value=D(value), below=below)


def word(parameter, answer, day):
    return Measured(parameter=parameter, sampled_on=day, answer=answer)


def visit(row, day, *measured):
    return Taken(row=row, visit_on=day, measured=measured)


def derived(*visits):
    found = assemble(visits, FIRST_DOSE, SETTINGS)
    return imwg.evaluate(found.baseline, found.assessments, SETTINGS).visits


@pytest.mark.parametrize(
    ("parameter", "entered", "unit", "expected"),
    [
        ("serum_m", "32", "g/L", "3.2"),
        ("serum_m", "1300", "mg/dL", "1.3"),
        ("serum_m", "0.13", "g/dL", "0.13"),
        ("kappa", "12.5", "mg/dL", "125"),
        ("urine_m", "0.45", "g/24 h", "450"),
        ("spd", "1250", "mm²", "12.5"),
        ("short_axis", "11", "mm", "1.1"),
        ("calcium", "2.9", "mmol/L", "11.6232"),  # 2.9 × 4.008
        ("circulating_pc_per_ul", "0.25", "10⁹/L", "250"),
    ],
)
def test_units_are_converted_exactly(parameter, entered, unit, expected):
    assert canonical(parameter, D(entered), unit) == D(expected)


@pytest.mark.parametrize(
    ("parameter", "entered", "unit", "sentence"),
    [
        ("serum_m", "32", "g/dL", "more than can be"),
        ("serum_m", "-1", "g/dL", "is below 0"),
        ("serum_m", "1", "mg/L", "is not one of g/dL, g/L, mg/dL"),
        ("marrow_pc", "101", "%", "more than can be"),
        ("ife_serum", "1", "", "is no number"),
        ("serum_m", "NaN", "g/dL", "is below 0"),
    ],
)
def test_what_cannot_be_is_refused_by_name(parameter, entered, unit, sentence):
    with pytest.raises(ValueError, match=PARAMETERS[parameter].label) as refused:
        canonical(parameter, D(entered), unit)
    assert sentence in str(refused.value)


def test_baseline_is_the_last_value_of_each_parameter_on_or_before_the_first_dose():
    found = assemble(
        [
            visit(
                "1",
                date(2025, 12, 20),
                number("serum_m", "3.0", date(2025, 12, 20)),
                number("urine_m", "400", date(2025, 12, 20)),
            ),
            visit("2", FIRST_DOSE, number("serum_m", "3.4", FIRST_DOSE)),
            visit("3", on(2), number("serum_m", "1.0", on(2)), number("urine_m", "30", on(2))),
        ],
        FIRST_DOSE,
        SETTINGS,
    )

    assert (found.baseline.serum_m, found.baseline.urine_m) == (D("3.4"), D("400"))
    assert [one.date for one in found.assessments] == [on(2)]


def test_an_old_ratio_does_not_stand_beside_newer_chains():
    earlier = date(2025, 12, 20)
    found = assemble(
        [
            visit(
                "1",
                earlier,
                number("kappa", "10", earlier),
                number("lambda", "10", earlier),
                number("ratio", "1", earlier),
            ),
            visit("2", FIRST_DOSE, number("kappa", "500", FIRST_DOSE), number("lambda", "10", FIRST_DOSE)),
        ],
        FIRST_DOSE,
        SETTINGS,
    )

    assert found.baseline.ratio is None
    assert found.baseline.kappa == D("500")


BASE = visit("0", FIRST_DOSE, number("serum_m", "3.0", FIRST_DOSE), number("urine_m", "400", FIRST_DOSE))


def test_an_assessment_is_dated_by_the_latest_sample_that_its_category_needs():
    (found,) = derived(
        BASE,
        visit(
            "1", on(2), number("serum_m", "1.2", on(2)), number("urine_m", "30", on(4)), number("marrow_pc", "8", on(6))
        ),
    )

    assert (found.derived, found.date) == ("PR", on(4))  # serum −60 %, urine −92.5 %; marrow is not needed for PR


def test_a_remission_is_dated_by_the_marrow_that_it_needs():
    measured = [
        number("serum_m", "0", on(2)),
        word("ife_serum", "negative", on(2)),
        number("urine_m", "0", on(3)),
        word("ife_urine", "negative", on(3)),
        number("marrow_pc", "2", on(6)),
    ]

    (found,) = derived(BASE, visit("1", on(2), *measured))

    assert (found.derived, found.date) == ("CR", on(6))


def test_a_progression_seen_in_serum_is_dated_by_serum():
    (found,) = derived(
        BASE, visit("1", on(2), number("serum_m", "3.8", on(2)), number("urine_m", "400", on(4)))
    )  # 3.0 to 3.8: +26.7 % and +0.8 g/dL

    assert (found.derived, found.date) == ("PD", on(2))


def test_below_the_limit_reaches_the_rule_as_such():
    found = values_of(
        [
            number("serum_m", "0.5", on(2), below=True),
            number("lambda", "5", on(2), below=True),
            number("kappa", "5", on(2)),
        ]
    )

    assert (found.serum_m, found.lambda_, found.kappa) == (Below(D("0.5")), Below(D("5")), D("5"))


def test_below_the_limit_is_judged_by_all_that_it_may_be():
    (found,) = derived(
        visit("0", FIRST_DOSE, number("serum_m", "6.0", FIRST_DOSE)),
        visit("1", on(2), number("serum_m", "0.7", on(2), below=True), number("urine_m", "40", on(2))),
    )

    assert found.derived == "PR"  # somewhere from 88 to 100 % down: only PR is proven


@pytest.mark.parametrize("fixation", ["positive", "negative", ""])
def test_what_electrophoresis_does_not_see_is_gone_or_seen_by_immunofixation_only(fixation):
    (found,) = derived(
        visit("0", FIRST_DOSE, number("serum_m", "1.0", FIRST_DOSE)),
        visit(
            "1",
            on(2),
            number("serum_m", "0.2", on(2), below=True),
            *([word("ife_serum", fixation, on(2))] if fixation else []),
            number("urine_m", "40", on(2)),
        ),
    )

    assert found.derived == "VGPR"


def test_a_baseline_below_the_limit_is_not_measurable():
    (found,) = derived(
        visit("0", FIRST_DOSE, number("serum_m", "1.0", FIRST_DOSE, below=True)),
        visit("1", on(2), number("serum_m", "0.2", on(2))),
    )

    assert (found.derived, found.no_pd) == ("NE", True)


def test_not_done_is_evidence_that_is_not_there():
    (found,) = derived(
        BASE,
        visit("1", on(2), number("serum_m", "1.2", on(2)), Measured(parameter="urine_m", sampled_on=on(2))),
    )

    assert found.derived == "NE"
    assert "Urine M-protein, measurable at baseline, is missing" in found.because


def test_a_visit_where_nothing_was_done_is_there_and_not_evaluable():
    (found,) = derived(BASE, visit("1", on(2), Measured(parameter="serum_m", sampled_on=on(2))))

    assert (found.derived, found.date) == ("NE", on(2))


def test_a_chain_below_its_limit_does_not_make_a_normal_ratio():
    values = values_of([number("kappa", "5", on(2), below=True), number("lambda", "10", on(2))])

    given = values_of([number("kappa", "5", on(2), below=True), number("ratio", "0.5", on(2))])

    assert (normal_ratio(values), normal_ratio(given)) == (None, True)


def test_a_sample_after_the_first_dose_is_no_baseline_though_its_visit_was_before():
    found = assemble(
        [visit("0", FIRST_DOSE, number("serum_m", "3.0", FIRST_DOSE), number("urine_m", "400", date(2026, 1, 8)))],
        FIRST_DOSE,
        SETTINGS,
    )

    assert found.baseline.urine_m is None
    assert [one.date for one in found.assessments] == [date(2026, 1, 8)]
