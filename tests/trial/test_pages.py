"""Home, people, audit and tokens, as three named people and a stranger see them."""

import re
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.decisions import holding
from escalation.enrolment import services as enrolment
from patients.dosing import services as patients
from tests import factories
from trial import services
from trial.models import AccessEvent, ApiToken, Drug, Membership, Site, Trial, User
from trial.record import access_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def key() -> str:
    return str(uuid.uuid4())


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- home


def test_home_shows_my_trial_with_its_level_and_what_waits_for_me(study):
    study.open()

    page = text(as_(study.investigator).get("/"))

    assert "A test trial" in page
    assert "0/3" in page
    assert "Nothing. What needs your reading" in page


def test_home_reads_a_trial_again_only_when_something_has_changed(study):
    study.open()
    client = as_(study.investigator)
    client.get("/")
    with CaptureQueriesContext(connection) as known:
        assert "0/3" in text(client.get("/"))
    patient = study.dose()
    study.event(patient)

    assert "DLT verdict: patient 001" in text(client.get("/"))
    with CaptureQueriesContext(connection) as again:
        client.get("/")
    assert len(again) == len(known) <= 11


def test_a_member_of_many_trials_finds_one_by_code_or_title_and_switches_to_the_last_ones(study):
    client = as_(study.administrator)
    for k in range(20):
        services.create_trial(code=f"arm-{k:02}", title=f"Arm number {k}", by=study.administrator)

    assert "arm-03" in text(client.get("/")) and "arm-19" not in text(client.get("/"))
    assert "arm-19" in text(client.get("/?q=ARM-19")) and "arm-03" not in text(client.get("/?q=ARM-19"))
    assert "arm-07" in text(client.get("/?q=number 7"))
    assert "No trial of yours has" in text(client.get("/?q=nowhere"))

    client.get(reverse("trial:people", args=["arm-17"]))
    page = text(client.get(reverse("trial:people", args=["arm-11"])))
    switcher = page[page.index("switcher") : page.index("All my trials")]
    assert switcher.index("/trials/arm-11/") < switcher.index("/trials/arm-17/")
    assert switcher.count('href="/trials/') == 6


def test_home_asks_the_readers_for_their_verdicts(study):
    study.open()
    patient = study.dose()
    study.event(patient)

    for person in (study.investigator, study.medical_monitor):
        assert "DLT verdict: patient 001, platelet count decreased grade 4" in text(as_(person).get("/"))
    for person in (study.other_investigator, study.coordinator, study.dsmb):
        assert "DLT verdict" not in text(as_(person).get("/"))


def test_home_asks_the_third_reader_only_when_the_two_differ(study):
    study.open()
    event = study.event(study.dose())
    study.verdict(event, study.investigator, is_dlt=True)
    assert "DLT verdict" not in text(as_(study.dsmb).get("/"))

    study.verdict(event, study.medical_monitor, is_dlt=False)

    assert "DLT verdict" in text(as_(study.dsmb).get("/"))
    assert "DLT verdict" not in text(as_(study.investigator).get("/"))


def test_home_asks_the_committee_for_a_decision_that_is_due(study):
    assert "Decision 0 is due: it opens the trial" in text(as_(study.dsmb).get("/"))
    assert "Decision 0 is due" not in text(as_(study.coordinator).get("/"))


def test_home_asks_the_investigator_to_confirm(study):
    study.open()
    patient = study.dose()
    study.take_doses(patient)

    page = text(as_(study.investigator).get("/"))  # the window that began in January is over

    assert "Confirm evaluability: patient 001" in page
    assert "Confirm evaluability" not in text(as_(study.other_investigator).get("/"))


def test_home_leads_the_site_from_the_slot_to_the_first_dose(study):
    def home(user):
        with study.at():
            return text(as_(user).get("/"))

    study.open()
    slot = study.slot()
    assert "Confirm eligibility: slot 1" in home(study.investigator)
    assert "Confirm eligibility" not in home(study.coordinator)
    assert "Confirm eligibility" not in home(study.other_investigator)

    study.ready(slot)
    assert "Confirm eligibility" not in home(study.investigator)

    with study.at():
        patient = enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)
    assert "Record the first dose: patient 001" in home(study.investigator)
    assert "Record the first dose" not in home(study.other_investigator)

    study.dose(patient)
    assert "Record the first dose" not in home(study.investigator)


