"""Each site's own calendar, in the trial's: what is today, what is in the future, and when a window is over.

At 12:30 UTC it is the next day in Auckland (UTC+13 in January), at 05:00 UTC the day before in Los Angeles (UTC-8).
"""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from assessments.count import services as count
from assessments.events.report import EventReport
from assessments.events.services import report_event
from assessments.response import services as response
from assessments.response.follow_up import record_follow_up
from escalation.enrolment import services as enrolment
from escalation.protocol import services as protocol
from escalation.replay import decision as replays
from escalation.situation import queries
from patients.consent import services as consents
from patients.dosing import services as dosing
from patients.follow_up.leaving import leave_study
from patients.follow_up.services import Followed
from tests import factories, rest
from trial.people import access, corrections
from trial.people import services as people
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused

NOON, NIGHT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC), datetime(2026, 1, 6, 5, tzinfo=UTC)


def zone(study, site, name):
    with study.at():
        corrections.correct_site(
            trial=study.trial.pk, site=site.pk, code=site.code, name=site.name, time_zone=name, reason="Moved.",
            by=study.administrator,
        )  # fmt: skip


@pytest.fixture
def study(db):
    """Opened at 09:00 UTC on 5 January 2026, of which both sites have the same day."""
    made = factories.study()
    zone(made, made.site, "Pacific/Auckland")
    zone(made, made.other_site, "America/Los_Angeles")
    return made.open()


def facts(study, patient):
    return next(f for f in study.situation().facts if f.patient.pk == patient.pk)


def start(study, patient, on):
    with study.at():
        return enrolment.first_dose(trial=study.trial.pk, patient=patient.pk, on=on, by=study._doctor(patient))


def refused(study, act, **asked):
    with study.at(), pytest.raises(Refused) as refusal:
        act(trial=study.trial.pk, **asked)
    return refusal.value.field, str(refusal.value)


def test_auckland_enters_its_today_which_counts_at_once_though_the_trial_is_a_day_behind(study):
    study.now = NOON
    patient = study.enrol()
    assert patient.enrolled_on == date(2026, 1, 6)
    asked = {"patient": patient.pk, "on": date(2026, 1, 7), "by": study.investigator}
    field, said = refused(study, enrolment.first_dose, **asked)
    assert (field, said) == ("on", "First dose: 7 Jan 2026 is in the future.")

    start(study, patient, date(2026, 1, 6))

    f = facts(study, patient)
    assert (study.today, f.outcome, f.window_day, f.days_left) == (date(2026, 1, 5), "pending", 1, 28)
    assert f.because.startswith("Day 1 of the window of 28")
    event = study.event(patient)
    assert event.onset_on == date(2026, 1, 6)
    assert facts(study, patient).outcome == "suspected"
    assert study.situation().tally(1).pending == 1


def test_los_angeles_enrols_and_doses_on_its_own_day_though_the_trial_is_a_day_ahead(study):
    study.now = NIGHT
    patient = study.enrol(by=study.other_coordinator)
    assert patient.enrolled_on == date(2026, 1, 5)
    asked = {"patient": patient.pk, "on": date(2026, 1, 6), "by": study.other_investigator}
    assert refused(study, enrolment.first_dose, **asked) == ("on", "First dose: 6 Jan 2026 is in the future.")

    start(study, patient, date(2026, 1, 5))

    f = facts(study, patient)
    assert (study.today, f.outcome, f.window_day) == (date(2026, 1, 6), "pending", 1)


def test_every_verb_takes_the_sites_today_and_refuses_its_tomorrow(study):
    study.now = NOON
    patient = study.dose()
    today, tomorrow = date(2026, 1, 6), date(2026, 1, 7)
    mine = {"patient": patient.pk, "by": study.investigator}
    report = {"term": "Nausea", "grade": 1, "relations": {}, "qualifiers": {}}

    def of(verb, field, **said):
        found, sentence = refused(study, verb, **said)
        assert (found, sentence.endswith("7 Jan 2026 is in the future.")) == (field, True), sentence

    assert refused(study, dosing.stop_treatment, on=tomorrow, stop_reason="Wish", **mine)[0] == "on"
    assert refused(study, dosing.start_cycle_2, on=tomorrow, **mine)[0] == "on"
    of(report_event, "onset_on", report=EventReport(onset_on=tomorrow, **report), **mine)
    of(report_event, "ended_on", report=EventReport(onset_on=today, ended_on=tomorrow, **report), **mine)
    of(report_event, "aware_on", report=EventReport(onset_on=today, aware_on=tomorrow, **report), **mine)
    of(record_follow_up, "last_contact_on", said=Followed(last_contact_on=tomorrow), **mine)
    answers = factories.answers(tomorrow, serum_m="2")
    of(response.record_assessment, "visit_on", visit_on=tomorrow, answers=answers, **mine | {"by": study.coordinator})

    seen = study.assess(patient, visit_on=today, serum_m="2")
    with study.at():
        report_event(trial=study.trial.pk, report=EventReport(onset_on=today, aware_on=today, **report), **mine)
        record_follow_up(trial=study.trial.pk, said=Followed(last_contact_on=today), **mine)
        dosing.stop_treatment(trial=study.trial.pk, on=today, stop_reason="Wish", **mine)
        of(leave_study, "on", on=tomorrow, why="Wish", **mine)
        leave_study(trial=study.trial.pk, on=today, why="Wish", **mine)
    assert seen.visit_on == today
    assert facts(study, patient).because.startswith("Day 1 of the window")


