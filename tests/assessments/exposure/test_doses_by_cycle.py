"""Doses by cycle as the site says them, and what the count reads of them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client

from assessments.count import queries as count
from assessments.events import services as events
from assessments.events.report import stored
from assessments.exposure import queries, services
from assessments.exposure.services import DayChange
from escalation.outstanding import blocked
from patients.consent.models import Deviation
from patients.dosing import corrections, cycle_starts, cycles
from patients.dosing import services as dosing
from patients.dosing.models import CycleDoses, DoseDay
from patients.withdrawal import services as withdrawal
from tests import factories
from trial.models import Drug
from trial.record import ledger
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


def of_day_29():
    study = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.IN_WORDS).open()
    study.patient = study.dose()
    study.drugs = {drug.name: drug.pk for drug in Drug.objects.filter(trial=study.trial)}
    return study.later(28)


@pytest.fixture
def study():
    """Day 29: selinexor weekly, ruxolitinib every day, methylprednisolone in words alone."""
    return of_day_29()


def record(study, cycle=1, by=None, **said):
    doses = {study.drugs[name]: said.pop(name) for name in list(said) if name in study.drugs}
    with study.at():
        return services.record_cycle(
            trial=study.trial.pk, patient=study.patient.pk, cycle=cycle,
            doses=doses or {study.drugs["selinexor"]: [], study.drugs["ruxolitinib"]: []},
            by=by or study.coordinator, **said,
        )  # fmt: skip


def facts(study):
    return study.situation().facts[0]


def event(study, day=5, **said):
    return study.event(
        study.patient, **{"term": "Fatigue", "grade": 2, "onset_on": study.today - timedelta(days=29 - day)} | said
    )


def held(*days, event, state="held", taken=0):
    return [DayChange(day, state, Decimal(taken), "adverse_event", event.pk) for day in days]


def test_one_step_says_that_the_cycle_went_as_planned(study):
    assert facts(study).enough_drug is None

    record(study)

    assert facts(study).taken == {"selinexor": (Decimal(40), Decimal(40)), "ruxolitinib": (Decimal(560), Decimal(560))}
    assert facts(study).enough_drug is True
    assert [row.what for row in blocked.missing(study.situation())] == ["confirm no DLT, evaluable"]
    study.confirm(study.patient)
    assert facts(study).outcome == "no_dlt"


def test_the_days_of_the_patient_count_for_evaluability_and_not_for_n4(study):
    days = [DayChange(day, "missed", because="patient") for day in range(1, 9)]
    record(study, ruxolitinib=days, selinexor=[])

    assert (facts(study).enough_drug, facts(study).dlt) == (False, "none")
    assert facts(study).taken["ruxolitinib"] == (Decimal(560), Decimal(400))


def test_exactly_a_quarter_held_for_a_related_event_is_enough_and_no_dlt_and_one_day_more_is_suspected(study):
    found = event(study)
    record(study, selinexor=[], ruxolitinib=held(*range(6, 13), event=found))
    assert (facts(study).enough_drug, facts(study).dlt, facts(study).events[0].state) == (True, "none", "none")

    record(study, ruxolitinib=held(*range(6, 14), event=found), reason="One day more was held.")
    (said,) = facts(study).events
    assert (said.state, said.suggestion.criterion) == ("suspected", "N4")
    assert facts(study).outcome == "suspected"


def test_two_related_events_add_up_and_an_unrelated_one_does_not(study):
    first, second = event(study), event(study, day=6, term="Nausea")
    relations = dict.fromkeys(study.drugs.values(), "unrelated")
    third = event(study, day=7, term="Fall", relations=relations)
    days = [*held(*range(6, 11), event=first), *held(*range(11, 15), event=second), *held(15, 16, 17, 18, event=third)]
    record(study, selinexor=[], ruxolitinib=days)
    assert [e.state for e in facts(study).events] == ["suspected", "suspected", "none"]

    record(study, ruxolitinib=days[:7] + days[9:], reason="Two days were taken.")
    assert [e.state for e in facts(study).events] == ["none", "none", "none"], "7 of 28 days is a quarter"


def test_the_window_waits_until_every_day_of_it_is_recorded(study):
    record(study, last_day=20)

    assert (facts(study).taken, facts(study).enough_drug) == ({}, None)
    assert [row.what for row in blocked.missing(study.situation())] == ["enter the doses taken in the window"]
    record(study)
    assert facts(study).enough_drug is True


def test_totals_hold_where_there_are_no_days_and_days_hold_where_there_are_any(study):
    study.take_doses(study.patient, taken=50)
    assert {drug: taken for drug, (_, taken) in facts(study).taken.items()} == dict.fromkeys(factories.DRUGS, 50)

    record(study)
    assert facts(study).taken == {
        "methylprednisolone": (100, 50), "selinexor": (40, 40), "ruxolitinib": (560, 560),
    }, "a drug whose schedule is words alone has its totals still"  # fmt: skip


def test_a_third_cycle_begins_and_its_intensity_is_known(study):
    record(study)
    with study.at():
        dosing.start_cycle_2(trial=study.trial.pk, patient=study.patient.pk, on=study.today, by=study.coordinator)
    study.later(28)
    start(study, 3)
    found = event(study, term="Nausea", onset_on=study.today - timedelta(days=30))
    record(study, cycle=2, selinexor=held(1, 8, event=found), ruxolitinib=[])

    (course,) = queries.courses(study.trial.pk).values()
    of = queries.of_course(course, study.today)
    assert of.drugs["selinexor"].intensity == Fraction(6, 8)
    assert (of.drugs["selinexor"].cycles, of.drugs["selinexor"].open_days) == (3, 1)
    with pytest.raises(Refused, match="Cycle 3 began on"):
        start(study, 3)
    with pytest.raises(Refused, match="the cycle before it has not begun"):
        start(study, 5)
    with pytest.raises(Refused, match="not before the first day of cycle 3"):
        correct_cycle_2(study, study.today)
    with pytest.raises(Refused, match="cycle 3 has begun"):
        correct_cycle_2(study, None)


def start(study, number):
    with study.at():
        cycle_starts.start_cycle(
            trial=study.trial.pk, patient=study.patient.pk, number=number, on=study.today, by=study.coordinator
        )


def correct_cycle_2(study, on):
    with study.at():
        corrections.correct_cycle_2(
            trial=study.trial.pk, patient=study.patient.pk, on=on, reason="As the chart says.", by=study.coordinator
        )


CANNOT_BE = [
    ("day", "day 0 is before the first dose", DayChange(0, "missed", because="patient")),
    ("day", r"day 30 \(3 Feb 2026\) is after today", DayChange(30, "taken", Decimal(10), "patient")),
    ("because", "say why it was more than planned", DayChange(8, "taken", Decimal(20))),
    ("taken", "less than planned: say reduced", DayChange(8, "taken", Decimal(5), "patient")),
    ("taken", "10 of 10 mg is not less than planned", DayChange(8, "reduced", Decimal(10), "patient")),
    ("taken", "of a dose that was held 5 cannot be taken", DayChange(8, "held", Decimal(5), "patient")),
    ("state", "nothing is planned on it", DayChange(9, "held", because="patient")),
    ("event", "name the adverse event", DayChange(8, "held", because="adverse_event")),
    ("note", "another reason needs its words", DayChange(8, "held", because="other")),
    ("note", "5 mg is no step of this drug", DayChange(8, "reduced", Decimal(5), "patient")),
    ("state", "say taken, reduced, held or missed", DayChange(8, "lost", because="patient")),
]


def test_what_cannot_be_is_named_at_its_field(study):
    for field, sentence, change in CANNOT_BE:
        with pytest.raises(Refused, match=sentence) as refusal:
            record(study, selinexor=[change])
        assert refusal.value.field == field
    assert not CycleDoses.objects.exists() and not DoseDay.objects.exists()


def test_a_reduction_goes_to_a_step_of_the_protocol_in_force(study):
    """From 10 mg: by the levels to nothing lower; an amendment gives 6 and 4."""
    fatigue = event(study)
    schedules = (factories.WEEKLY, factories.DAILY, factories.IN_WORDS)
    with pytest.raises(Refused, match="paracetamol is no drug of this version") as refusal:
        study.schedule(*schedules, reduction_steps=("paracetamol: 6 > 4",))
    assert refusal.value.field == "reduction_steps"
    study.schedule(*schedules, reduction_steps=("selinexor: 6 > 4",))
    with pytest.raises(Refused, match="5 mg is no step of this drug"):
        record(study, selinexor=held(8, event=fatigue, state="reduced", taken=5))
    record(study, selinexor=held(8, 15, event=fatigue, state="reduced", taken=6))
    page = Client()
    page.force_login(study.coordinator)
    with study.at():
        form = page.get(f"/trials/{study.trial.code}/patients/001/doses/1/").text
        shown = page.get(f"/trials/{study.trial.code}/protocol/").text
    assert "Steps a day: selinexor 6, then 4 mg" in form
    assert "selinexor: 6 &gt; 4" in shown and "the amounts of the dose levels" in shown


def test_a_dose_after_the_stop_and_a_stop_before_a_dose_are_refused(study):
    record(study, selinexor=[])
    with study.at(), pytest.raises(Refused, match="before a dose that is recorded as taken"):
        stop(study, 10)
    stop(study, 23)
    with pytest.raises(Refused, match="day 24 .* is after the end of treatment") as refusal:
        record(study, ruxolitinib=[DayChange(24, "missed", because="patient")])
    assert refusal.value.field == "day"
    record(study, ruxolitinib=[])
    assert facts(study).taken["ruxolitinib"] == (Decimal(560), Decimal(460)), "nothing is taken after the stop"


def stop(study, day):
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=29 - day),
            stop_reason="Progression", related=False, by=study.investigator,
        )  # fmt: skip


def test_drug_taken_after_a_withdrawal_is_the_investigators_deviation(study):
    day = study.today - timedelta(days=19)
    with study.at():
        withdrawal.record_withdrawal(
            trial=study.trial.pk, slot=study.patient.slot_id, covers="treatment", on=day, public_records=False,
            stopped_on=day + timedelta(days=2), related=False, reason="Wish.", by=study.coordinator,
        )  # fmt: skip
    with pytest.raises(Refused, match="after the patient withdrew from study treatment"):
        record(study)
    record(study, by=study.investigator, reason="He took what he had at home.")

    assert "doses of cycle 1" in {row.fact for row in Deviation.objects.filter(patient=study.patient, voided=False)}
    record(study, by=study.investigator, last_day=10, reason="He had not.", ruxolitinib=[], selinexor=[])
    assert "doses of cycle 1" not in {row.fact for row in Deviation.objects.filter(patient=study.patient, voided=False)}


def test_a_drug_without_a_schedule_and_a_cycle_not_begun_are_refused(study):
    with pytest.raises(Refused, match="schedule is words alone"):
        record(study, methylprednisolone=[])
    with pytest.raises(Refused, match="Cycle 2 has not begun"):
        record(study, cycle=2)


def test_a_correction_needs_a_reason_looks_at_what_was_seen_and_keeps_the_old_row(study):
    record(study, selinexor=[DayChange(8, "held", because="patient")])
    seen = DoseDay.objects.get().rev
    with pytest.raises(Refused, match="a correction needs one"):
        record(study, selinexor=[])
    record(study, selinexor=[DayChange(8, "missed", because="patient")], reason="It was forgotten.", rev=seen)
    with pytest.raises(Stale, match="changed by Coordinator"):
        record(study, selinexor=[], reason="It was taken.", rev=seen)
    record(study, selinexor=[], reason="It was taken.")
    assert [row.voided for row in DoseDay.objects.all()] == [True]
    with pytest.raises(Refused, match="recorded already"):
        record(study, selinexor=[])


def test_a_cycle_of_the_wrong_patient_is_taken_back(study):
    record(study, selinexor=[DayChange(8, "held", because="patient")])
    with study.at():
        services.take_cycle_back(
            trial=study.trial.pk,
            patient=study.patient.pk,
            cycle=1,
            rev=None,
            reason="Patient 002.",
            by=study.coordinator,
        )

    assert not facts(study).course.recorded
    assert cycles.of_patient(study.patient.pk) == cycles.NONE


def test_another_site_and_who_may_not_enter_do_not(study):
    with pytest.raises(study.patient.DoesNotExist):
        record(study, by=study.other_coordinator)
    with pytest.raises(Exception, match="record dosing"):
        record(study, by=study.medical_monitor)


@pytest.mark.django_db(transaction=True)
def test_a_number_before_shows_the_totals_of_then():
    study = of_day_29()
    study.take_doses(study.patient, taken=80)
    before = ledger.number_of(study.trial.pk)
    record(study)

    with ledger.as_of(study.trial.pk, before):
        (then,) = count.facts(study.trial.pk, study.today)
    assert {taken for _, taken in then.taken.values()} == {80} and not then.course.recorded
    (now,) = count.facts(study.trial.pk, study.today)
    assert now.taken["selinexor"] == (40, 40)


# ---- the event behind a dose ----


def test_an_event_behind_a_held_dose_stays_and_begins_by_that_day(study):
    reason = event(study, day=5)
    record(study, selinexor=held(8, event=reason), ruxolitinib=[])

    def rewritten(onset):
        reason.refresh_from_db()
        with study.at():
            return events.correct_event(
                trial=study.trial.pk, event=reason.pk, rev=reason.rev, reason="Read again.", by=study.investigator,
                report=replace(stored(reason), onset_on=study.today - timedelta(days=29 - onset)),
            )  # fmt: skip

    with pytest.raises(
        Refused, match=r"Onset: .* is too late, selinexor was held for it on .* \(cycle 1, day 8\)"
    ) as no:
        rewritten(9)
    assert no.value.field == "onset_on"
    assert rewritten(8).onset_on == study.today - timedelta(days=21)
    with study.at(), pytest.raises(Refused, match=r"AE 1: selinexor was held for it .* Correct these doses first"):
        events.void_event(trial=study.trial.pk, event=reason.pk, rev=None, reason="A mistake.", by=study.investigator)

    record(study, selinexor=[], ruxolitinib=[], rev=max(DoseDay.objects.values_list("rev", flat=True)), reason="Taken.")
    with study.at():
        events.void_event(trial=study.trial.pk, event=reason.pk, rev=None, reason="A mistake.", by=study.investigator)
    reason.refresh_from_db()
    assert reason.voided
