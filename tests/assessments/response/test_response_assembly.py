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


def grouped(*visits):
    """The assessments after the first dose: row, date and what was measured; and what belongs to another."""
    found = assemble(visits, FIRST_DOSE, SETTINGS)
    names = ("serum_m", "urine_m", "kappa", "ife_serum", "marrow_pc")
    rows = [
        (one.row, one.date, [name for name in names if getattr(one.values, name) is not None])
        for one in found.assessments
    ]
    return rows, dict(found.joined)


def serum(row, day, *more, value="1.2"):
    return visit(row, day, number("serum_m", value, day), *more)


def urine(row, day, *more, value="30"):
    return visit(row, day, number("urine_m", value, day), *more)


def test_serum_and_urine_entered_as_two_visits_are_one_assessment():
    found = derived(BASE, serum("1", date(2026, 11, 24)), urine("2", date(2026, 11, 26)))

    assert [(one.row, one.derived, one.date) for one in found] == [("1", "PR", date(2026, 11, 26))]


@pytest.mark.parametrize(("days", "one"), [(7, True), (8, False)])
def test_seven_days_from_the_serum_sample_are_near_whichever_was_first(days, one):
    later = grouped(BASE, serum("1", on(2)), urine("2", on(2 + days)))[0]
    earlier = grouped(BASE, urine("1", on(2)), serum("2", on(2 + days)))[0]

    assert (len(later), len(earlier)) == ((1, 1) if one else (2, 2))
    assert not one or (later[0][0], earlier[0][0]) == ("1", "2"), "the visit with the serum sample stands for both"


def test_light_chains_immunofixation_and_marrow_of_three_visits_belong_to_it_too():
    rows, joined = grouped(
        BASE,
        serum("1", on(10)),
        urine("2", on(12)),
        visit("3", on(6), number("kappa", "20", on(6)), word("ife_serum", "negative", on(6))),
        visit("4", on(16), number("marrow_pc", "3", on(16))),
    )

    assert [(row, measured) for row, _, measured in rows] == [
        ("1", ["serum_m", "urine_m", "kappa", "ife_serum", "marrow_pc"])
    ]
    assert joined == {"2": "1", "3": "1", "4": "1"}


def test_two_that_hold_the_same_parameter_stay_two():
    rows, joined = grouped(BASE, serum("1", on(2), number("urine_m", "30", on(2))), urine("2", on(4)))

    assert [row for row, *_ in rows] == ["1", "2"] and joined == {}


def test_what_was_not_done_holds_nothing():
    first = serum("1", on(2), Measured(parameter="urine_m", sampled_on=on(2)))

    assert grouped(BASE, first, urine("2", on(4)))[1] == {"2": "1"}


@pytest.mark.parametrize(("day", "whose"), [(6, "1"), (7, "1"), (8, "3")])  # serum on 2 and 12 Feb: 7 Feb is a tie
def test_what_could_belong_to_two_belongs_to_the_nearer_serum_sample_to_the_earlier_at_a_tie(day, whose):
    assert grouped(BASE, serum("1", on(2)), urine("2", on(day)), serum("3", on(12)))[1] == {"2": whose}


def test_the_nearer_of_two_that_hold_the_same_belongs_to_it_and_the_other_to_nobody():
    rows, joined = grouped(BASE, serum("1", on(2)), urine("2", on(4)), urine("3", on(6)))

    assert joined == {"2": "1"} and [row for row, *_ in rows] == ["1", "3"]


def test_without_a_serum_sample_near_urine_and_light_chains_are_one():
    rows, joined = grouped(BASE, urine("1", on(2)), visit("2", on(5), number("kappa", "20", on(5))))

    assert joined == {"2": "1"} and [measured for *_, measured in rows] == [["urine_m", "kappa"]]


def test_a_visit_at_which_nothing_was_done_stays_beside_one_that_is_near():
    nothing = visit("2", on(4), Measured(parameter="urine_m", sampled_on=on(4)))

    found = derived(BASE, serum("1", on(2), number("urine_m", "30", on(2))), nothing)

    assert [(one.row, one.derived) for one in found] == [("1", "PR"), ("2", "NE")]


def test_a_sample_of_the_baseline_belongs_to_no_later_assessment():
    before = urine("1", FIRST_DOSE)

    assert grouped(serum("0", FIRST_DOSE, value="3.0"), before, serum("2", date(2026, 1, 8)))[1] == {}


def test_a_count_of_lesions_is_a_whole_number_at_baseline_and_after():
    base = visit("0", FIRST_DOSE, number("lesions", "1.0000", FIRST_DOSE), number("spd", "4", FIRST_DOSE))
    found = assemble([base, visit("1", on(2), number("lesions", "0", on(2)))], FIRST_DOSE, SETTINGS)

    assert found.baseline.lesions == 1 and isinstance(found.baseline.lesions, int)
    assert found.assessments[0].values.lesions == 0
