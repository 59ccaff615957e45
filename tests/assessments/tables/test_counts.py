"""What the safety tables count, by hand and for any rows: each patient once, bands that add up, one denominator."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.tables import rows
from assessments.tables.adverse import ALL, BANDS, FILTERS, adverse_table, denominators, fits
from assessments.tables.behind import COUNTED, FOLLOWED, Wanted, behind
from assessments.tables.edish import Answered, quadrants
from assessments.tables.heat import heat
from assessments.tables.incidence import followed
from assessments.tables.rows import Drug, Event, Treated, all_emergent, emergent
from assessments.tables.summary import (
    days_held,
    disposition,
    dlt_rates,
    exposure,
    overview,
    soon_after,
    treated_days,
)

DAY_1 = date(2026, 3, 2)
LEVELS = ("1", "2")


def day(n):
    """Study day n: day 1 is the first dose, the day before it day -1."""
    return DAY_1 + timedelta(days=n - 1 if n > 0 else n)


def treated(number=1, level="1", *, until=200, ended=False, **more):
    return Treated(
        number=number, level=level, first_dose=DAY_1, last_dose=more.pop("last_dose", None), until=day(until),
        ended=ended, window_ends=day(28), **more,
    )  # fmt: skip


def event(onset, grade=2, *, patient=1, term="Nausea", soc="Gut", ended=None, last=None, history=(), **flags):
    said = {"related": False, "serious": False, "dose_change": False, "led_to_stop": False} | flags
    return Event(
        number=1, patient=patient, term=term, soc=soc, grade=grade, onset=day(onset),
        onset_last=day(last) if last else None, ended=day(ended) if ended else None,
        history=tuple((day(on), g) for on, g in history), **said,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "grade", "severe"),
    [
        (event(1), 2, None),  # of the day of the first dose
        (event(-1), None, None),  # before it, and no worse since
        (event(100, 4), 4, 100),
        (event(201), None, None),  # after the period
        (event(-5, 3, history=[(-5, 2), (10, 3), (20, 1)]), 3, 10),  # worse than before
        (event(-5, 2, history=[(-5, 2), (10, 1), (20, 2)]), None, None),  # as before
        (event(-9, 3, history=[(-9, 3), (-2, 1), (8, 2)]), 2, None),  # as it stood at the first dose, not its worst
        (event(50, 4, history=[(50, 2), (201, 4)]), 2, None),  # worse after the period alone
        (event(-20, 3, last=11), 3, 1),  # of an onset that may be in the period
        (event(30, None), 0, None),  # not graded yet
        (event(30, 3, history=[(35, 3)]), 3, 35),  # of whose onset the grade is not given yet
    ],
)
def test_an_event_is_emergent_at_its_worst_grade_of_the_period(one, grade, severe):
    found = emergent(one, treated())

    assert (found.grade if found else None) == grade
    assert (found.severe_on if found else None) == (day(severe) if severe else None)


@pytest.mark.parametrize(
    ("known", "last", "ended"),
    [
        ({}, 200, False),  # on treatment: to the day of the cut
        ({"stopped": day(50)}, 80, True),
        ({"stopped": day(50), "last_dose": day(43)}, 73, True),
        ({"stopped": day(190)}, 200, False),  # the thirty days are not over
        ({"stopped": day(50), "new_therapy": day(60)}, 59, True),
        ({"new_therapy": day(40)}, 39, True),
    ],
)
def test_a_period_ends_thirty_days_after_the_last_dose_and_before_another_therapy(known, last, ended):
    given = {"last_dose": None, "stopped": None, "new_therapy": None} | known

    assert rows.period(on=day(200), emergent_days=30, **given) == (day(last), ended)


def test_a_patient_stands_once_a_line_at_his_worst_grade():
    patients = [treated(1, "1"), treated(2, "1"), treated(3, "2")]
    events = [
        event(2, 1), event(9, 3), event(11, 2, term="Vomiting"), event(4, 5, patient=3),
        event(4, 2, patient=3, term="Anemia", soc="Blood"), event(7, None, patient=2, term="Anemia", soc="Blood"),
    ]  # fmt: skip
    table = adverse_table(all_emergent(events, patients), patients, LEVELS)

    said = {(line.soc, line.term): [tuple(line.counts[at]) for at in (*LEVELS, ALL)] for line in table.lines}
    assert said == {
        ("", ""): [(0, 1, 0, 1), (0, 0, 1, 0), (0, 1, 1, 1)],
        ("Blood", ""): [(0, 0, 0, 1), (1, 0, 0, 0), (1, 0, 0, 1)],
        ("Blood", "Anemia"): [(0, 0, 0, 1), (1, 0, 0, 0), (1, 0, 0, 1)],
        ("Gut", ""): [(0, 1, 0, 0), (0, 0, 1, 0), (0, 1, 1, 0)],
        ("Gut", "Nausea"): [(0, 1, 0, 0), (0, 0, 1, 0), (0, 1, 1, 0)],
        ("Gut", "Vomiting"): [(1, 0, 0, 0), (0, 0, 0, 0), (1, 0, 0, 0)],
    }
    assert [line.term or line.soc for line in table.lines] == [
        "", "Blood", "Anemia", "Gut", "Nausea", "Vomiting",  # by falling frequency, then by name
    ]  # fmt: skip
    assert table.n == {"1": 2, "2": 1, ALL: 3}


flags = st.booleans()
some_events = st.lists(
    st.builds(
        lambda patient, onset, grade, term, *said: event(
            onset,
            grade,
            patient=patient,
            term=term,
            soc=term[0],
            **dict(zip(("related", "serious", "dose_change", "led_to_stop"), said, strict=True)),
        ),
        st.integers(1, 6),
        st.sampled_from([-3, 1, 20, 40, 150, 230]),
        st.sampled_from([None, 1, 2, 3, 4, 5]),
        st.sampled_from(["Ab", "Ac", "Ba"]),
        *[flags] * 4,
    ),
    max_size=25,
)
some_patients = st.lists(
    st.tuples(
        st.sampled_from(LEVELS),
        st.sampled_from([None, 30, 100]),
        st.sampled_from([None, 35, 120]),
        st.sampled_from(["dlt", "no_dlt", "pending", "suspected", "not_evaluable"]),
    ),
    max_size=6,
)


@given(some_patients, some_events)
def test_the_tables_add_up_and_every_number_has_its_patients(made, events):
    patients, outcomes = [], {}
    for number, (level, stopped, died, outcome) in enumerate(made, 1):
        stop = {"stopped": day(stopped), "stop_reason": f"reason {stopped % 3}"} if stopped else {}
        until, ended = rows.period(
            on=day(200), last_dose=None, stopped=stop.get("stopped"), new_therapy=None, emergent_days=30
        )
        patients.append(
            treated(
                number, level, until=(until - DAY_1).days + 1, ended=ended, died=day(died) if died else None, **stop
            )
        )
        outcomes[number] = outcome
    found = all_emergent(events, patients)
    n = denominators(patients, LEVELS)
    ends = {one.number: followed(one, [e for e in found if e.event.patient == one.number]) for one in patients}

    def behind_it(**asked):
        return behind(Wanted(**asked), patients, found, outcomes, ends)

    # one denominator, whichever table says it
    parts, rates = disposition(patients), dlt_rates(patients, outcomes, LEVELS)
    exposed = exposure(patients, LEVELS, ())
    assert sum(n[level] for level in LEVELS) == n[ALL] == len(patients)
    for level in (*LEVELS, ALL):
        at = {name: by_level.get(level, frozenset()) for name, by_level in parts.items()}
        assert n[level] == len(at["treated"]) == len(at["on"]) + len(at["stopped"])
        assert len(at["stopped"]) == sum(len(who) for name, who in at.items() if name.startswith("stopped: "))
        assert next(one.n for one in exposed if one.level == level) == n[level]
    for rate in rates:
        assert rate.treated == n[rate.level] == rate.rate.n + rate.pending + rate.left_out
        assert [len(behind_it(show=f"count-{name}", level=rate.level)) for name in COUNTED] == [
            rate.rate.n, rate.rate.x, rate.pending, rate.left_out,
        ]  # fmt: skip

    # the table of events, with and without a filter
    for asked in ((), ("related",), ("serious", "dose")):
        kept = [one for one in found if fits(one, asked)]
        table = adverse_table(kept, patients, LEVELS)
        assert table.n == n
        for line in table.lines:
            for at in (*LEVELS, ALL):
                counts = line.counts[at]
                assert counts.any == sum(counts) <= n[at]
                for band in BANDS:
                    who = behind_it(
                        show="adverse", level="" if at == ALL else at, soc=line.soc, term=line.term, band=band,
                        filters=asked,
                    )  # fmt: skip
                    assert len(who) == getattr(counts, band)
            assert [sum(line.counts[level][k] for level in LEVELS) for k in range(4)] == list(line.counts[ALL])
        of_class = [line for line in table.lines if not line.term and line.soc]
        for line in of_class:
            most = max(t.counts[ALL].any for t in table.lines if t.soc == line.soc and t.term)
            assert most <= line.counts[ALL].any <= table.lines[0].counts[ALL].any

    # the overview says of all events what the table's first line says
    lines = overview(found, patients)
    whole = adverse_table(found, patients, LEVELS).lines[0].counts[ALL]
    assert len(lines["any"][ALL]) == whole.any
    assert len(lines["fatal"][ALL]) == whole.five
    assert len(lines["severe"][ALL]) == whole.high + whole.five
    assert sum(len(behind_it(show=f"first-{end}")) for end in FOLLOWED) == n[ALL]
    assert set(FILTERS) < set(lines)


def test_the_first_of_the_ends_is_the_one_that_counts():
    severe = emergent(event(20, 3), treated())
    assert followed(treated(), []) == (199, "censored")
    assert followed(treated(died=day(40)), []) == (39, "death")
    assert followed(treated(until=60, ended=True), []) == (59, "ended")
    assert followed(treated(until=60, ended=True, died=day(90)), []) == (59, "ended")  # dead after the period
    assert followed(treated(died=day(20)), [severe]) == (19, "event")  # of one day the event counts


def test_a_cell_of_the_heat_map_is_the_worst_grade_that_stood_in_the_cycle():
    one = treated(until=70, cycles=[day(1), day(36)])
    events = [
        event(20, 2, ended=40),
        event(30, 4, term="Anemia", ended=50, history=[(30, 1), (38, 4), (45, 2)]),
        event(-5, 3, term="Pain", history=[(-5, 2), (66, 3)]),  # grade 2 was there before
    ]
    (row,) = heat([one], all_emergent(events, [one]), 28)

    assert list(row.grades) == [2, 4, 3]  # day 1-35, 36-63, 64-70: as recorded, then by the calendar


def test_exposure_is_the_median_with_least_and_most():
    patients = [
        treated(1, stopped=day(50), last_dose=day(43), cycles=[day(1), day(29)], recorded=True,
                drugs=[Drug("s", Decimal(400), Decimal(300), 43)]),
        treated(2, "2", until=20, cycles=[day(1)], recorded=True, drugs=[Drug("s", Decimal(160), Decimal(160), 15)]),
    ]  # fmt: skip
    every = exposure(patients, LEVELS, ["s"])[-1]

    assert [treated_days(one) for one in patients] == [43, 20]
    assert (every.days.median, every.days.low, every.days.high) == (Fraction(63, 2), 20, 43)
    assert (every.cycles.median, every.dosed["s"].low) == (Fraction(3, 2), 15)
    assert (every.intensity["s"].low, every.intensity["s"].high) == (75, 100)


def test_a_death_is_marked_until_thirty_days_after_the_last_dose():
    assert [
        soon_after(treated(stopped=day(10), last_dose=last, died=day(40)))
        for last in (day(9), day(10), None)  # 31 and 30 days before it; not known
    ] == [False, True, True]


def test_days_on_hold_are_counted_once():
    spells = [(day(1), day(11)), (day(6), day(16)), (day(30), None)]

    assert days_held(spells, day(40)) == 15 + 10


def test_a_patient_stands_in_the_gravest_quadrant_of_hys_law():
    answers = [Answered(1, 1, True, None), Answered(2, 1, True, True), Answered(3, 2, False, True)]

    assert {name: [one.event for one in of] for name, of in quadrants(answers).items() if of} == {
        "hy": [2], "cholestasis": [3],
    }  # fmt: skip
