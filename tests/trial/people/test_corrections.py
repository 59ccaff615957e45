"""Correcting names: of a site and of the trial by the administrator, of a person by himself or by him."""

import uuid

import pytest
from django.urls import reverse

from tests import factories
from tests.patients.test_pages import browser, text
from trial.models import Account, AuditEvent, Signature, Site, Trial, User
from trial.people import corrections

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study()


def post(by, view, *args, **said):
    answers = {"key": uuid.uuid4(), "reason": "A typing error."} | said
    return browser(by).post(reverse(f"trial:{view}", args=args), answers)


def site(study, by=None, **said):
    row = Site.objects.get(pk=study.site.pk)
    answers = {"rev": row.rev, "code": row.code, "name": row.name, "time_zone": row.time_zone} | said
    return post(by or study.administrator, "correct_site", study.trial.code, row.pk, **answers)


def name(study, by, who, **said):
    rev = Account.objects.get(user=who).rev
    return post(by, "correct_name", who.pk, **{"rev": rev} | said)


def test_a_site_is_corrected_with_old_and_new_in_the_record(study):
    people = browser(study.administrator).get(reverse("trial:people", args=[study.trial.code])).content.decode()
    assert reverse("trial:correct_site", args=[study.trial.code, study.site.pk]) in people

    assert site(study, name="First hospital", time_zone="Pacific/Auckland").status_code == 302

    row = Site.objects.get(pk=study.site.pk)
    assert (row.name, row.time_zone) == ("First hospital", "Pacific/Auckland")
    action = AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")
    assert (action.verb, action.reason, action.by) == ("site.correct", "A typing error.", study.administrator)


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({}, 409, "Site: this is recorded already."),
        ({"code": "02"}, 409, "Code: this trial has a site 02 already."),
        ({"name": "X", "reason": ""}, 422, "Reason for the correction: an answer is needed."),
        ({"name": "X", "rev": 1}, 409, "Site 01 was changed by Administrator since you opened the form"),
    ],
)
def test_a_site_that_cannot_be_is_refused(study, said, status, sentence):
    answer = site(study, **said)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert Site.objects.get(pk=study.site.pk).name == "First clinic"


def test_only_the_administrator_corrects_site_and_trial(study):
    trial = {"rev": study.trial.rev, "title": "Another"}
    for by in (study.coordinator, study.medical_monitor):
        assert site(study, by, name="X").status_code == 403
        assert post(by, "correct_trial", study.trial.code, **trial).status_code == 403

    assert post(study.administrator, "correct_trial", study.trial.code, **trial | {"rev": 99}).status_code == 302
    assert Trial.objects.get(pk=study.trial.pk).title == "Another"


def test_a_person_corrects_his_own_name_and_what_he_signed_keeps_the_old_one(study):
    study.open()
    form = browser(study.dsmb).get(reverse("trial:correct_name", args=[study.dsmb.pk]))
    assert "Recorded: Dsmb" in text(form)

    assert name(study, study.dsmb, study.dsmb, name="Dr. D. Smb").status_code == 302

    assert User.objects.get(pk=study.dsmb.pk).name == "Dr. D. Smb"
    assert Account.objects.get(user=study.dsmb).name == "Dr. D. Smb"
    assert Signature.objects.get(user=study.dsmb).name == "Dsmb"
    action = AuditEvent.objects.filter(ledger__trial=None).latest("number")
    assert (action.verb, action.by, action.acting_as) == ("account.correct", study.dsmb, "own account")


def test_nobody_but_the_administrator_corrects_another_persons_name(study):
    assert name(study, study.dsmb, study.coordinator, name="X").status_code == 403
    assert browser(study.dsmb).get(reverse("trial:correct_name", args=[study.coordinator.pk])).status_code == 403
    with pytest.raises(Exception, match="You may not"):
        corrections.correct_name(user=study.coordinator.pk, name="X", reason="x", by=study.dsmb)

    assert name(study, study.administrator, study.coordinator, name="C. Oordinator").status_code == 302
    assert User.objects.get(pk=study.coordinator.pk).name == "C. Oordinator"


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"name": "Dsmb"}, 409, "Name: Dsmb is recorded already."),
        ({"name": "X", "reason": ""}, 422, "Reason for the correction: an answer is needed."),
        ({"name": "X", "rev": 0}, 409, "since you opened the form: the name is Dsmb now."),
    ],
)
def test_a_name_that_cannot_be_is_refused(study, said, status, sentence):
    answer = name(study, study.dsmb, study.dsmb, **said)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert User.objects.get(pk=study.dsmb.pk).name == "Dsmb"
