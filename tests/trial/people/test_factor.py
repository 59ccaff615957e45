"""The second factor: at the log-in, under a signature, asked of who signs or administers; with real requests."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail as outgoing
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from escalation.decisions import services as decisions
from tests import factories, rest, second_factor
from tests.second_factor import code
from trial import notices
from trial.models import AccessEvent, Notice, Signature
from trial.people import factor
from trial.record import access_events
from trial.refusals import Refused
from trial.roles import Role

LOG_IN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return factories.person("somebody")


def log_in(client, user, **more):
    """The password, then the code."""
    answer = client.post(LOG_IN, {"login": user.email, "password": factories.PASSWORD})
    return client.post(CODE, more) if more else answer


def kinds(user):
    return list(AccessEvent.objects.filter(user=user).order_by("at", "id").values_list("kind", flat=True))


def mailed(user):
    return list(Notice.objects.filter(to=user).order_by("posted_at").values_list("subject", flat=True))


def test_the_log_in_asks_for_a_code_after_the_password(client, person):
    secret = second_factor.enrol(person)

    assert log_in(client, person).url == CODE
    assert client.get("/").status_code == 302  # the password alone opens nothing
    assert client.post(CODE, {"code": code(secret)}).url == "/"

    assert client.get("/").status_code == 200
    event = AccessEvent.objects.get(user=person)
    assert (event.kind, event.detail) == (access_events.LOG_IN, "with a code")


def test_a_code_is_good_once_and_the_next_one_opens(client, person):
    secret = second_factor.enrol(person)
    used = code(secret)
    log_in(client, person, code=used)

    again = log_in(Client(), person, code=used)
    assert "Wait for the next code." in again.content.decode()
    assert "_auth_user_id" not in Client().session
    earlier = log_in(Client(), person, code=code(secret, -1))
    assert "Wait for the next code." in earlier.content.decode()
    assert log_in(Client(), person, code=code(secret, 1)).url == "/"
    assert access_events.FACTOR_FAILED not in kinds(person)


@pytest.mark.django_db(transaction=True)
def test_one_code_at_two_doors_at_once_opens_one():
    user = factories.person("somebody")
    shown = code(second_factor.enrol(user))

    def knock(_):
        try:
            return factor.check(user, shown)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as doors:
        answers = list(doors.map(knock, range(4)))
    assert sorted(answers) == ["right", "used", "used", "used"]


def test_wrong_codes_lock_the_log_in_as_wrong_passwords_do(client, person):
    secret = second_factor.enrol(person)
    answers = [log_in(client, person, code="000000") for _ in range(5)]

    assert [a.status_code for a in answers[:4]] == [200] * 4
    assert "not the code that your app shows" in answers[0].content.decode()
    assert answers[4].status_code in (403, 429)
    assert client.post(CODE, {"code": code(secret)}).status_code in (403, 429)
    assert "_auth_user_id" not in client.session
    assert kinds(person).count(access_events.FACTOR_FAILED) == 5
    assert access_events.LOCKED_OUT in kinds(person)


def test_a_recovery_code_logs_in_once_and_is_told(client, person):
    second_factor.enrol(person)
    kept = second_factor.recovery(person)

    assert log_in(client, person, code=kept).url == "/"
    assert kinds(person) == [access_events.RECOVERY_USED, access_events.LOG_IN]
    assert mailed(person) == ["Your second factor was passed with a recovery code, which is used up by that"]
    assert "not the code" in log_in(Client(), person, code=kept).content.decode()


def test_set_up_and_turned_off_by_its_owner_with_events_and_mails(client, person, django_capture_on_commit_callbacks):
    log_in(client, person)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    assert factor.check(person, code(secret)) is factor.Answer.USED  # it proved the set-up already

    off = reverse("mfa_deactivate_totp")
    ask = client.get(off, follow=True)
    assert ask.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))  # the password would not do
    client.post(f"{reverse('mfa_reauthenticate')}?next={off}", {"code": code(secret, 1)})
    assert client.post(off).status_code == 302
    assert not factor.enrolled(person)

    assert set(kinds(person)) == {
        access_events.LOG_IN, access_events.FACTOR_ON, access_events.RECOVERY_MADE, access_events.FACTOR_OFF,
    }  # fmt: skip
    assert [subject.partition(":")[0] for subject in mailed(person)] == [
        "Your second factor is on", "Your second factor is off",
    ]  # fmt: skip


def test_new_recovery_codes_are_an_event_and_a_mail(client, person, django_capture_on_commit_callbacks):
    secret = second_factor.enrol(person)
    log_in(client, person, code=code(secret))
    new = reverse("mfa_generate_recovery_codes")
    client.post(f"{reverse('mfa_reauthenticate')}?next={new}", {"code": code(secret, 1)})

    with django_capture_on_commit_callbacks(execute=True):
        client.post(new)

    assert access_events.RECOVERY_MADE in kinds(person)
    assert mailed(person) == ["Your second factor has new recovery codes; the ones before open nothing any more"]


def test_what_is_stored_is_sealed_and_an_old_key_can_be_left(client, person, settings, capsys):
    secret = second_factor.enrol(person)
    stored = Authenticator.objects.get(user=person, type=factor.TOTP).data["secret"]
    assert secret not in stored

    settings.SECOND_FACTOR_KEYS = ["a new key", *settings.SECOND_FACTOR_KEYS]
    call_command("renew_second_factors")
    settings.SECOND_FACTOR_KEYS = ["a new key"]
    assert factor.check(person, code(secret)) is factor.Answer.RIGHT

    Authenticator.objects.filter(user=person, type=factor.TOTP).update(data={"secret": secret})
    assert factor.check(person, code(secret)) is factor.Answer.RIGHT  # from before there was a key

    Authenticator.objects.filter(user=person, type=factor.TOTP).update(data={"secret": stored})
    settings.SECOND_FACTOR_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="SECOND_FACTOR_KEYS is not set"):
        factor.check(person, code(secret))


# --- Under a signature


@pytest.fixture
def study():
    study = factories.study().open()
    study.cohort(3)
    return study


def decide(study, client, **more):
    url = reverse("escalation:decide", args=[study.trial.code])
    with study.at():
        form = client.get(url).context["form"]
        sent = {"key": form["key"].value(), "basis": form["basis"].value(), "choice": form["choice"].value()}
        if callable(sent["key"]):
            sent["key"] = sent["key"]()
        return client.post(url, sent | {"password": factories.PASSWORD, "reason": "Typed with care."} | more)


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_signature_asks_for_the_code_and_its_proof_says_so(study):
    secret = second_factor.enrol(study.dsmb)
    client = as_(study.dsmb)

    without = decide(study, client)
    assert without.status_code == 422
    assert "the one that your app shows now" in without.content.decode()
    paper = decide(study, client, code=second_factor.recovery(study.dsmb))
    assert paper.status_code == 422
    assert not Signature.objects.filter(user=study.dsmb, proof__startswith="password").exists()

    assert decide(study, client, code=code(secret)).status_code == 302
    signed = Signature.objects.get(user=study.dsmb, proof="password_totp")
    with study.at():
        page = as_(study.auditor).get(reverse("escalation:decision", args=[study.trial.code, 1]))
    assert signed.name in page.content.decode()
    assert "password and code entered again" in page.content.decode()


def test_a_used_code_signs_nothing_and_what_was_typed_is_kept(study):
    secret = second_factor.enrol(study.dsmb)
    factor.check(study.dsmb, code(secret))

    answer = decide(study, as_(study.dsmb), code=code(secret))

    assert answer.status_code == 422
    assert "Wait for the next code." in answer.content.decode()
    assert "Typed with care." in answer.content.decode()
    assert factories.PASSWORD not in answer.content.decode()


def test_who_has_no_factor_signs_with_the_password_and_sees_no_code(study):
    client = as_(study.dsmb)
    with study.at():
        page = client.get(reverse("escalation:decide", args=[study.trial.code])).content.decode()

    assert 'name="code"' not in page
    assert decide(study, client).status_code == 302
    assert Signature.objects.filter(user=study.dsmb, proof="password").count() == 1


def test_no_door_can_leave_the_code_out(study):
    second_factor.enrol(study.dsmb)

    here = study.situation()
    with study.at(), pytest.raises(Refused, match="a signature needs its code"):
        decisions.decide(
            trial=study.trial.pk, outcome=here.recommended, position=here.advice.level, basis=here.basis, reason="",
            proof="password", by=study.dsmb,
        )  # fmt: skip


# --- Required of who signs or administers


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = factor.REQUIRED


def test_who_signs_is_led_to_enrolling_and_opens_nothing_before(required, client):
    study = factories.study()
    log_in(client, study.dsmb)
    home, set_up = reverse("trial:home"), reverse("mfa_activate_totp")

    assert [client.get(path).url for path in (home, reverse("trial:tokens"))] == [set_up] * 2
    told = client.get("/api/v1/trials/")
    assert (told.status_code, told.json()["detail"]) == (403, factor.SET_UP_FIRST)
    page = client.get(set_up)
    assert "Set up your second factor first" in page.content.decode()
    client.post(set_up, {"code": code(page.context["form"].secret)})
    assert client.get(home).status_code == 200

    off = client.get(reverse("mfa_deactivate_totp"), follow=True)
    client.post(off.redirect_chain[-1][0], {"code": second_factor.recovery(study.dsmb)})
    assert "your second factor stays on" in client.get(reverse("mfa_deactivate_totp")).content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert factor.enrolled(study.dsmb)


def test_who_chose_the_password_by_a_link_is_led_to_enrolling_as_well(required, client):
    dsmb = factories.study().dsmb
    client.post(reverse("account_reset_password"), {"email": dsmb.email})
    notices.deliver_one()
    link = next(word for word in outgoing.outbox[-1].body.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("https://trials.example"))
    client.post(form.url, {"password1": "quite another phrase", "password2": "quite another phrase"})
    client.post(reverse("account_login"), {"login": dsmb.email, "password": "quite another phrase"})

    assert client.get(reverse("trial:home"), follow=True).redirect_chain == [(reverse("mfa_activate_totp"), 302)]


def test_it_is_asked_of_signers_and_administrators_alone(required):
    study = factories.study()
    asked = [name for name in ("dsmb", "medical_monitor", "administrator") if factor.owed(getattr(study, name))]
    spared = [name for name in ("coordinator", "investigator", "auditor") if factor.owed(getattr(study, name))]

    assert (asked, spared) == (["dsmb", "medical_monitor", "administrator"], [])
    assert factor.owed(factories.person("second", Role.ADMINISTRATOR))


def test_their_tokens_open_nothing_before(required):
    study = factories.study().open()

    refused = rest.ask(study.dsmb, "decisions/", study)
    assert (refused.status_code, refused.json()["detail"]) == (403, factor.SET_UP_FIRST)
    assert rest.ask(study.coordinator, "decisions/", study).status_code == 200
    second_factor.enrol(study.dsmb)
    assert rest.ask(study.dsmb, "decisions/", study).status_code == 200