def test_rest_takes_the_sites_today(study):
    study.now = NOON
    patient = study.dose()
    body = {"patient": str(patient.pk), "term": "Nausea", "grade": 1, "relations": {}}

    today = rest.send(study.investigator, "events/", study, body | {"onset_on": "6 Jan 2026"})
    tomorrow = rest.send(study.investigator, "events/", study, body | {"onset_on": "7 Jan 2026"})

    assert (today.status_code, today.json()["onset_on"], today.json()["onset_day"]) == (201, "2026-01-06", 1)
    assert (tomorrow.status_code, tomorrow.json()["field"]) == (409, "onset_on")


@pytest.mark.parametrize(
    ("by", "dosed_at", "site_alone", "trial_alone", "both"),
    [
        # dosed on 6 January in Auckland: day 29 is 3 February, at the site from 2 February 11:00 UTC on
        ("coordinator", NOON, datetime(2026, 2, 2, 12, 30, tzinfo=UTC), None, datetime(2026, 2, 3, 0, 30, tzinfo=UTC)),
        # dosed on 5 January in Los Angeles: day 29 is 2 February, at the site from 08:00 UTC on
        (
            "other_coordinator",
            NIGHT,
            None,
            datetime(2026, 2, 2, 5, tzinfo=UTC),
            datetime(2026, 2, 2, 8, 30, tzinfo=UTC),
        ),
    ],
)
def test_a_window_is_complete_when_day_29_has_begun_at_the_site_and_in_the_trial(
    study, by, dosed_at, site_alone, trial_alone, both
):
    study.now = dosed_at
    patient = study.dose(study.enrol(by=getattr(study, by)))
    study.take_doses(patient)

    study.now = site_alone or trial_alone
    f = facts(study, patient)
    assert (f.outcome, f.window_day, f.days_left) == ("pending", 28, 1)
    assert not queries.assessments.confirmable(f)
    asked = {"patient": patient.pk, "state": "completed", "by": study._doctor(patient)}
    assert refused(study, count.confirm_evaluability, **asked)[0] == "state"

    study.now = both
    assert queries.assessments.confirmable(facts(study, patient)) == "completed"
    study.confirm(patient)
    assert facts(study, patient).outcome == "no_dlt"


def test_a_site_at_its_midnight_is_a_new_page_though_the_trial_has_the_same_day(study):
    study.now = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)
    patient = study.dose()
    tokens, days = [], []
    for hours in (10, 11):  # Auckland's midnight is at 11:00 UTC
        study.now = datetime(2026, 2, 2, hours, 30, tzinfo=UTC)
        with study.at():
            scope = access.scope(study.investigator, study.trial.code)
            here = queries.here(scope)
            tokens.append(queries.token(scope))
            days.append((scope.today, scope.today_at(here.facts[0].patient.site), here.facts[0].window_day))

    assert patient.pk == here.facts[0].patient.pk
    assert days == [(date(2026, 2, 2), date(2026, 2, 2), 29), (date(2026, 2, 2), date(2026, 2, 3), 29)]
    assert tokens[0] != tokens[1]


