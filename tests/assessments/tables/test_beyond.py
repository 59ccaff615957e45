"""Beyond the DLT window: who was at risk in which cycle, and what would have been a DLT."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assessments.exposure import services as exposure
from assessments.exposure.services import DayChange
from assessments.tables import queries
from assessments.tables.beyond import InCycle, lines
from patients.dosing import cycle_starts
from patients.dosing import services as dosing
from tests import factories
from tests.assessments.tables.test_pages import get, rows, words
from tests.rest import ask
from trial.models import Drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """001 in cycle 3 with a reduction in cycle 2 and a DLT-like event in cycle 3; 002 stopped in cycle 2."""
    made = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    one, two = made.dose(), made.dose()
    made.later(28)
    with made.at():
        for patient in (one, two):
            dosing.start_cycle_2(trial=made.trial.pk, patient=patient.pk, on=made.today, by=made.coordinator)
    nausea = made.event(one, term="Nausea", grade=2)
    made.later(10)
    with made.at():
        dosing.stop_treatment(
            trial=made.trial.pk, patient=two.pk, on=made.today, stop_reason="Wish", related=False, by=made.investigator
        )
    made.later(18)
    drugs = {drug.name: drug.pk for drug in Drug.objects.filter(trial=made.trial)}
    half = [DayChange(day, "reduced", Decimal(5), "adverse_event", nausea.pk, "half a tablet") for day in (8, 15, 22)]
    with made.at():
        exposure.record_cycle(
            trial=made.trial.pk, patient=one.pk, cycle=2, by=made.coordinator,
            doses={drugs["selinexor"]: half, drugs["ruxolitinib"]: [], drugs["methylprednisolone"]: []},
        )  # fmt: skip
        cycle_starts.start_cycle(
            trial=made.trial.pk, patient=one.pk, number=3, on=made.today, by=made.coordinator
        )  # fmt: skip
    made.event(one, grade=4)  # platelets, possibly related
    made.event(one, term="Fatigue", grade=2)
    made.event(two, grade=4, onset_on=made.today - timedelta(days=40), ended_on=made.today - timedelta(days=39))
    made.patients = (one, two)
    return made


def test_each_cycle_says_who_was_at_risk_and_what_came(study):
    page = get(study, "safety/beyond/")

    found = rows(page)
    none = "0/2 · 0.0 % (0.0–84.2)"
    assert found["Level 1, cycle 2"] == [
        "2", none, "1/1 · 100.0 % (2.5–100.0)", "0/1 · 0.0 % (0.0–97.5)", "1/2 · 50.0 % (1.3–98.7)",
    ]  # fmt: skip
    assert found["Level 1, cycle 3"][:2] == ["1", "1/1 · 100.0 % (2.5–100.0)"]
    assert found["Level 1, cycle 3"][2] == "not estimable", "nothing of cycle 3 is recorded yet"
    assert found["All, cycle 2"] == found["Level 1, cycle 2"]
    assert "Level 1, cycle 1" not in found, "the event of 002 on day 17 is in the window: a suspected DLT of the count"


def test_every_number_leads_to_its_patients_and_the_endpoint_says_the_same(study):
    there = words(get(study, "safety/patients/", show="beyond-dlt", level="1", cycle="3"))
    assert "DLT-like event, after the DLT window, cycle 3, level 1" in there and "Platelet count decreased" in there
    assert "Fatigue" not in there
    stopped = words(get(study, "safety/patients/", show="beyond-stopped", level="1", cycle="2"))
    assert "1 of 2 treated patients" in stopped and "stopped 12 Feb 2026: Wish" in stopped

    answer = ask(study.dsmb, "safety/beyond-window/", study).json()
    (second, third) = [line for line in answer["lines"] if line["level"] == "1"]
    assert [(rate["what"], rate["x"], rate["n"], rate["patients"]) for rate in second["rates"]] == [
        ("dlt", 0, 2, []), ("reduced", 1, 1, ["001"]), ("held", 0, 1, []), ("stopped", 1, 2, ["002"]),
    ]  # fmt: skip
    assert third["patients"] == ["001"]
    path = "safety/patients/?show=beyond-reduced&cycle=2"
    assert [one["patient"] for one in ask(study.dsmb, path, study).json()["patients"]] == ["001"]


def test_levels_and_all_add_up():
    every = [
        InCycle(1, "1", 2, True, frozenset({"dlt"}), (4,)),
        InCycle(2, "2", 2, False, frozenset({"held"})),
        InCycle(2, "2", 3, True, frozenset({"held", "stopped"})),
    ]
    found = {(line.level, line.cycle): line for line in lines(every, ["1", "2"])}

    assert found["all", 2].patients == {1, 2}
    assert found["all", 2].found["held"][0].n == 1, "of the other nothing is recorded, so nothing is known"
    assert found["2", 3].found["stopped"][1] == {2}


def test_an_event_behind_a_reduced_dose_led_to_a_dose_change(study):
    assert rows(get(study))["Leading to a dose change"][0] == "1 (50.0 %)"
    found = ask(study.dsmb, "safety/adverse-events/?dose=yes", study).json()
    assert (found["events"], [line["term"] for line in found["lines"]]) == (1, ["", "", "Nausea"])
    one = study.patients[0]
    assert [event.dose_change for event in queries.events(study.trial.pk, [one.pk])] == [True, False, False]
