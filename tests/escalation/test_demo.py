"""The demo: every trial of it reached by services, the study in mid-course, and a second start that does nothing."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from escalation import cast, demo, queries
from patients.models import DoseTaken, Slot
from trial.models import Ledger, Notice, Signature, Trial, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db):
    printed = StringIO()
    call_command("demo", processes=1, stdout=printed)
    return printed.getvalue()


@pytest.fixture
def here(built):
    return queries.situation(Trial.objects.get(code=demo.CODE), datetime.now(UTC).date())


def test_it_holds_three_replays_with_their_source_and_the_study(built):
    labels = dict(Trial.objects.values_list("code", "label"))

    assert labels.pop("demo-srm").startswith("Demo data")
    assert sorted(labels) == ["replay-capecitabine", "replay-elotuzumab", "replay-paclitaxel"]
    assert all(label.startswith("Replay of: ") for label in labels.values())
    assert all(trial.simulated for trial in Trial.objects.all())
    assert [trial.code for trial in Trial.objects.filter(illustrative=True)] == ["demo-srm"]


def test_the_study_is_in_mid_course(here):
    tallies = [(t.level, t.dlts, t.evaluable, t.pending, t.suspected, t.replaced) for t in here.advice.tallies]

    assert [level.label for level in here.protocol.levels] == ["-1", "1", "2", "3", "4"]
    assert tallies == [
        (1, 0, 0, 0, 0, 0),
        (2, 0, 3, 0, 0, 0),
        (3, 1, 6, 0, 0, 1),
        (4, 0, 0, 3, 1, 0),
        (5, 0, 0, 0, 0, 0),
    ]
    assert here.position == 4
    assert not here.free
    assert [hold.sentence for hold in here.holds] == ["Patient 012 has a suspected DLT; it must be adjudicated first."]


def test_its_suspected_dlt_waits_for_the_medical_monitor(here):
    (review,) = [event for facts in here.facts for event in facts.events if event.in_review]

    assert [verdict.reader for verdict in review.verdicts] == ["first"]
    assert review.suggestion.criterion == "N1"


def test_its_finished_patients_have_doses(here):
    finished = {facts.patient for facts in here.facts if facts.outcome in ("dlt", "no_dlt", "not_evaluable")}

    assert len(finished) == 10
    assert {dose.patient for dose in DoseTaken.objects.all()} == finished


def test_a_place_is_waited_for(here):
    assert Slot.objects.get(state=Slot.State.WAITING).site.code == "02"


def test_everybody_can_sign_in(built, settings):
    settings.AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
    for _, email, password in cast.logins():
        assert authenticate(RequestFactory().post("/"), email=email, password=password), email
        assert email in built


def test_every_name_says_that_it_is_a_demo(built):
    assert all(user.name.startswith("Demo ") for user in User.objects.all())


def test_its_record_verifies(built):
    printed = StringIO()
    call_command("verify_ledger", stdout=printed)

    assert "wrong" not in printed.getvalue()


def test_no_mail_is_owed_for_what_was_played(built):
    assert Notice.objects.exists()
    assert not Notice.objects.filter(done_at=None).exists()


def test_a_second_start_does_nothing(built, django_assert_max_num_queries):
    before = list(Ledger.objects.values_list("trial", "number", "head").order_by("pk"))
    printed = StringIO()

    with django_assert_max_num_queries(6):
        call_command("demo", stdout=printed)

    assert printed.getvalue() == ""
    assert list(Ledger.objects.values_list("trial", "number", "head").order_by("pk")) == before


def test_signatures_of_the_demo_are_simulated(built):
    assert set(Signature.objects.values_list("proof", flat=True)) == {"simulated"}


def test_a_served_installation_asks_for_a_password_of_its_own(settings):
    settings.HTTPS = True

    with pytest.raises(CommandError, match="choose another one with --password"):
        call_command("demo")

    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_its_trials_can_be_played_beside_each_other():
    demo.build("a long pass phrase", processes=2)

    assert Trial.objects.count() == 4
    call_command("verify_ledger", stdout=StringIO())
