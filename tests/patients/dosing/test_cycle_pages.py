"""The pages and the endpoint of a patient's doses by cycle."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.exposure import services
from assessments.exposure.services import DayChange
from assessments.response.follow_up import record_follow_up
from patients.dosing.models import CycleDoses, CycleStart, DoseDay
from patients.follow_up.services import Followed
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import browser, get, post, text
from tests.rest import ask, send
from trial.models import AuditEvent, Drug
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


def made():
    study = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    study.patient = study.dose()
    return study.later(28)


@pytest.fixture
def study():
    """Day 29, nothing recorded; the three drugs have planned days."""
    return made()


def drug(name):
    return Drug.objects.get(name=name).pk


def waiting(study, by):
    with study.at():
        return text(browser(by).get(reverse("trial:home")))


def test_one_step_confirms_the_cycle_and_the_page_shows_it(study):
    page = text(get(study, study.coordinator, "cycles", 1))
    assert "next: confirm the doses of cycle 1" in page and "Cycle 1 as planned" in page
    assert "Enter the doses taken: patient 001" not in waiting(study, study.coordinator), "played without doses so far"

    done = post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    assert done.status_code == 302 and done["Location"].endswith("/patients/001/doses/")
    page = text(get(study, study.coordinator, "cycles", 1))
    assert "Cycle 1 as planned" not in page and "560 mg" in page and "100.0 %" in page
    assert "100.0 %" in text(get(study, study.coordinator, "patient", 1))
    again = post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    assert again.status_code == 409 and "recorded already" in text(again)
    page = text(get(study, study.coordinator, "cycle_as_planned", 1, 1))
    assert "Every planned day of cycle 1 that has gone by is recorded. Coordinator," in page


def test_days_are_changed_with_the_event_behind_them_and_what_was_typed_is_kept(study):
    event = study.event(study.patient, term="Fatigue", grade=2, onset_on=study.today - timedelta(days=24))
    post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    rev = CycleDoses.objects.first().rev
    said = {
        "drug": drug("ruxolitinib"), "day": "8", "until": "14", "state": "held", "because": "adverse_event",
        "event": event.pk, "rev": rev, "taken": "", "note": "by phone",
    }  # fmt: skip
    refused = post(study, study.coordinator, "cycle", 1, 1, **said)
    assert refused.status_code == 409 and "a correction needs one" in text(refused)
    assert b"by phone" in refused.content
    assert post(study, study.coordinator, "cycle", 1, 1, **said, reason="The diary came later.").status_code == 302
    page = text(get(study, study.coordinator, "cycles", 1))
    assert "held days 8–14: AE 1, Fatigue (by phone)" in page and "75.0 %" in page
    with study.at():
        page = text(browser(study.coordinator).get(reverse("assessments:event", args=[study.trial.code, 1])))
    assert "Doses missed for it yes, by the doses of the cycles" in page
    assert "Doses changed because of it: cycle 1: ruxolitinib held, days 8–14." in page

    some = {**said, "day": "10", "until": "12", "state": "planned", "because": "", "event": "", "rev": rev + 5}
    assert post(study, study.coordinator, "cycle", 1, 1, **some, reason="He took these.").status_code == 302
    page = text(get(study, study.coordinator, "cycles", 1))
    assert "held days 8–9" in page and "held days 13–14" in page
    assert DoseDay.objects.filter(voided=True).count() == 3
    trail = AuditEvent.objects.filter(verb="cycle.correct").count()
    assert trail == 2
    wrong = post(study, study.coordinator, "cycle", 1, 1, **said | {"day": "14", "until": "8"})
    assert wrong.status_code == 422 and "it is before the first of these days" in text(wrong)


def test_cycles_begin_are_corrected_and_owe_their_doses(study):
    post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    day = f"{study.today:%Y-%m-%d}"
    assert post(study, study.coordinator, "cycle2", 1, on=day).status_code == 302
    study.later(30)
    assert "Confirm the doses of cycle 2: patient 001" in waiting(study, study.coordinator)
    assert "Confirm the doses of cycle 2" not in waiting(study, study.other_coordinator)
    assert post(study, study.coordinator, "start_cycle", 1, on=f"{study.today:%Y-%m-%d}").status_code == 302
    row = CycleStart.objects.get()
    early = post(study, study.coordinator, "correct_cycle", 1, 3, on=day, rev=row.rev, reason="As told.")
    assert early.status_code == 409 and "is not after the first day of cycle 2" in text(early)
    assert get(study, study.coordinator, "correct_cycle", 1, 1).status_code == 302
    gone = post(study, study.coordinator, "correct_cycle", 1, 3, on="", rev=row.rev, reason="Never given.")
    assert gone.status_code == 302 and CycleStart.objects.get().voided


def test_a_corrected_first_dose_asks_to_look_at_the_days(study):
    post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    rev = study.situation().facts[0].patient.treatment.rev
    day = f"{study.today - timedelta(days=27):%Y-%m-%d}"
    assert post(study, study.coordinator, "correct_first_dose", 1, on=day, rev=rev, reason="x").status_code == 302
    assert "Doses of cycle 1: entered by days counted from 5 Jan 2026" in text(
        get(study, study.coordinator, "dates", 1)
    )
    assert "the doses by cycle" in text(
        post(study, study.coordinator, "void_first_dose", 1, rev=rev + 1, reason="Wrong patient.")
    )
    assert post(study, study.coordinator, "void_cycle", 1, 1, rev=99, reason="Wrong patient.").status_code == 302
    assert get(study, study.coordinator, "void_cycle", 1, 1).status_code == 404


def test_a_death_ends_the_planned_days_and_the_end_of_treatment_is_asked(study):
    asked = "Record the end of treatment: patient 001, who died on"
    missed = {"drug": drug("selinexor"), "day": "8", "until": "", "state": "missed", "because": "patient"}
    assert post(study, study.coordinator, "cycle", 1, 1, **missed, rev=0, last_day="10").status_code == 302
    died = study.today - timedelta(days=17)  # day 12
    with study.at():
        record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, said=Followed(died_on=died, death_cause="other"),
            by=study.coordinator,
        )  # fmt: skip
    said = ask(study.statistician, f"patients/{study.patient.pk}/cycles/", study).json()
    assert [one["open_days"] for one in said["drugs"]] == [0, 12, 2], "planned to day 12"
    assert said["drugs"][0]["intensity"] == "25.0 %", "planned stays whole for each cycle begun"
    assert f"{asked} {died:%-d %b %Y}" in waiting(study, study.coordinator)
    assert asked not in waiting(study, study.other_coordinator)

    on = f"{died:%Y-%m-%d}"
    assert post(study, study.coordinator, "stop", 1, on=on, stop_reason="Death", related="no").status_code == 302
    assert asked not in waiting(study, study.coordinator)


@pytest.mark.parametrize(("day", "asks"), [(28, True), (29, False)])
def test_a_death_in_the_window_asks_for_the_event_that_the_criteria_read(study, day, asks):
    """Criterion N3 reads events: without one a death of the window would be confirmed as no DLT."""
    died = study.patient.treatment.first_dose_on + timedelta(days=day - 1)
    with study.at():
        record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, said=Followed(died_on=died, death_cause="unknown"),
            by=study.coordinator,
        )  # fmt: skip
    asked = f"Report the event of grade 5: patient 001, who died on {died:%-d %b %Y} in the DLT window"
    assert (asked in waiting(study, study.coordinator)) is asks
    assert asked not in waiting(study, study.other_coordinator)

    post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    study.later(1)
    if asks:
        with pytest.raises(Refused, match="in the DLT window, and no event tells of it"):
            study.confirm(study.patient)

    study.event(study.patient, term="Death NOS", grade=5, onset_on=died)
    assert asked not in waiting(study, study.coordinator)
    assert study.situation().facts[0].outcome == ("suspected" if asks else "pending")


def test_the_endpoint_says_what_the_page_says_and_records(study):
    path = f"patients/{study.patient.pk}/cycles/"
    body = {"cycle": 1, "drugs": [
        {"drug": "selinexor", "changes": [{"day": 8, "state": "missed", "because": "patient"}]},
        {"drug": "ruxolitinib"},
    ]}  # fmt: skip
    answer = send(study.coordinator, path, study, body)
    assert answer.status_code == 201, answer.content
    selinexor = ask(study.statistician, path, study).json()["cycles"][0]["drugs"][0]
    assert (selinexor["planned"], selinexor["taken"], selinexor["intensity"]) == ("40", "30", "75.0 %")
    assert [change["day"] for change in selinexor["changes"]] == [8] and selinexor["recorded_to"] == 28
    refused = send(study.coordinator, path, study, {"cycle": 1, "drugs": [
        {"drug": "selinexor", "changes": [{"day": 0, "state": "missed", "because": "patient"}]}
    ]})  # fmt: skip
    assert (refused.status_code, refused.json()["field"]) == (409, "day")
    unknown = send(study.coordinator, path, study, {"cycle": 1, "drugs": [{"drug": "aspirin"}]})
    assert unknown.json()["field"] == "drugs"
    assert send(study.coordinator, path, study, {"cycle": 1, "reason": "x"}).status_code == 201


def test_a_patient_page_with_twelve_cycles_asks_no_more_than_with_one(study):
    with study.at():
        client = browser(study.statistician)
        page = reverse("patients:patient", args=[study.trial.code, "001"])
        doses = reverse("patients:cycles", args=[study.trial.code, "001"])
        post(study, study.coordinator, "cycle_as_planned", 1, 1, rev=0)
    of_one = [asked(study, client, one) for one in (page, doses)]
    row, of = study.situation().facts[0].patient.treatment, {"trial": study.trial, "patient": study.patient}
    with study.at(), ledger.action(study.trial.pk, by=study.coordinator, may=May.RECORD_DOSING, verb="cycle.record"):
        row.cycle2_on = study.today
        row.save()
        for cycle in range(2, 13):
            if cycle > 2:
                CycleStart.objects.create(**of, number=cycle, began_on=study.today + timedelta(days=28 * (cycle - 2)))
            for one in Drug.objects.filter(trial=study.trial):
                CycleDoses.objects.create(**of, cycle=cycle, drug=one, last_day=28)
                DoseDay.objects.create(
                    **of, cycle=cycle, drug=one, day=8, state="missed", taken=Decimal(0), because="patient"
                )
    study.later(28 * 11)
    assert [asked(study, client, one) for one in (page, doses)] == of_one


def asked(study, client, page):
    with study.at():
        client.get(reverse("patients:list", args=[study.trial.code]))  # the situation is read once for both
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_one_cycle_at_once_one_is_asked_to_look_again():
    study = made()

    def record(by, change):
        return lambda: services.record_cycle(
            trial=study.trial.pk, patient=study.patient.pk, cycle=1, doses={selinexor: change}, rev=0, reason="x",
            by=by, key=uuid.uuid4(),
        )  # fmt: skip

    selinexor = drug("selinexor")
    found = at_once(
        study, record(study.coordinator, []), record(study.investigator, [DayChange(8, "missed", because="patient")])
    )

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "was changed by" in str(refused)
    assert CycleDoses.objects.count() == 1
