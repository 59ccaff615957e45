"""The demo's tables beside what base R and survival make of the same rows (tests/data/safety/tables.R)."""

from fractions import Fraction

import pytest

from assessments.tables.adverse import ALL, adverse_table
from assessments.tables.incidence import Followed, followed, incidence
from assessments.tables.rows import all_emergent
from assessments.tables.summary import exposure
from tests import safety_rows


@pytest.fixture(scope="module")
def rows():
    return safety_rows.stored()


def levels(patients):
    return sorted({one.level for one in patients})


def near(said):
    return pytest.approx(float(said), rel=1e-9, abs=1e-11) if said else None


def assert_same_curve(steps, stored):
    assert [(one.days, one.n_risk) for one in steps] == [(int(row["days"]), int(row["n_risk"])) for row in stored]
    for one, row in zip(steps, stored, strict=True):
        assert (one.event, one.std_err, one.death, one.ended) == tuple(
            near(row[name]) for name in ("event", "std_err", "death", "ended")
        )
        assert (one.lower, one.upper) == (near(row["lower"]), near(row["upper"]))


def test_the_table_of_adverse_events_is_that_of_r(rows):
    patients, events = rows
    table = adverse_table(all_emergent(events, patients), patients, levels(patients))

    stored = {(row["soc"], row["term"], row["level"]): row for row in safety_rows.read("r_table")}
    assert {(line.soc, line.term) for line in table.lines} == {(soc, term) for soc, term, _ in stored}
    for line in table.lines:
        for level in (*table.levels, ALL):
            row, counts = stored[line.soc, line.term, level], line.counts[level]
            said = (counts.any, counts.low, counts.high, counts.five, table.n[level])
            assert said == tuple(int(row[name]) for name in ("any", "low", "high", "five", "n"))
            assert float(Fraction(100 * counts.any, table.n[level])) == near(row["percent"])


def test_exposure_is_that_of_r(rows):
    patients, _ = rows
    drugs = [one.name for one in patients[0].drugs]
    found = {}
    for one in exposure(patients, levels(patients), drugs):
        of = {"days": one.days, "cycles": one.cycles}
        of |= {f"{name} intensity": one.intensity[name] for name in drugs}
        of |= {f"{name} days": one.dosed[name] for name in drugs}
        found |= {(what, one.level): value for what, value in of.items() if value is not None}

    stored = {(row["what"], row["level"]): row for row in safety_rows.read("r_exposure")}
    assert set(found) == set(stored)
    for key, value in found.items():
        row = stored[key]
        assert value.n == int(row["n"])
        for name in ("median", "low", "high"):
            assert float(getattr(value, name)) == near(row[name])


def test_cumulative_incidence_is_that_of_r(rows):
    patients, events = rows
    found = all_emergent(events, patients)
    ends = [followed(one, [e for e in found if e.event.patient == one.number]) for one in patients]

    assert_same_curve(incidence(ends), safety_rows.read("r_incidence"))


def test_cumulative_incidence_with_ties_of_every_kind_is_that_of_r():
    cases = [Followed(int(row["days"]), row["end"]) for row in safety_rows.read("r_cases")]

    assert_same_curve(incidence(cases), safety_rows.read("r_cases_incidence"))
