"""Versions of the consent form, what patients signed, re-consent, corrections, and consent before study procedures."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.protocol import services as protocol
from patients.consent import queries, services
from patients.consent.models import ConsentVersion
from patients.enrolment import services as enrolment
from patients.models import Consent, EligibilityAnswer
from tests import factories
from tests.patients.test_days import zone
from tests.patients.test_pages import browser, day, get, post, text
from tests.rest import ask, send
from trial import clock
from trial.models import AuditEvent, EligibilityCriterion
from trial.protocol_settings import ProtocolSettings
from trial.record import ledger
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Version 1.0 from the day before, and a patient who signed it and had his first dose."""
    study = factories.study().open()
    add(study, "1.0", study.today - timedelta(days=1))
    study.patient = study.dose()
    return study.later(10)


def add(study, version, valid_from, reconsent_by=None, by=None, kind="trial", key=None):
    with study.at():
        return services.add_version(
            trial=study.trial.pk, kind=kind, version=version, valid_from=valid_from, reconsent_by=reconsent_by,
            by=by or study.medical_monitor, key=key,
        )  # fmt: skip


def sign(study, version, given_on=None, by=None, kind="trial"):
    with study.at():
        return services.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind=kind, version=version,
            given_on=given_on or study.today, by=by or study.coordinator,
        )  # fmt: skip


def owed(study):
    return [(one.who, one.version.version, one.by) for one in queries.owed(study.trial.pk, study.today)]


def consent(study):
    return Consent.objects.get(slot=study.patient.slot_id, version="1.0")


def correct(study, row, by=None, **said):
    answers = {"version": row.version, "given_on": f"{row.given_on:%d %b %Y}", "reason": "Misread.", "rev": row.rev}
    return post(study, by or study.coordinator, "correct_consent", study.patient.slot.number, row.pk, **answers | said)


# ---- versions of the form ----


def test_a_new_version_is_asked_of_who_signed_an_earlier_one(study):
    by = study.today + timedelta(days=20)
    add(study, "2.0", study.today, by)

    assert owed(study) == [("patient 001", "2.0", by)]
    home = text(browser_home(study, study.coordinator))
    assert "Re-consent, version 2.0: patient 001" in home
    page = text(get(study, study.coordinator, "consent_forms"))
    assert "Patient 001" in page and "overdue" not in page

    study.later(21)
    assert "overdue" in text(get(study, study.coordinator, "consent_forms"))
    assert "Re-consent" not in text(browser_home(study, study.other_coordinator))

    sign(study, "2.0")
    assert owed(study) == []
    assert [c.version for c in Consent.objects.order_by("given_on")] == ["1.0", "2.0"], "the first one stays"


def browser_home(study, user):
    with study.at():
        return browser(user).get("/")


def test_a_version_that_asks_nobody_again_is_owed_by_nobody(study):
    add(study, "1.1", study.today)
    assert owed(study) == []


@pytest.mark.parametrize(("zone_name", "late"), [("Pacific/Auckland", True), ("America/Los_Angeles", False)])
def test_re_consent_is_overdue_by_the_calendar_of_the_site(study, zone_name, late):
    """Asked by 15 Jan: at 23:30 UTC of that day it is the 16th in Auckland and the 15th in Los Angeles."""
    zone(study, study.site, zone_name)
    add(study, "2.0", date(2026, 1, 14), date(2026, 1, 15))
    study.now = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)

    (one,) = queries.owed(study.trial.pk, clock.today(study.now, study.trial.time_zone))

    assert one.late is late
    assert ("overdue" in text(get(study, study.coordinator, "consent_forms"))) is late


def test_a_version_is_not_asked_before_it_is_in_use(study):
    add(study, "2.0", study.today + timedelta(days=5), study.today + timedelta(days=30))
    assert owed(study) == []


def test_who_left_the_sub_study_does_not_owe_its_form(study):
    add(study, "B1", study.today, kind="biomarker")
    row = sign(study, "B1", kind="biomarker")
    study.later(1)
    add(study, "B2", study.today, study.today, kind="biomarker")
    assert [version for _, version, _ in owed(study)] == ["B2"]

    with study.at():
        services.withdraw_consent(
            trial=study.trial.pk, consent=row.pk, on=study.today, reason="x", by=study.coordinator
        )

    assert owed(study) == []


