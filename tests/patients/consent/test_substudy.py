"""Withdrawing the sub-study's consent, which is separate from the trial's: by whom, and what is refused."""

import pytest
from django.urls import reverse

from patients.consent.services import record_consent
from patients.models import Consent
from tests import factories
from tests.patients.test_pages import day, get, post, text
from trial.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def started():
    """A patient on treatment who signed the sub-study's consent on 8 Jan, the day before."""
    study = factories.study().open()
    study.patient = study.dose()
    sign(study.later(3), "1.0")
    return study.later(1)


def sign(study, version):
    with study.at():
        record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind=Consent.Kind.BIOMARKER, version=version,
            given_on=study.today, by=study.coordinator,
        )  # fmt: skip


def consent(study, kind=Consent.Kind.BIOMARKER):
    return Consent.objects.get(slot__patient=study.patient, kind=kind)


def withdraw(study, by, row, **answers):
    return post(study, by, "withdraw_consent", study.patient.slot.number, row.pk, **answers)


def test_the_sub_studys_consent_is_withdrawn_on_its_own(started):
    row = consent(started)
    url = reverse("patients:withdraw_consent", args=[started.trial.code, started.patient.slot.number, row.pk])
    assert url in get(started, started.coordinator, "patient", 1).content.decode()
    asked = get(started, started.coordinator, "withdraw_consent", started.patient.slot.number, row.pk)
    assert "no new sBCMA value can be stored" in text(asked)

    answer = withdraw(started, started.coordinator, row, on=day(started), reason="No more samples.")

    assert answer.url == reverse("patients:patient", args=[started.trial.code, started.patient.code])
    assert consent(started, Consent.Kind.TRIAL).withdrawn_on is None
    assert consent(started).withdrawn_on == started.today
    event = AuditEvent.objects.filter(ledger__trial=started.trial).latest("number")
    assert (event.verb, event.reason, event.by) == ("consent.withdraw", "No more samples.", started.coordinator)
    page = get(started, started.coordinator, "patient", 1)
    assert "withdrawn 9 Jan 2026" in text(page)
    assert url not in page.content.decode(), "what is withdrawn is not withdrawn again"


def test_every_version_that_was_signed_is_withdrawn_with_it(started):
    first = consent(started)
    sign(started, "2.0")
    withdraw(started, started.coordinator, first, on=day(started), reason="x")
    found = Consent.objects.filter(kind=Consent.Kind.BIOMARKER).values_list("withdrawn_on", flat=True)
    assert list(found) == [started.today] * 2


@pytest.mark.parametrize(
    ("answers", "status", "sentence"),
    [
        ({"on": "7 Jan 2026", "reason": "x"}, 409, "Withdrawn on: must be from the day it was given to today."),
        ({"on": "10 Jan 2026", "reason": "x"}, 409, "Withdrawn on: must be from the day it was given to today."),
        ({"on": "9 Jan 2026", "reason": ""}, 422, "Reason: an answer is needed."),
        ({"on": "soon", "reason": "x"}, 422, "write a date like"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused_beside_its_field(started, answers, status, sentence):
    answer = withdraw(started, started.coordinator, consent(started), **answers)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert consent(started).withdrawn_on is None


def test_others_do_not_withdraw(started):
    row = consent(started)
    said = {"on": day(started), "reason": "x"}
    assert withdraw(started, started.investigator, row, **said).status_code == 403
    assert withdraw(started, started.statistician, row, **said).status_code == 403
    assert withdraw(started, started.other_coordinator, row, **said).status_code == 404
    assert consent(started).withdrawn_on is None


def test_the_day_of_the_withdrawal_is_corrected_and_taken_back_with_a_reason(started):
    sign(started, "2.0")
    rows = {c.version: c for c in Consent.objects.filter(kind=Consent.Kind.BIOMARKER)}
    withdraw(started, started.coordinator, rows["1.0"], on=day(started), reason="x")
    started.later(2)

    def correct(withdrawn_on, version="1.0"):
        row = Consent.objects.get(pk=rows[version].pk)
        said = {
            "version": version,
            "given_on": f"{row.given_on:%d %b %Y}",
            "withdrawn_on": withdrawn_on,
            "rev": row.rev,
        }
        return post(
            started, started.coordinator, "correct_consent", started.patient.slot.number, row.pk, reason="y", **said
        )

    def withdrawn():
        found = Consent.objects.filter(kind=Consent.Kind.BIOMARKER).values_list("withdrawn_on", flat=True)
        return set(found)

    assert "from the day it was given to today" in text(correct("12 Jan 2026"))
    assert correct(day(started)).status_code == 302
    assert withdrawn() == {started.today}
    assert correct("", "2.0").status_code == 302
    assert withdrawn() == {None}