def test_home_asks_the_medical_monitor_to_grant(study):
    study = factories.study(slot_approval="medical_monitor").open()
    study.slot()

    assert "Grant slot 1 to site 01" in text(as_(study.medical_monitor).get("/"))


def test_home_gives_the_administrator_names_and_no_clinical_data(study):
    study.open()
    study.dose()

    page = text(as_(study.administrator).get("/"))

    assert "A test trial" in page
    assert reverse("trial:new") in page
    assert "0/1" not in page
    assert f'href="{reverse("escalation:trial", args=[study.trial.code])}"' not in page


def test_home_of_a_stranger_is_empty(study):
    page = text(as_(factories.person("stranger")).get("/"))

    assert "A test trial" not in page
    assert "You are not a member of a trial yet" in page


def test_home_asks_the_database_as_often_for_one_patient_as_for_many(study, django_assert_max_num_queries):
    study.open()
    for _ in range(3):
        study.dose()
    client = as_(study.investigator)

    with django_assert_max_num_queries(45):
        client.get("/")


# --- a new trial


def test_an_administrator_creates_a_trial(study):
    said = {"key": key(), "code": "sel-1", "title": "Selinexor", "disease": "Myeloma", "time_zone": "Europe/Vienna"}
    address = {"sponsor_address": "1 Long Street"}

    refused = as_(study.administrator).post(reverse("trial:new"), said | address)
    response = as_(study.administrator).post(reverse("trial:new"), said | address | {"sponsor": " A foundation "})

    assert refused.status_code == 409
    assert "name the sponsor." in text(refused)
    assert response.url == reverse("trial:people", args=["sel-1"])
    made = Trial.objects.get(code="sel-1")
    assert (made.time_zone, made.sponsor, made.sponsor_address) == ("Europe/Vienna", "A foundation", "1 Long Street")


def test_a_code_that_is_taken_is_refused_and_what_was_typed_stays(study):
    said = {"key": key(), "code": study.trial.code, "title": "Another title", "time_zone": "UTC"}

    response = as_(study.administrator).post(reverse("trial:new"), said)

    assert response.status_code == 409
    assert "there is a trial" in text(response)
    assert "Another title" in text(response)


@pytest.mark.parametrize("who", ["coordinator", "medical_monitor", "dsmb", "auditor"])
def test_nobody_else_creates_a_trial(study, who):
    assert as_(getattr(study, who)).get(reverse("trial:new")).status_code == 403


# --- people


def people(study, name="people", *more) -> str:
    return reverse(f"trial:{name}", args=[study.trial.code, *more])


def test_members_see_who_works_in_the_trial_and_no_forms(study):
    response = as_(study.coordinator).get(people(study))

    assert response.status_code == 200
    assert "Medical_monitor" in text(response)
    assert people(study, "add_member") not in text(response)


def test_the_administrator_sees_people_and_nothing_else_of_the_trial(study):
    client = as_(study.administrator)

    assert people(study, "add_member") in text(client.get(people(study)))
    assert client.get(people(study, "audit")).status_code == 403
    assert client.get(reverse("escalation:protocol", args=[study.trial.code])).status_code == 403


@pytest.mark.parametrize("name", ["add_member", "add_site"])
def test_a_coordinator_gets_403_and_a_stranger_404_on_the_forms_of_people(study, name):
    assert as_(study.coordinator).get(people(study, name)).status_code == 403
    assert as_(study.coordinator).post(people(study, name), {"key": key()}).status_code == 403
    assert as_(factories.person("stranger")).get(people(study, name)).status_code == 404


def test_a_stranger_does_not_learn_that_the_trial_exists(study):
    stranger = as_(factories.person("stranger"))

    for name in ("people", "audit"):
        assert stranger.get(people(study, name)).status_code == 404


def test_the_administrator_adds_a_site_and_a_principal_investigator(study):
    client = as_(study.administrator)
    client.post(people(study, "add_site"), {"key": key(), "code": "03", "name": "Third", "time_zone": "UTC"})
    site = Site.objects.get(trial=study.trial, code="03")
    doctor = factories.person("doctor")
    said = {"key": key(), "user": doctor.pk, "role": "investigator", "site": site.pk, "principal": "on"}

    response = client.post(people(study, "add_member"), said)

    assert response.status_code == 302
    assert Membership.objects.get(user=doctor).principal


