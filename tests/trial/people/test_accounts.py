"""What administrators do to accounts: with a reason, told to the owner, signing suspended until another confirms."""

import re
import uuid

import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from escalation.decisions import services as decisions
from tests import factories, second_factor
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import text
from trial import notices, queries
from trial.models import Account, AuditEvent, Notice, Signature, Suspension, User
from trial.people import accounts, services, suspensions, tokens
from trial.record import ledger, verification
from trial.refusals import Refused
from trial.roles import May, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Two administrators; decision 0 waits for the second signature."""
    made = factories.study()
    made.second = factories.person("second", Role.ADMINISTRATOR)
    return made


def browser(person, password=factories.PASSWORD):
    client = Client()
    client.post("/accounts/login/", {"login": User.objects.get(pk=person.pk).email, "password": password})
    return client


def is_in(client):
    return client.get("/").status_code == 200


def act(by, view, who, client=None, **said):
    asked = {"key": uuid.uuid4(), "reason": "As he asked on the phone."} | said
    return (client or browser(by)).post(reverse(f"trial:{view}", args=[who.pk]), asked)


def last():
    return AuditEvent.objects.filter(ledger__trial=None).latest("number")


def told(person):
    return list(Notice.objects.filter(to=person).order_by("posted_at").values_list("subject", flat=True))


def causes(person):
    return [row.cause for row in suspensions.standing(person)]


def test_without_mail_a_new_address_is_the_log_in_at_once_and_both_are_told(study, settings):
    settings.EMAIL_URL = ""
    person, client = study.dsmb, browser(study.dsmb)
    old = person.email
    tokens.create(user=person, name="nightly")

    assert act(study.administrator, "change_address", person, email="New@example.org").status_code == 302

    person.refresh_from_db()
    assert (person.email, Account.objects.get(user=person).email) == ("new@example.org", "new@example.org")
    assert not is_in(client) and is_in(browser(person))
    assert not person.tokens.filter(revoked_at=None).exists()
    assert (last().verb, last().reason) == ("account.address", "As he asked on the phone.")
    assert causes(person) == ["address"]
    assert told(person) == ["The address of your account was changed"]
    outside = Notice.objects.get(to=None)
    assert (outside.address, outside.subject) == (old, "The address of your account was changed")
    assert f"{person.name} signs in with new@example.org now, no longer with {old}" in outside.text


def test_with_mail_a_new_address_is_taken_by_the_link_that_went_to_it(study):
    person, old = study.dsmb, study.dsmb.email
    act(study.administrator, "change_address", person, email="new@example.org")
    assert User.objects.get(pk=person.pk).email == old and not causes(person)
    while notices.deliver_one():
        pass
    (sent,) = (one for one in mail.outbox if one.to == ["new@example.org"])
    link = re.search(r"https://trials.example(/accounts/address/\S+)", sent.body)[1]
    assert told(person) == ["Your address is about to be changed"]

    stranger = Client()
    assert f"no longer with {old}" in text(stranger.get(link))
    assert stranger.post(link).url == "/accounts/login/"

    assert User.objects.get(pk=person.pk).email == "new@example.org"
    assert causes(person) == ["address"]
    assert Suspension.objects.get().by == study.administrator
    assert (last().verb, last().by, last().acting_as) == ("account.take_address", person, "own account")
    assert stranger.post(link).status_code == 409, "good once"
    assert Client().get("/accounts/address/forged/").status_code == 409


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"reason": ""}, 422, "Reason: an answer is needed."),
        ({"email": "nowhere"}, 422, "valid e"),
        ({"email": "TAKEN@example.org"}, 409, "there is an account with the address taken@example.org already"),
        ({"email": "own"}, 409, "is the address already"),
    ],
)
def test_an_address_that_cannot_be_is_refused_and_what_was_typed_stays(study, said, status, sentence):
    User.objects.filter(pk=study.monitor.pk).update(email="taken@example.org")
    if said.get("email") == "own":
        said = {"email": study.dsmb.email}

    answer = act(study.administrator, "change_address", study.dsmb, **{"email": "x@example.org"} | said)

    assert answer.status_code == status and sentence in text(answer)
    assert answer.context["form"]["reason"].value() == said.get("reason", "As he asked on the phone.")


def test_an_account_is_opened_again_without_its_sessions_and_tokens(study):
    person = study.dsmb
    _, secret = tokens.create(user=person, name="nightly")
    client = browser(person)
    services.close_account(user=person.pk, reason="Left.", by=study.administrator)
    page = reverse("trial:account", args=[person.pk])
    assert "Open it again" in text(browser(study.administrator).get(page))

    assert act(study.administrator, "reopen_account", person).status_code == 302

    assert not is_in(client)
    assert Client().get("/api/v1/trials/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert is_in(browser(person))
    assert causes(person) == ["opened"]
    assert act(study.administrator, "reopen_account", person).status_code == 409


def test_without_mail_a_new_password_is_shown_once_and_must_be_changed(study, settings):
    settings.EMAIL_URL = ""
    person, client, key = study.dsmb, browser(study.dsmb), uuid.uuid4()

    shown = act(study.administrator, "new_password", person, key=key)

    password = re.search(r"<code>([^<]+)</code>", shown.content.decode())[1]
    assert not is_in(client) and not is_in(browser(person))
    opened = browser(person, password)
    assert opened.get("/").url == "/accounts/password/change/"
    assert causes(person) == ["password"]
    again = act(study.administrator, "new_password", person, key=key)
    assert again.status_code == 302 and User.objects.get(pk=person.pk).check_password(password)


def test_with_mail_a_link_to_choose_a_password_goes_to_the_person_and_nobody_sees_one(study):
    person = study.dsmb

    answer = act(study.administrator, "new_password", person)

    assert answer.status_code == 302 and not is_in(browser(person))
    while notices.deliver_one():
        pass
    (sent,) = (one for one in mail.outbox if one.subject == "Choose a new password")
    assert sent.to == [person.email]
    link = re.search(r"https://trials.example(/accounts/password/reset/key/\S+)", sent.body)[1]
    client = Client()
    client.post(client.get(link).url, {"password1": "my own long phrase", "password2": "my own long phrase"})
    assert is_in(browser(person, "my own long phrase"))


def test_with_mail_an_account_is_opened_with_a_link_for_its_owner(study):
    said = {"key": uuid.uuid4(), "name": "New Person", "email": "fresh@example.org"}
    answer = browser(study.administrator).post(reverse("trial:open_account"), said, follow=True)

    assert "a link to choose a password goes to fresh@example.org" in text(answer)
    assert not User.objects.get(email="fresh@example.org").has_usable_password()
    assert Notice.objects.get(to__email="fresh@example.org").one_time


def test_a_lost_second_factor_is_taken_away_by_another(study):
    person = study.dsmb
    second_factor.enrol(person)
    second_factor.enrol(study.second)

    assert act(study.administrator, "remove_factor", person).status_code == 302

    assert causes(person) == ["factor"] and is_in(browser(person))
    assert told(person)[-1] == "Your second factor was taken away"
    for who, sentence in ((person, "has none"), (study.second, "turn your own off with its code")):
        with pytest.raises(Refused, match=sentence):
            accounts.remove_factor(user=who.pk, reason="x", by=study.second)


def test_an_administrator_signs_somebody_out_everywhere(study):
    client = browser(study.dsmb)

    assert act(study.administrator, "end_sessions", study.dsmb).status_code == 302

    assert not is_in(client) and is_in(browser(study.dsmb))
    assert last().verb == "account.sessions" and not causes(study.dsmb)
    page = text(browser(study.administrator).get(reverse("trial:account", args=[study.dsmb.pk])))
    assert "Sessions of an account ended Administrator As he asked on the phone." in page


# --- the suspension of signing


def confirm(by, who, **said):
    return act(by, "confirm_person", who, **{"reason": "Met him."} | said)


def propose(study):
    with study.at():
        here = study.situation()
        return decisions.decide(
            trial=study.trial.pk, outcome=here.recommended, position=here.advice.level, basis=here.basis, reason="",
            proof="password", by=study.dsmb,
        )  # fmt: skip


def test_signing_waits_until_the_person_has_logged_in_and_a_second_administrator_has_confirmed(study):
    person = study.dsmb
    browser(person)
    accounts.end_sessions(user=person.pk, reason="x", by=study.administrator)
    services.close_account(user=person.pk, reason="Left.", by=study.administrator)
    accounts.reopen(user=person.pk, reason="Came back.", by=study.administrator)
    person.refresh_from_db()

    with pytest.raises(Refused, match="You have to log in; then another person confirms that it is you: Second"):
        propose(study)
    assert confirm(study.second, person).status_code == 409, "he has not logged in"
    home = text(browser(person).get("/"))
    assert "Your signing is suspended: account opened again on" in home
    assert "Confirm that it is Dsmb" in text(browser(study.second).get("/"))
    members = text(browser(study.statistician).get(reverse("trial:people", args=[study.trial.code])))
    assert members.count("signing suspended") == 1
    for other in (study.administrator, person, study.medical_monitor):
        assert confirm(other, person).status_code == 403
    assert "Confirm that it is Dsmb" not in text(browser(study.administrator).get("/"))

    assert confirm(study.second, person).status_code == 302

    row = Suspension.objects.get()
    assert (row.by, row.confirmed_by, last().verb) == (study.administrator, study.second, "account.confirm")
    propose(study)
    signature = Signature.objects.get(user=person)
    (said,) = signature.suspended
    assert said["words"].startswith("account opened again by Administrator on ")
    assert ", confirmed by Second on " in said["words"]
    assert "signing open again after: account opened again" in signature.proved
    assert suspensions.to_name(person) is None, "the next one only"


def test_with_one_administrator_another_who_may_sign_confirms(study, settings):
    services.close_account(user=study.second.pk, reason="Left.", by=study.administrator)
    settings.EMAIL_URL = ""
    accounts.change_address(user=study.dsmb.pk, email="n@example.org", reason="Moved.", by=study.administrator)
    browser(study.dsmb)

    assert confirm(study.administrator, study.dsmb).status_code == 403
    assert confirm(study.statistician, study.dsmb).status_code == 403
    assert confirm(study.medical_monitor, study.dsmb).url == "/"

    assert (last().by, last().acting_as) == (study.medical_monitor, "another signer")
    assert not suspensions.standing(study.dsmb)


def test_the_second_factor_that_is_required_comes_before_the_confirmation(study, settings):
    services.close_account(user=study.dsmb.pk, reason="x", by=study.administrator)
    accounts.reopen(user=study.dsmb.pk, reason="x", by=study.administrator)
    browser(study.dsmb)
    settings.SECOND_FACTOR = "required"

    with pytest.raises(Refused, match="Dsmb has still to set up the second factor"):
        suspensions.confirm(user=study.dsmb.pk, reason="Met.", by=study.second)
    second_factor.enrol(study.dsmb)
    suspensions.confirm(user=study.dsmb.pk, reason="Met.", by=study.second)


def test_a_factor_that_its_owner_turns_off_suspends_his_signing_too(study):
    accounts.factor_was_turned_off(by=study.dsmb)

    assert causes(study.dsmb) == ["factor"]
    assert [one.name for one in suspensions.confirmers(study.dsmb, suspensions.standing(study.dsmb))] == [
        "Administrator", "Second",
    ]  # fmt: skip


def test_nobody_whose_own_signing_is_suspended_confirms_another(study):
    for who in (study.second, study.dsmb):
        accounts.factor_was_turned_off(by=who)

    found = suspensions.confirmers(study.dsmb, suspensions.standing(study.dsmb))
    assert found == [study.administrator]


def test_the_database_refuses_a_confirmation_by_who_did_it(study):
    accounts.factor_was_turned_off(by=study.dsmb)

    row = Suspension.objects.get()
    row.confirmed_by, row.confirmed_at = study.dsmb, row.at

    with pytest.raises(IntegrityError, match="suspension_confirmed_by_another_person"):
        with ledger.action(None, by=study.second, may=May.MANAGE_PEOPLE, verb="account.confirm"):
            row.save()


def test_an_address_that_was_changed_in_the_database_is_found(study):
    (own,) = (one for one in queries.ledgers() if one.trial_id is None)
    assert verification.verify(own) == []

    User.objects.filter(pk=study.dsmb.pk).update(email="forged@example.org")

    assert any(
        "forged@example.org has another address than was recorded" in wrong for wrong in verification.verify(own)
    )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_of_each():
    study = factories.study()
    second, third = (factories.person(name, Role.ADMINISTRATOR) for name in ("second", "third"))
    services.close_account(user=study.dsmb.pk, reason="x", by=second)

    def refused(found):
        return sum(isinstance(one, Refused) for one in found)

    assert refused(at_once(None, *[lambda: accounts.reopen(user=study.dsmb.pk, reason="x", by=second)] * 2)) == 1
    browser(study.dsmb)
    assert refused(at_once(None, *[lambda: suspensions.confirm(user=study.dsmb.pk, reason="x", by=third)] * 2)) == 1
    assert Suspension.objects.filter(user=study.dsmb).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_asked_for_two_people_at_once_goes_to_one(settings):
    settings.EMAIL_URL = ""
    by = factories.person("administrator", Role.ADMINISTRATOR)
    people = [factories.person(name) for name in ("one", "two")]

    found = at_once(
        None,
        *[
            lambda who=who: accounts.change_address(user=who.pk, email="n@example.org", reason="x", by=by)
            for who in people
        ],
    )

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert User.objects.filter(email="n@example.org").count() == 1
