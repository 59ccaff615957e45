"""An amendment asks about every patient still in the DLT window, and lists those whom it includes."""

import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.count.first_dose import void_first_dose
from escalation.enrolment.services import first_dose
from escalation.protocol import check as safety_check
from escalation.protocol import effect as protocol_effect
from escalation.protocol import services as protocol
from patients import queries as patients
from patients.models import AmendedPatient, Patient, Treatment
from tests import factories, rest
from tests.escalation.decisions.test_races import at_once
from tests.escalation.protocol.test_protocol_pages import fields
from trial import queries
from trial.models import Ledger, ProtocolVersion
from trial.protocol_settings import ProtocolSettings
from trial.record import verification
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Three dosed patients at level 1: one with a complete window, two on day 11."""
    study = factories.study().open()
    study.complete(study.dose())
    first, second = study.dose(), study.dose()
    study.later(10)
    study.first, study.second = first, second
    return study


def amend(study, answers, **settings):
    """Version 2 with these settings, as the service is called. answers: by patient, whether it includes him."""
    with study.at():
        return protocol.write(
            unusual="As the test says.",
            trial=study.trial.pk,
            settings=replace(ProtocolSettings(), **settings),
            levels=factories.ladder(3),
            drugs=factories.DRUGS,
            criteria=["18 years or older"],
            reason="A shorter window.",
            based_on=1,
            patients=None if answers is None else {patient.pk: yes for patient, yes in answers.items()},
            by=study.medical_monitor,
        )


def of(study, patient):
    return next(f for f in study.situation().facts if f.patient.pk == patient.pk)


def client(study, user=None) -> Client:
    client = Client()
    client.force_login(user or study.medical_monitor)
    return client


def form(study) -> str:
    return reverse("escalation:amend", args=[study.trial.code])


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_patient_keeps_the_window_of_his_first_dose_unless_he_is_included(study):
    version = amend(study, {study.first: True, study.second: False}, window_days=21)

    assert (of(study, study.first).window_days, of(study, study.second).window_days) == (21, 28)
    assert [row.patient.pk for row in patients.amended(study.trial.pk)[version.pk]] == [study.first.pk]
    assert [row.was.number for row in AmendedPatient.objects.filter(trial=study.trial)] == [1]


def test_a_first_dose_taken_back_and_entered_again_keeps_the_amendment(study):
    amend(study, {study.first: True, study.second: False}, window_days=21)
    for patient in (study.first, study.second):
        row = Treatment.objects.get(patient=patient)
        who = {"trial": study.trial.pk, "by": study.coordinator, "reason": "It was given after all."}
        with study.at():
            void_first_dose(**who, treatment=row.pk, rev=row.rev)
            first_dose(**who, patient=patient.pk, on=row.first_dose_on, given=True)

    assert (of(study, study.first).window_days, of(study, study.second).window_days) == (21, 28)


def test_the_window_over_is_over_for_everybody_else(study):
    done = next(f.patient for f in study.situation().facts if f.outcome == "no_dlt")
    waiting = protocol_effect.in_window(study.situation())

    assert {f.patient.pk for f in waiting} == {study.first.pk, study.second.pk}
    with pytest.raises(Refused, match=f"Patient {done.code} is not in the DLT window any more"):
        amend(study, {study.first: True, study.second: True, done: True}, window_days=21)


def test_nobody_in_the_window_is_passed_over(study):
    with pytest.raises(
        Refused, match=f"Patient {study.second.code} is in the DLT window and was not asked about"
    ) as no:
        amend(study, {study.first: True}, window_days=21)

    assert no.value.field == f"patient_{study.second.number}"
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_a_dlt_is_not_taken_back_by_an_amendment(study):
    study.dlt(study.first)

    with pytest.raises(Refused, match="not in the DLT window any more"):
        amend(study, {study.first: True, study.second: True}, window_days=5)

    amend(study, {study.second: True}, window_days=21)
    assert of(study, study.first).outcome == "dlt"


def test_signed_decisions_keep_their_basis_and_the_record_its_chain(study):
    amend(study, {study.first: True, study.second: True}, window_days=21)

    assert not study.situation().changes
    assert verification.verify(Ledger.objects.get(trial=study.trial)) == []


def test_what_is_stored_is_never_changed(study):
    amend(study, {study.first: True, study.second: False}, window_days=21)
    row = AmendedPatient.objects.get(trial=study.trial)

    with pytest.raises(IntegrityError), transaction.atomic():
        AmendedPatient.objects.create(trial=study.trial, version=row.version, patient=study.second, was=row.version)


def test_the_form_asks_about_each_and_says_who_they_are(study):
    with study.at():
        shown = text(client(study).get(form(study)))

    assert f"Patient {study.first.code}: level 1, day 11 of 28, Pending" in shown
    assert "Stays under version 1" in shown
    assert len(re.findall(r'<input type="radio" name="patient_\d+"', shown)) == 4


def test_an_answer_for_each_is_needed_and_what_was_typed_is_kept(study):
    with study.at():
        sent = fields(client(study).get(form(study))) | {"reason": "Shorter.", "window_days": "21", "do": "write"}
        sent[f"patient_{study.first.number}"] = "yes"
        response = client(study).post(form(study), sent)

    assert response.status_code == 422
    assert f"Patient {study.second.code}: say whether the amendment includes this patient." in text(response)
    assert 'value="21"' in text(response)
    assert re.search(rf'name="patient_{study.first.number}" value="yes"[^>]* checked', text(response))


def test_the_preview_says_what_it_means_for_them_and_for_the_recommendation(study):
    with study.at():
        sent = fields(client(study).get(form(study))) | {"reason": "Shorter.", "window_days": "21", "do": "preview"}
        sent |= {f"patient_{study.first.number}": "yes", f"patient_{study.second.number}": "no"}
        shown = text(client(study).post(form(study), sent))

    assert "The recommendation stays as it is: <strong>Wait</strong>" in shown
    assert "It includes 1 patient still in the DLT window, for whom it changes the DLT window" in shown
    assert f"Patient {study.first.code}: day 11 of 21 instead of 28, last day 22 Feb 2026; counts as before" in shown
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_the_preview_asks_for_no_reason_and_no_answer_but_putting_in_force_does(study):
    with study.at():
        sent = fields(client(study).get(form(study))) | {"window_days": "21"}
        seen = client(study).post(form(study), sent | {"do": "preview"})
        broken = client(study).post(form(study), sent | {"window_days": "0", "do": "preview"})
        written = client(study).post(form(study), sent | {"do": "write"})

    shown = text(seen)
    assert seen.status_code == 200
    assert '<del class="diff-old">28 days</del> <ins class="diff-new">21 days</ins>' in shown
    assert "The rule is exhaustively checked" in shown
    codes = f"{study.first.code}, {study.second.code}"
    assert f"counted here as staying under their versions: patients {codes}." in shown
    assert "once the reason is given and each patient in the DLT window is answered for." in shown
    assert "an answer is needed" not in shown
    assert 'aria-invalid="true"' not in shown
    assert broken.status_code == 409
    assert "must be from 1 to 365" in text(broken)
    assert written.status_code == 422
    assert set(written.context["form"].errors) == {
        "reason",
        f"patient_{study.first.number}",
        f"patient_{study.second.number}",
    }
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_a_preview_without_a_reason_names_the_rule_that_the_exhaustive_check_refuses(study, monkeypatch):
    def broken(*asked):
        raise safety_check.Unsafe("a level is skipped", [(1, 0, 3)], ["1", "2", "3"])

    monkeypatch.setattr(safety_check, "checked", broken)
    with study.at():
        sent = fields(client(study).get(form(study))) | {"variant": "D3", "do": "preview"}
        refused = client(study).post(form(study), sent)

    assert refused.status_code == 409
    assert "this rule cannot come in force: a level is skipped" in text(refused)


def test_the_preview_says_when_the_recommendation_would_change():
    study = factories.study().open()
    for _ in range(3):
        study.complete(study.dose())
    with study.at():
        assert study.situation().advice.action == "escalate"
        sent = fields(client(study).get(form(study))) | {"reason": "Larger.", "a": "4", "b": "2", "do": "preview"}
        shown = text(client(study).post(form(study), sent))
        stood = text(client(study).post(form(study), sent | {"do": "write"}))

    # 0/3 passes under 3+3; four are wanted under 4+2
    assert '<del class="diff-old">Escalate to level 2.' in shown
    assert '<ins class="diff-new">Enrol at level 1.' in shown
    assert study.situation().advice.action == "enrol", stood


def test_the_page_and_the_rest_interface_list_them(study):
    amend(study, {study.first: True, study.second: False}, window_days=21)
    url = reverse("escalation:protocol", args=[study.trial.code])
    with study.at():
        shown = text(client(study).get(url))
        elsewhere = text(client(study, study.other_coordinator).get(url))
        patient = text(client(study).get(reverse("patients:patient", args=[study.trial.code, study.first.number])))

    assert f">patient {study.first.code}</a>." in shown
    assert f"patient {study.first.code}" not in elsewhere
    assert "1 of another site." in elsewhere
    assert "by protocol version 2" in patient
    versions = rest.ask(study.statistician, "protocol", study).json()["versions"]
    assert [v["included_patients"] for v in versions] == [[study.first.number], []]
    assert rest.ask(study.other_coordinator, "protocol", study).json()["versions"][0]["included_patients"] == [None]


@pytest.mark.django_db(transaction=True)
def test_a_first_dose_and_an_amendment_at_once_pass_nobody_over():
    study = factories.study().open()
    dosed, waiting = study.dose(), study.enrol()
    study.later(3)

    answers = at_once(
        study,
        lambda: amend(study, {dosed: True}, window_days=21),
        lambda: study.dose(Patient.objects.get(pk=waiting.pk)),
    )

    version = ProtocolVersion.objects.filter(trial=study.trial).last()
    treatment = Treatment.objects.get(patient=waiting)
    if isinstance(answers[0], Refused):  # the dose was first: the writer had not been asked about him
        assert "was not asked about" in str(answers[0])
        assert (version.number, treatment.protocol.number) == (1, 1)
    else:  # the amendment was first: his window is its own
        assert (version.number, treatment.protocol.number) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_two_amendments_at_once_include_a_patient_once():
    study = factories.study().open()
    dosed = study.dose()

    answers = at_once(study, *[lambda: amend(study, {dosed: True}, window_days=21) for _ in range(2)])

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert AmendedPatient.objects.filter(trial=study.trial).count() == 1
    assert queries.protocol(study.trial.pk).version.number == 2