def test_an_investigator_without_a_site_is_refused_beside_the_field(study):
    said = {"key": key(), "user": factories.person("doctor").pk, "role": "investigator", "site": ""}

    response = as_(study.administrator).post(people(study, "add_member"), said)

    assert response.status_code == 409
    assert "works at one site; choose it" in text(response)


def test_a_role_ends_with_a_reason_only(study):
    member = Membership.objects.get(trial=study.trial, user=study.statistician)
    client, url = as_(study.administrator), people(study, "end_membership", member.pk)

    assert client.post(url, {"key": key(), "reason": ""}).status_code == 422
    assert client.post(url, {"key": key(), "reason": "Left the institute."}).status_code == 302

    assert as_(study.statistician).get(people(study)).status_code == 404


def test_a_membership_of_another_trial_is_404(study):
    other = factories.study()
    member = Membership.objects.get(trial=other.trial, user=other.statistician)

    assert as_(study.administrator).get(people(study, "end_membership", member.pk)).status_code == 404


# --- accounts


def test_the_first_password_of_an_account_is_shown_once_where_no_mail_is_set_up(study, settings):
    settings.EMAIL_URL = ""
    client = as_(study.administrator)
    said = {"key": key(), "name": "New Person", "email": "new@example.org"}

    response = client.post(reverse("trial:open_account"), said)

    password = re.search(r"<code>([^<]+)</code>", response.content.decode())[1]
    assert User.objects.get(email="new@example.org").check_password(password)
    assert response["Cache-Control"] == "no-store"
    again = client.post(reverse("trial:open_account"), said, follow=True)
    assert password not in text(again)
    assert "the password was shown once" in text(again)


def test_a_closed_account_can_do_nothing(study):
    client = as_(study.coordinator)
    url = reverse("trial:close_account", args=[study.coordinator.pk])

    as_(study.administrator).post(url, {"key": key(), "reason": "Left."})

    assert client.get("/").status_code == 302  # to the log-in


@pytest.mark.parametrize("name", ["accounts", "open_account"])
def test_only_an_administrator_manages_accounts(study, name):
    assert as_(study.administrator).get(reverse(f"trial:{name}")).status_code == 200
    assert as_(study.medical_monitor).get(reverse(f"trial:{name}")).status_code == 403


# --- audit


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("monitor", 200), ("coordinator", 403), ("dsmb", 403)])
def test_auditor_and_monitor_read_the_audit_trail(study, who, status):
    assert as_(getattr(study, who)).get(people(study, "audit")).status_code == status


def test_the_audit_trail_shows_a_correction_with_both_values(study):
    study.open()
    patient = study.dose()
    study.take_doses(patient, taken=100)
    with study.at():
        drug = Drug.objects.filter(trial=study.trial).first()
        patients.record_dosing(
            trial=study.trial.pk,
            patient=patient.pk,
            doses={drug.pk: (Decimal(100), Decimal(90))},
            unusual="All taken on one day.",
            reason="Miscounted.",
            by=study.investigator,
        )

    page = text(as_(study.auditor).get(people(study, "audit"), {"verb": "dosing.correct"}))

    assert "<strong>Doses corrected</strong>" in page
    assert "Reason: Miscounted." in page
    assert f"Doses taken of {drug.name}, patient 001</a>" in page
    assert 'amount taken: <del class="diff-old">100</del> → <ins class="diff-new">90</ins>' in page


def test_the_audit_trail_is_filtered_by_person_patient_and_time(study):
    study.open()
    study.dose()
    study.event(study.dose())
    client, url = as_(study.auditor), people(study, "audit")

    def found(**asked):
        return [entry.verb for entry in client.get(url, asked).context["entries"]]

    assert set(found(by=study.dsmb.pk)) == {"Decision signed"}
    assert "Adverse event reported" in found(row="002")
    assert "Adverse event reported" not in found(row="001")
    assert found(row="AE 1") == ["Adverse event reported"]
    assert found(row="patient 9") == []
    assert found(until="2020-01-01") == []
    assert found(since="1 Jan 2020")
    assert client.get(url, {"since": "yesterday-ish"}).status_code == 422


@pytest.mark.parametrize("typed", ["07/08/2026", "9999-12-31", "0026-01-01", "soon"])
@pytest.mark.parametrize("name", ["audit", "audit_export"])
def test_a_date_that_the_audit_filter_cannot_read_finds_nothing_and_says_why(study, name, typed):
    answer = as_(study.auditor).get(people(study, name), {"until": typed})

    assert answer.status_code == 422
    assert "write a date like 14 Mar 2026 or 2026-03-14." in text(answer)
    assert typed in answer.text
    assert "0 events" in text(answer)


