"""A closed account that SQL switched on again: the log-in works, and opens nothing."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from escalation.enrolment import services as enrolment
from tests import factories
from tests.patients.test_pages import browser
from trial import services
from trial.models import Account, User
from trial.people import access, corrections
from trial.people import services as people
from trial.roles import May

pytestmark = pytest.mark.django_db


def test_whoever_is_switched_on_behind_the_record_neither_acts_nor_reads_nor_is_told():
    study = factories.study().open()
    other = factories.person("second", role="administrator")
    for person in (study.coordinator, other):
        people.close_account(user=person.pk, reason="Left the clinic.", by=study.administrator)
    User.objects.update(is_active=True)
    coordinator, former = User.objects.get(pk=study.coordinator.pk), User.objects.get(pk=other.pk)

    with pytest.raises(PermissionDenied), study.at():
        enrolment.request_slot(trial=study.trial.pk, by=coordinator)
    with pytest.raises(PermissionDenied):
        services.create_trial(code="theirs", title="Theirs", by=former)
    with pytest.raises(PermissionDenied):
        corrections.correct_name(user=coordinator.pk, name="Else", reason="Mine.", by=coordinator)
    assert Account.objects.get(user=coordinator).name == "Coordinator"
    assert browser(coordinator).get(reverse("trial:audit", args=[study.trial.code])).status_code == 404
    assert [list(access.trials(person)) for person in (coordinator, former)] == [[], []]
    assert coordinator not in [m.user for m in access.members(study.trial.pk, rights=[May.REQUEST_SLOT])]
