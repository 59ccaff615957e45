"""A withdrawal that is entered late: what lies after it stays, and the investigator owes the reason for each."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from assessments.biomarker import services as biomarker
from assessments.events import services as events
from assessments.response import services as responses
from escalation.enrolment import withdrawals
from patients.consent import services as consents
from patients.consent.models import Deviation, Withdrawal
from patients.dosing import corrections
from patients.dosing import services as dosing
from patients.models import Treatment
from patients.withdrawal import services
from tests import factories
from tests.patients.test_pages import browser, get, post, text
from tests.patients.withdrawal.test_withdrawal import fact, home, report, sign, withdraw
from tests.rest import ask, send
from trial.models import AuditEvent
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """First dose 5 Jan 2026, today 15 Jan."""
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(10)


def listed():
    return {row.fact: (f"{row.on}", row.reason) for row in Deviation.objects.filter(voided=False)}


def explain(study, row, why="He took it at home.", by=None, **more):
    row.refresh_from_db()
    with study.at():
        return services.explain_deviation(
            trial=study.trial.pk, deviation=row.pk, why=why, by=by or study.investigator, **{"rev": row.rev} | more
        )


def test_one_form_takes_a_withdrawal_before_drug_and_asks_the_investigator_for_the_reason(study):
    slot = study.patient.slot.number
    page = text(get(study, study.coordinator, "withdrawal", slot))
    assert "lies after the day of the withdrawal is then listed as a deviation" in page

    done = post(
        study, study.coordinator, "withdrawal", slot, covers="visits", on="12 Jan 2026", public_records="yes",
        stopped_on="14 Jan 2026", related="no", reason="Said so on the phone.",
    )  # fmt: skip

    assert done.status_code == 302
    assert Withdrawal.objects.get().on == date(2026, 1, 12)
    assert Treatment.objects.get().stopped_on == date(2026, 1, 14)
    assert listed() == {"end of treatment": ("2026-01-14", "")}
    waits = "Give the reason for a deviation: patient 001, end of treatment"
    assert waits in home(study, study.investigator)
    assert waits not in home(study, study.coordinator) and waits not in home(study, study.other_investigator)
    seen = text(get(study, study.coordinator, "patient", 1))
    assert (
        "end of treatment on 14 Jan 2026, after the withdrawal of 12 Jan 2026 Reason owed by the investigator" in seen
    )

    row = Deviation.objects.get()
    url = "deviation", row.pk
    row.refresh_from_db()
    assert get(study, study.coordinator, *url).status_code == 403
    assert get(study, study.other_investigator, *url).status_code == 404
    assert "recorded before the withdrawal was" in text(get(study, study.investigator, *url))
    unsaid = post(study, study.investigator, *url, why="", rev=row.rev)
    assert "Reason for the deviation: an answer is needed." in text(unsaid)
    assert post(study, study.investigator, *url, why="He had tablets left.", rev=row.rev).status_code == 302

    row.refresh_from_db()
    assert (row.reason, row.by, row.owed) == ("He had tablets left.", study.investigator, False)
    assert waits not in home(study, study.investigator)
    assert "12 Jan 2026: He had tablets left." in text(get(study, study.coordinator, "patient", 1))


def everything(study):
    """On 15 Jan an event, a visit and a sample, and a contact."""
    with study.at():
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="One", lower_limit=Decimal(5), by=study.medical_monitor
        )
    study.event(study.patient, term="Fatigue", grade=2)
    visit = study.assess(study.patient, serum_m="2")
    sign(study, "B", kind="biomarker")
    fact(
        study, biomarker.record_sample, reading=biomarker.Reading(assay.pk, "L", Decimal(9)), taken_on=study.today,
        taken_at=time(8), by=study.coordinator,
    )  # fmt: skip
    return visit


@pytest.mark.parametrize(
    ("covers", "facts"),
    [
        ("treatment", {"end of treatment"}),
        ("visits", {"end of treatment", "AE 1", "DA 1", "sBCMA sample of 15 Jan 2026, 08:00"}),
    ],
)
def test_everything_after_it_that_it_covers_is_listed_and_nothing_else(study, covers, facts):
    everything(study)
    withdraw(study, covers, ago=10, stopped_on=study.today)
    assert set(listed()) == facts, "the first dose was given on the day itself"


def test_the_list_follows_each_change_of_withdrawal_consent_and_fact(study):
    visit = everything(study)
    row = withdraw(study, "visits", ago=3, stopped_on=study.today)
    assert set(listed()) == {"end of treatment", "AE 1", "DA 1", "sBCMA sample of 15 Jan 2026, 08:00"}

    visit.refresh_from_db()
    with study.at():
        responses.void_assessment(
            trial=study.trial.pk, assessment=visit.pk, rev=visit.rev, reason="Not his.", by=study.coordinator
        )
    assert "DA 1" not in listed()

    given = sign(study, "2.0", ago=1, resumes=True)
    assert listed() == {}, "he consented again before"
    given.refresh_from_db()
    with study.at():
        consents.correct_consent(
            trial=study.trial.pk, consent=given.pk, version="2.0", given_on=given.given_on, resumes=False,
            rev=given.rev, reason="She said no.", by=study.coordinator,
        )  # fmt: skip
    assert set(listed()) == {"end of treatment", "AE 1", "sBCMA sample of 15 Jan 2026, 08:00"}

    row.refresh_from_db()
    with study.at():
        services.correct_withdrawal(
            trial=study.trial.pk, withdrawal=row.pk, covers="treatment", on=row.on, public_records=False, rev=row.rev,
            reason="Misheard.", by=study.coordinator,
        )  # fmt: skip
    assert set(listed()) == {"end of treatment"}
    row.refresh_from_db()
    with study.at():
        withdrawals.void_withdrawal(
            trial=study.trial.pk, withdrawal=row.pk, rev=row.rev, reason="x", by=study.coordinator
        )
    assert listed() == {}


def test_what_was_recorded_before_is_still_corrected_and_the_reason_stays_owed(study):
    event = study.event(study.patient, term="Fatigue", grade=2)
    fact(study, dosing.stop_treatment, on=study.today, stop_reason="Progression", by=study.coordinator)
    withdraw(study, "visits", ago=3)
    event.refresh_from_db()

    with study.at():
        events.correct_event(
            trial=study.trial.pk, event=event.pk, rev=event.rev, reason="Worse.", by=study.investigator,
            report=report(study, event.onset_on, grade=3),
        )  # fmt: skip
    fact(
        study, corrections.correct_stop, on=study.today, stop_reason="Adverse event", related=False,
        rev=Treatment.objects.get().rev, reason="Misread.", by=study.coordinator,
    )  # fmt: skip
    fact(
        study, corrections.correct_stop, on=study.today - timedelta(days=1), stop_reason="Adverse event", related=False,
        rev=Treatment.objects.get().rev, reason="Misread.", by=study.investigator,
    )  # fmt: skip

    assert listed() == {"AE 1": ("2026-01-15", ""), "end of treatment": ("2026-01-14", "")}


def test_the_reason_is_the_investigators_of_the_site_and_changed_with_a_reason_alone(study):
    withdraw(study, ago=3, stopped_on=study.today)
    row = Deviation.objects.get()
    for stranger in (study.coordinator, study.medical_monitor, study.monitor):
        with pytest.raises(PermissionDenied):
            explain(study, row, by=stranger)
    with pytest.raises(Exception, match="no such patient at your site"):
        explain(study, row, by=study.other_investigator)
    with pytest.raises(Refused, match="an answer is needed"):
        explain(study, row, why=" ")
    row.refresh_from_db()
    seen = row.rev

    explain(study, row)

    with pytest.raises(Stale, match="was changed by Investigator"):
        explain(study, row, why="Another.", rev=seen)
    with pytest.raises(Refused, match="^Reason: changing what was recorded needs one"):
        explain(study, row, why="Another.")
    explain(study, row, why="Another.", reason="Asked him again.")
    assert listed() == {"end of treatment": ("2026-01-15", "Another.")}
    assert AuditEvent.objects.filter(verb="deviation.correct", reason="Asked him again.").count() == 1


def test_what_is_no_deviation_any_more_is_not_explained(study):
    taken = withdraw(study, ago=3, stopped_on=study.today)
    row = Deviation.objects.get()
    taken.refresh_from_db()
    with study.at():
        withdrawals.void_withdrawal(
            trial=study.trial.pk, withdrawal=taken.pk, rev=taken.rev, reason="x", by=study.coordinator
        )
    with pytest.raises(Refused, match="is voided"):
        explain(study, row)
    with study.at():
        url = reverse("patients:deviation", args=[study.trial.code, row.pk])
        assert browser(study.investigator).get(url).status_code == 404


def test_deviations_by_rest(study):
    body = {
        "slot": 1, "covers": "visits", "on": str(study.today - timedelta(days=2)), "public_records": False,
        "stopped_on": str(study.today), "related": False, "reason": "Wish.",
    }  # fmt: skip
    assert send(study.coordinator, "withdrawals/", study, body).status_code == 201
    (row,) = ask(study.coordinator, "deviations/", study).json()["results"]
    assert (row["patient"], row["fact"], row["owed"], row["reason"]) == ("001", "end of treatment", True, "")
    assert ask(study.other_coordinator, "deviations/", study).json()["results"] == []

    path, said = f"deviations/{row['id']}/reason/", {"rev": row["rev"], "why": "Tablets at home."}
    assert send(study.coordinator, path, study, said).status_code == 403
    assert send(study.other_investigator, path, study, said).status_code == 404
    assert send(study.investigator, path, study, said).json()["owed"] is False
    assert send(study.investigator, path, study, said).status_code == 409