def test_the_audit_trail_is_sorted_and_keeps_its_filter(study):
    study.open()
    study.dose()
    client, url = as_(study.auditor), people(study, "audit")

    def numbers(**asked):
        return [int(number) for number in re.findall(r'<tr id="event-(\d+)"', client.get(url, asked).text)]

    assert numbers() == sorted(numbers(), reverse=True)
    assert numbers(sort="number")[:3] == [1, 2, 3]
    assert numbers(sort="no-such-column") == numbers()
    verbs = [entry.event.verb for entry in client.get(url, {"sort": "-verb"}).context["entries"]]
    assert verbs == sorted(verbs, reverse=True)
    page = text(client.get(url, {"sort": "by", "by": study.dsmb.pk}))
    assert '<th scope="col" aria-sort="ascending"><a class="sort" href="?sort=-by&amp;by=' in page
    assert '<input type="hidden" name="sort" value="by">' in page


def test_people_are_sorted_by_name_site_and_last_sign_in(study):
    client, url = as_(study.auditor), people(study)
    User.objects.filter(pk=study.auditor.pk).update(last_login=study.now)

    def names(sort):
        return [m.user.name for m in client.get(url, {"sort": sort}).context["members"]]

    assert names("name") == sorted(names("name"))
    assert names("-name") == names("name")[::-1]
    assert names("signed_in")[-1] == "Auditor"
    assert 'aria-sort="descending"><a class="sort" href="?sort=name">Name' in text(client.get(url, {"sort": "-name"}))


def test_accounts_are_sorted_by_their_trials(study):
    def trials(sort):
        accounts = as_(study.administrator).get(reverse("trial:accounts"), {"sort": sort}).context["accounts"]
        return [account.trials for account in accounts]

    assert trials("trials") == sorted(trials("trials"))
    assert trials("-trials") == sorted(trials("trials"), reverse=True)


def test_an_untouched_record_is_verified(study):
    study.open()

    page = text(as_(study.auditor).post(people(study, "verify")))

    assert "Everything agrees" in page
    assert AccessEvent.objects.filter(kind=access_events.VERIFY, trial=study.trial).exists()


def test_the_export_is_recorded_and_no_formula(study):
    with study.at():
        holding.hold(trial=study.trial.pk, reason="=1+1", by=study.medical_monitor)

    response = as_(study.auditor).get(people(study, "audit_export"))

    assert response["Content-Type"].startswith("text/csv")
    assert "'=1+1" in response.getvalue().decode()
    exported = AccessEvent.objects.get(kind=access_events.EXPORT)
    assert (exported.user, exported.trial) == (study.auditor, study.trial)


def test_the_audit_page_asks_the_database_as_often_for_many_events(study, django_assert_max_num_queries):
    study.open()
    for _ in range(3):
        study.dose()
    client = as_(study.auditor)

    with django_assert_max_num_queries(45):
        client.get(people(study, "audit"))


# --- tokens


def test_a_token_is_shown_once_and_stored_as_a_hash(study):
    client = as_(study.statistician)
    said = {"key": key(), "name": "nightly", "scopes": "read", "days": "30", "password": factories.PASSWORD}

    response = client.post(reverse("trial:tokens"), said)

    secret = re.search(r"esc_[0-9a-f]{8}_[\w-]+", response.content.decode())[0]
    token = ApiToken.objects.get(user=study.statistician)
    assert token.digest not in secret
    assert secret not in text(client.get(reverse("trial:tokens")))
    assert f"esc_{token.prefix}" in text(client.get(reverse("trial:tokens")))


def test_a_token_is_revoked_by_its_owner_only(study):
    client = as_(study.statistician)
    said = {"key": key(), "name": "nightly", "scopes": "read write", "days": "30", "password": factories.PASSWORD}
    client.post(reverse("trial:tokens"), said)
    token = ApiToken.objects.get(user=study.statistician)
    url = reverse("trial:revoke_token", args=[token.pk])

    assert as_(study.dsmb).post(url).status_code == 404
    assert client.post(url).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_lives_at_most_a_year(study):
    said = {"key": key(), "name": "for ever", "scopes": "read", "days": "9999", "password": factories.PASSWORD}

    assert as_(study.statistician).post(reverse("trial:tokens"), said).status_code == 422