@pytest.mark.django_db(transaction=True)
def test_a_replay_reads_the_zone_as_it_was_at_the_decision():
    study = factories.study()
    zone(study, study.site, "America/Los_Angeles")
    study.open()
    who = [study.dose() for _ in range(3)]
    study.later(28)  # day 29 at 09:00 UTC, 01:00 in Los Angeles
    for patient in who:
        study.take_doses(patient)
        study.confirm(patient)
    decision = study.sign()
    stored = [patient["outcome"] for patient in decision.inputs["patients"]]
    zone(study, study.site, "Pacific/Honolulu")  # there it is 23:00 on day 28

    assert stored == ["no_dlt", "no_dlt", "no_dlt"]
    assert replays.replay(decision).holds
    assert [f.outcome for f in study.situation().facts] == ["pending"] * 3
    assert {f.patient.treatment.first_dose_on for f in study.situation().facts} == {date(2026, 1, 5)}


# --- bounds

YEAR = "Facts of the trial begin a year before the first version of its protocol (5 Jan 2026), on 5 Jan 2025."


@pytest.mark.parametrize("on", [date(2025, 1, 4), date(1926, 1, 6), date(1900, 1, 1)])
def test_no_fact_of_the_trial_is_older_than_a_year_before_its_protocol(study, on):
    patient = study.dose()
    slot = study.slot()
    mine = {"patient": patient.pk, "by": study.investigator}
    report = EventReport(term="Nausea", grade=1, onset_on=on, relations={}, qualifiers={})

    for act, field, said in (
        (report_event, "onset_on", {"report": report, **mine}),
        (record_follow_up, "died_on", {"said": Followed(died_on=on, death_cause="unknown"), **mine}),
        (
            response.record_assessment,
            "visit_on",
            {"visit_on": on, "answers": factories.answers(on, serum_m="2"), **mine, "by": study.coordinator},
        ),
        (
            consents.record_consent,
            "given_on",
            {"slot": slot.pk, "version": "1.0", "given_on": on, "by": study.coordinator},
        ),
    ):
        found, sentence = refused(study, act, **said)
        assert (found, sentence.endswith(YEAR)) == (field, True), sentence


@pytest.mark.parametrize("on", [date(1850, 1, 1), date(26, 10, 1), date(1899, 12, 31)])
def test_nothing_is_older_than_1900(study, on):
    slot = study.slot()
    asked = {"slot": slot.pk, "version": "1.0", "given_on": on, "by": study.coordinator}

    for kind in ("trial", "biomarker"):
        field, said = refused(study, consents.record_consent, kind=kind, **asked)
        assert field == "given_on"
        assert "is before 1900" in said


def test_the_first_day_of_the_bounds_is_taken_and_history_begins_in_1900(study):
    patient = study.dose()
    slot = study.slot()

    study.event(patient, term="Nausea", grade=1, onset_on=date(2025, 1, 5))
    with study.at():
        given = consents.record_consent(
            trial=study.trial.pk, slot=slot.pk, kind="biomarker", version="1", given_on=date(1900, 1, 1),
            by=study.coordinator,
        )  # fmt: skip

    assert given.given_on == date(1900, 1, 1)


def test_who_was_dosed_before_an_amendment_or_before_the_first_version_follows_the_version_of_that_day(study):
    early = [study.enrol() for _ in range(2)]
    before = study.situation().protocol.version
    study.later(10)
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(window_days=35), levels=factories.ladder(3),
            drugs=factories.DRUGS, criteria=["18 years or older"], reason="A longer window.",
            by=study.medical_monitor,
        )  # fmt: skip
    study.later(1)

    late = start(study, early[0], study.today - timedelta(days=5))
    now = start(study, early[1], study.today)

    assert late.protocol_id == before.pk
    assert now.protocol_id == study.situation().protocol.version.pk != before.pk
    assert (facts(study, early[0]).window_days, facts(study, early[1]).window_days) == (28, 35)


def test_the_patients_page_is_drawn_on_the_day_of_his_site(study):
    study.now = NOON
    patient = study.dose()
    client = Client()
    client.force_login(study.investigator, settings.AUTHENTICATION_BACKENDS[-1])

    with study.at():
        page = client.get(reverse("patients:patient", args=[study.trial.code, patient.code])).content.decode()
        panel = client.post(
            reverse("assessments:preview", args=[study.trial.code, patient.code]),
            {"term": "Platelet count decreased", "grade": 4, "onset_on": "6 Jan 2026", "key": uuid.uuid4()},
        ).content.decode()

    assert "as of 6 Jan 2026" in page
    assert "day 1 of 28" in page
    assert "Report suspected DLT" in panel


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "", "Europe"])
def test_a_site_has_a_time_zone_that_exists(study, name):
    with study.at(), pytest.raises(Refused, match="Time zone") as refusal:
        people.add_site(trial=study.trial.pk, code="09", name="Ninth clinic", time_zone=name, by=study.administrator)
    assert refusal.value.field == "time_zone"
