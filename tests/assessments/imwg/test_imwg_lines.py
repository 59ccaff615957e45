"""What a figure of a course draws: deciding parameters, limits of categories, nadirs and where progression begins.

Expected values are worked by hand from docs/domain.md, section 7.
"""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.imwg import rule as imwg
from assessments.imwg.amount import exactly
from assessments.imwg.lines import limits, lines
from assessments.imwg.progress import rises_to
from assessments.imwg.terms import Assessment, ResponseSettings, Values

SETTINGS = ResponseSettings()


def course(baseline, *values, settings=SETTINGS):
    taken = [Assessment(date=date(2026, 1 + k, 1), values=v, row=f"DA {k}") for k, v in enumerate(values, 1)]
    return lines(baseline, taken, settings)


@pytest.mark.parametrize(
    ("name", "base", "expected"),
    [
        ("serum_m", "3.0", [("VGPR", "0.3", False), ("PR", "1.5", False), ("MR", "2.25", False)]),
        # a fall to below 200 is PR, to below 100 VGPR
        ("urine_m", "600", [("VGPR", "100", True), ("PR", "200", True), ("MR", "300", False)]),
        # 10 % of 5000 is more than 200
        ("urine_m", "5000", [("VGPR", "100", True), ("PR", "500", False), ("MR", "2500", False)]),
        # measurable by a lower setting: only the fall counts, and whoever has it is below 100 as well
        ("urine_m", "150", [("VGPR", "15", False), ("PR", "15", False), ("MR", "75", False)]),
        ("dflc", "400", [("VGPR", "40", False), ("PR", "200", False)]),
        ("marrow_pc", "40", [("PR", "20", False)]),
    ],
)
def test_limits_of_each_parameter(name, base, expected):
    found = [(one.response.value, one.value, one.below) for one in limits(name, F(base))]

    assert found == [(response, F(value), below) for response, value, below in expected]


@pytest.mark.parametrize(
    ("name", "low", "expected"),
    [
        ("serum_m", "1.0", "1.5"),  # 0.5 is more than 25 %
        ("serum_m", "4.0", "5.0"),  # 25 % is more than 0.5
        ("serum_m", "5.0", "6.0"),  # from 5 on 1 g/dL alone
        ("serum_m", "8.0", "9.0"),
        ("serum_m", "0", "0.5"),
        ("urine_m", "100", "300"),
        ("urine_m", "1000", "1250"),
        ("dflc", "100", "200"),
        ("dflc", "800", "1000"),
        ("marrow_pc", "10", "20"),
        ("marrow_pc", "60", "75"),
    ],
)
def test_where_a_rise_is_progression(name, low, expected):
    assert rises_to(name, exactly(F(low))) == F(expected)


def test_serum_and_urine_both_decide_when_both_are_measurable():
    found = course(Values(serum_m=D("2.0"), urine_m=D(600), kappa=D(500), lambda_=D(5)), Values(serum_m=D("1.0")))

    assert [one.name for one in found] == ["serum_m", "urine_m"]
    assert [point.value for point in found[0].points] == [1]
    assert [point.value for point in found[1].points] == [None]  # missing is no zero


@pytest.mark.parametrize(
    ("baseline", "names"),
    [
        (Values(serum_m=D("0.4"), kappa=D(500), lambda_=D(5)), ["dflc"]),
        (Values(kappa=D(90), lambda_=D(5), marrow_pc=D(40)), ["marrow_pc"]),
        (Values(serum_m=D("0.4")), []),
    ],
)
def test_what_decides_when_m_protein_is_not_measurable(baseline, names):
    assert [one.name for one in course(baseline, Values(serum_m=D("0.4")))] == names


def test_the_nadir_before_each_visit():
    values = [Values(serum_m=D(v)) for v in ("2.0", "1.5", "1.4", "1.9")]
    (line,) = course(Values(serum_m=D("3.0")), *values)
    (lowest,) = course(Values(serum_m=D("3.0")), *values, settings=ResponseSettings(nadir="lowest"))

    # pairs (2.0, 1.5) and (1.5, 1.4): their higher ones are 2.0 and 1.5
    assert [point.nadir for point in line.points] == [3, 3, 2, F("1.5")]
    assert [point.progression for point in line.points] == [F("3.75"), F("3.75"), F("2.5"), 2]
    assert [point.nadir for point in lowest.points] == [3, 2, F("1.5"), F("1.4")]


@given(st.decimals("1", "10", places=1), st.decimals("0", "12", places=2), st.sampled_from(["confirmed", "lowest"]))
def test_a_value_and_the_lines_give_the_category_of_the_rule(base, value, nadir):
    """One later value of serum alone: up to a limit it is that category, from the progression line on it is PD."""
    settings = ResponseSettings(nadir=nadir)
    one = Assessment(date=date(2026, 2, 1), values=Values(serum_m=value, urine_m=D(0)), row="DA 1")
    (line,) = lines(Values(serum_m=base), [one], settings)
    said = imwg.evaluate(Values(serum_m=base), [one], settings).visits[0].derived

    (point,) = line.points
    if point.value >= point.progression:
        expected = "PD"
    else:
        expected = next((limit.response for limit in line.limits if point.value <= limit.value), "SD")
    assert said == expected