def test_only_the_medical_monitor_keeps_the_versions(study):
    with pytest.raises(PermissionDenied, match="keep the versions of the consent form"):
        add(study, "2.0", study.today, by=study.coordinator)
    assert get(study, study.investigator, "add_consent_version").status_code == 403
    answer = post(
        study, study.medical_monitor, "add_consent_version", kind="trial", version="2.0", valid_from=day(study)
    )
    assert answer.url == reverse("patients:consent_forms", args=[study.trial.code])


@pytest.mark.parametrize(
    ("version", "valid_from", "reconsent_by", "field"),
    [
        ("1.0", 1, None, "version"),
        ("2.0", 0, None, "valid_from"),
        ("2.0", 5, 4, "reconsent_by"),
        (" ", 5, None, "version"),
    ],
)
def test_a_version_that_cannot_be_is_refused_at_its_field(study, version, valid_from, reconsent_by, field):
    start = ConsentVersion.objects.get().valid_from
    until = None if reconsent_by is None else start + timedelta(days=reconsent_by)

    with pytest.raises(Refused) as refused:
        add(study, version, start + timedelta(days=valid_from), until)

    assert refused.value.field == field


def test_the_database_keeps_one_version_of_a_name(study):
    known = ConsentVersion.objects.get()
    with (
        pytest.raises(IntegrityError, match="consentversion_once_in_trial"),
        transaction.atomic(),
        study.at(),
        ledger.action(study.trial.pk, by=None, may=None, verb="test"),
    ):
        ConsentVersion.objects.create(trial=study.trial, version=known.version, valid_from=study.today)


def test_a_version_is_corrected_with_a_reason_and_not_unseen(study):
    row = add(study, "2.0", study.today, study.today)
    row.refresh_from_db()
    later = study.today + timedelta(days=14)
    said = {"version": "2.0", "valid_from": day(study), "reconsent_by": f"{later:%d %b %Y}", "rev": row.rev}

    assert "Reason for the correction: an answer is needed." in text(
        post(study, study.medical_monitor, "correct_consent_version", row.pk, **said)
    )
    post(study, study.medical_monitor, "correct_consent_version", row.pk, reason="Too soon.", **said)
    row.refresh_from_db()
    assert row.reconsent_by == later

    stale = post(study, study.medical_monitor, "correct_consent_version", row.pk, reason="Again.", **said | {"rev": 1})
    assert stale.status_code == 409 and "since you opened the form" in text(stale)


def test_a_version_that_was_signed_keeps_its_name_and_place(study):
    row = ConsentVersion.objects.get()
    said = {
        "trial": study.trial.pk,
        "consent_version": row.pk,
        "rev": row.rev,
        "reason": "x",
        "by": study.medical_monitor,
    }
    with study.at(), pytest.raises(Refused, match="its name stays"):
        services.correct_version(**said, version="1.2", valid_from=row.valid_from)
    with study.at(), pytest.raises(Refused, match="was signed on 5 Jan 2026 already"):
        services.correct_version(**said, version="1.0", valid_from=study.today)
    with study.at(), pytest.raises(Refused, match="cannot be taken back"):
        services.void_version(**said)


# ---- what a patient signed ----


@pytest.mark.parametrize(
    ("version", "given_on", "sentence"),
    [
        ("1.0", None, "version 1.0 is recorded already"),
        ("9", None, "9 is none of this trial (1.0, 2.0)"),
        ("2.0", "4 Jan 2026", "version 2.0 is in use from 15 Jan 2026 on"),
    ],
)
def test_a_consent_is_to_a_version_that_could_be_signed_then(study, version, given_on, sentence):
    add(study, "2.0", study.today)
    day_of = study.today if given_on is None else study.today - timedelta(days=11)
    with pytest.raises(Refused) as refused:
        sign(study, version, day_of)
    assert sentence in str(refused.value)


def test_the_pages_of_a_patient_show_and_record_every_version(study):
    add(study, "2.0", study.today, study.today)
    page = text(get(study, study.coordinator, "patient", study.patient.number))
    assert "Version 2.0 is not signed yet" in page and "version 1.0, signed 5 Jan 2026" in page

    assert "Version 2.0 is asked by 15 Jan 2026." in text(get(study, study.coordinator, "reconsent", 1))
    post(study, study.coordinator, "reconsent", 1, kind="trial", version="2.0", given_on=day(study))

    page = text(get(study, study.coordinator, "patient", study.patient.number))
    assert "not signed yet" not in page and "version 2.0, signed 15 Jan 2026" in page
    assert post(study, study.investigator, "reconsent", 1).status_code == 403
    assert post(study, study.other_coordinator, "reconsent", 1).status_code == 404


