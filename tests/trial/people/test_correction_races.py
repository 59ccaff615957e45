"""Two people at one name: real PostgreSQL, real threads."""

import pytest

from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import Account, Site, Trial, User
from trial.people import corrections
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    return factories.study()


def one_is_stale(found):
    (refused,) = (one for one in found if isinstance(one, Exception))
    assert isinstance(refused, Stale) and "was changed by Administrator since you opened the form" in str(refused)


def test_of_two_who_correct_one_site_one_is_asked_to_look_again(study):
    row = Site.objects.get(pk=study.site.pk)

    def correct(name):
        return lambda: corrections.correct_site(
            trial=study.trial.pk, site=row.pk, code=row.code, name=name, time_zone=row.time_zone, rev=row.rev,
            reason="x", by=study.administrator,
        )  # fmt: skip

    one_is_stale(at_once(study, correct("City hospital"), correct("City clinic")))
    assert Site.objects.get(pk=row.pk).name in ("City hospital", "City clinic")


def test_two_sites_corrected_to_one_code_at_once_leave_it_to_one(study):
    sites = [Site.objects.get(pk=site.pk) for site in (study.site, study.other_site)]
    calls = [
        lambda row=row: corrections.correct_site(
            trial=study.trial.pk, site=row.pk, code="77", name=row.name, time_zone=row.time_zone, rev=row.rev,
            reason="x", by=study.administrator,
        )
        for row in sites
    ]  # fmt: skip

    (refused,) = (one for one in at_once(study, *calls) if isinstance(one, Exception))

    assert isinstance(refused, Refused) and refused.field == "code"
    assert Site.objects.filter(trial=study.trial, code="77").count() == 1


def test_of_two_who_correct_one_person_one_is_asked_to_look_again(study):
    account = Account.objects.get(user=study.investigator)

    def correct(name):
        return lambda: corrections.correct_name(
            user=study.investigator.pk, name=name, rev=account.rev, reason="x", by=study.administrator
        )

    one_is_stale(at_once(None, correct("Dr Ada Able"), correct("Dr Ada Apt")))
    assert User.objects.get(pk=study.investigator.pk).name in ("Dr Ada Able", "Dr Ada Apt")


def test_of_two_who_correct_one_title_one_is_asked_to_look_again(study):
    row = Trial.objects.get(pk=study.trial.pk)

    def correct(title):
        return lambda: corrections.correct_trial(
            trial=row.pk, title=title, disease=row.disease, rev=row.rev, reason="x", by=study.administrator
        )

    one_is_stale(at_once(study, correct("One"), correct("Two")))