def test_a_consents_date_is_corrected_and_the_old_one_kept(study):
    row = consent(study)
    answer = correct(study, row, given_on="4 Jan 2026")

    assert answer.url == reverse("patients:dates", args=[study.trial.code, study.patient.code])
    assert get(study, study.coordinator, "dates", study.patient.number).status_code == 302, "nothing wants checking"
    row.refresh_from_db()
    assert f"{row.given_on:%-d %b}" == "4 Jan"
    event = AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")
    assert (event.verb, event.reason, event.by) == ("consent.correct", "Misread.", study.coordinator)
    assert '"given_on":"2026-01-04"' in event.body
    first = AuditEvent.objects.filter(ledger__trial=study.trial, verb="consent.record").earliest("number")
    assert '"given_on":"2026-01-05"' in first.body


def test_a_correction_says_why_and_what_is_new_and_stands_on_the_row_as_it_is(study):
    row = consent(study)
    assert "Reason for the correction: an answer is needed." in text(
        correct(study, row, reason="", given_on="4 Jan 2026")
    )
    assert "recorded already" in text(correct(study, row))
    stale = correct(study, row, rev=1, given_on="4 Jan 2026")
    assert stale.status_code == 409 and "The consent was changed by Coordinator" in text(stale)
    assert correct(study, row, by=study.investigator, given_on="4 Jan 2026").status_code == 403
    assert correct(study, row, by=study.other_coordinator, given_on="4 Jan 2026").status_code == 404
    assert consent(study).given_on == row.given_on


def test_a_consent_is_not_corrected_to_after_the_enrolment(study):
    answer = correct(study, consent(study), given_on="7 Jan 2026")
    assert answer.status_code == 409
    assert "Signed on: 7 Jan 2026 is after the enrolment (5 Jan 2026)" in text(answer)
    add(study, "2.0", study.today - timedelta(days=3))
    later = sign(study, "2.0")
    later.refresh_from_db()
    assert correct(study, later, version="2.0", given_on="14 Jan 2026").status_code == 302


def test_the_list_of_versions_and_what_was_signed_before_it_was_kept(study):
    typed = sign(study, "B 1", study.today - timedelta(days=5), kind="biomarker")
    typed.refresh_from_db()
    with pytest.raises(Refused, match="B 1 was signed on 10 Jan 2026 already") as refused:
        add(study, "B 1", study.today, kind="biomarker")
    assert refused.value.field == "valid_from"

    add(study, "B 2", study.today, kind="biomarker")
    assert correct(study, typed, version="B 1", given_on="9 Jan 2026").status_code == 302, "its version stays"
    with pytest.raises(Refused, match="is none of this trial"):
        sign(study, "B 3", kind="biomarker")


# ---- consent before study procedures ----


def test_a_criterion_that_takes_a_procedure_is_answered_after_the_consent():
    study = factories.study()
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(), levels=factories.ladder(3), drugs=factories.DRUGS,
            criteria=["18 years or older", "* Marrow of the study shows 10 % plasma cells"], reason="x",
            by=study.medical_monitor,
        )  # fmt: skip
    study.open()
    slot = study.slot()
    version = study.situation().protocol.version
    criteria = EligibilityCriterion.objects.filter(version=version)
    assert [(c.text, c.procedure) for c in criteria] == [
        ("18 years or older", None),
        ("Marrow of the study shows 10 % plasma cells", True),
    ]
    answers = {c.pk: True for c in criteria}

    with study.at(), pytest.raises(Refused, match="the signed consent comes first") as refused:
        enrolment.confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version.pk, answers=answers, by=study.investigator
        )
    assert refused.value.field == "criterion_2"
    assert not EligibilityAnswer.objects.exists()

    with study.at():
        services.record_consent(
            trial=study.trial.pk, slot=slot.pk, version="1", given_on=study.today, by=study.coordinator
        )
        enrolment.confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version.pk, answers=answers, by=study.investigator
        )
    assert EligibilityAnswer.objects.count() == 2


def test_the_first_dose_is_not_before_the_consent():
    study = factories.study().open()
    study.patient = study.enrol()
    study.later(3)
    row = consent(study)
    with study.at(), ledger.action(study.trial.pk, by=None, may=None, verb="test"):
        row.given_on = study.today  # as it could be corrected before
        row.save()

    answer = post(
        study, study.coordinator, "first_dose", 1, on="6 Jan 2026",
        received_level=str(study.patient.cohort.dose_level_id), reason="",
    )  # fmt: skip

    assert answer.status_code == 409
    assert "First dose: 6 Jan 2026 is before the patient's consent (8 Jan 2026)." in text(answer)


# ---- REST, and as data grow ----


def test_consent_by_rest_is_the_same_consent(study):
    by = study.today + timedelta(days=9)
    made = send(
        study.medical_monitor, "consent-versions/", study,
        {"version": "2.0", "valid_from": str(study.today), "reconsent_by": str(by)},
    )  # fmt: skip
    assert made.status_code == 201 and made.json()["reconsent_by"] == str(by)
    assert send(study.coordinator, "consent-versions/", study, {"version": "3"}).status_code == 403
    (one,) = ask(study.coordinator, "reconsents/", study).json()["results"]
    assert (one["patient"], one["version"], one["by"]) == ("001", "2.0", str(by))

    key = uuid.uuid4()
    body = {"slot": 1, "version": "2.0", "given_on": str(study.today)}
    first = send(study.coordinator, "consents/", study, body, key=key)
    assert first.status_code == 201 and first.json()["patient"] == "001"
    assert send(study.coordinator, "consents/", study, body, key=key).json()["id"] == first.json()["id"]
    assert send(study.coordinator, "consents/", study, body).status_code == 409
    assert send(study.other_coordinator, "consents/", study, body).status_code == 404
    assert ask(study.coordinator, "reconsents/", study).json()["results"] == []
    assert [c["version"] for c in ask(study.coordinator, "consents/", study).json()["results"]] == ["1.0", "2.0"]
    assert ask(study.other_coordinator, "consents/", study).json()["results"] == []


def test_the_page_of_forms_asks_as_much_of_many_patients_as_of_one(study):
    add(study, "2.0", study.today, study.today)

    def queries_of_page():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            get(study, study.coordinator, "consent_forms")
        return len(asked)

    queries_of_page()
    one = queries_of_page()
    study.enrol()
    study.enrol()
    assert queries_of_page() == one


def test_a_stale_correction_is_refused_by_name(study):
    row = consent(study)
    correct(study, row, given_on="4 Jan 2026")
    with study.at(), pytest.raises(Stale, match="version 1.0, signed 4 Jan 2026, is recorded now"):
        services.correct_consent(
            trial=study.trial.pk, consent=row.pk, version="1.0", given_on=study.today, rev=row.rev, reason="x",
            by=study.coordinator,
        )  # fmt: skip


def test_a_consent_is_corrected_by_rest(study):
    row = consent(study)
    path, said = f"consents/{row.pk}/correction", {"version": "1.0", "given_on": "2026-01-04", "rev": row.rev}
    assert send(study.coordinator, path, study, said | {"reason": ""}).status_code == 400
    assert send(study.other_coordinator, path, study, said | {"reason": "Misread."}).status_code == 404
    assert send(study.investigator, path, study, said | {"reason": "Misread."}).status_code == 403
    made = send(study.coordinator, path, study, said | {"reason": "Misread."})
    assert (made.status_code, made.json()["given_on"]) == (201, "2026-01-04")

    late = send(study.coordinator, path, study, said | {"given_on": "2026-01-03", "reason": "Misread."})
    assert late.status_code == 409 and "since you opened the form" in late.json()["detail"]


def test_a_correction_by_rest_that_leaves_the_withdrawal_out_keeps_it(study):
    with study.at():
        row = services.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind="biomarker", version="1.0", given_on=study.today,
            by=study.coordinator,
        )  # fmt: skip
        services.withdraw_consent(
            trial=study.trial.pk, consent=row.pk, on=study.today, reason="Wish.", by=study.coordinator
        )
    row.refresh_from_db()
    said = {"version": "1.1", "given_on": f"{row.given_on}", "rev": row.rev, "reason": "Misread."}

    made = send(study.coordinator, f"consents/{row.pk}/correction", study, said)

    assert (made.json()["version"], made.json()["withdrawn_on"]) == ("1.1", f"{study.today}")
