"""The page of expansion and backfill, for its readers and signers."""

import pytest
from django.test import Client
from django.urls import reverse

from escalation.outside import queries
from patients.models import Cohort, Patient
from tests import factories
from tests.escalation.outside.test_outside import decide, mtd, opened, slot, treat

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    return study


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(study, name="outside", *args):
    return reverse(f"escalation:{name}", args=[study.trial.code, *args])


def propose(study, user, **more):
    with study.at():
        client = as_(user)
        form = client.get(url(study)).context["form"]
        sent = {"key": form["key"].value(), "basis": form["basis"].value(), "choice": "open:backfill:1", "places": "2"}
        if callable(sent["key"]):
            sent["key"] = sent["key"]()
        return client.post(url(study), sent | {"reason": "As planned.", "password": factories.PASSWORD} | more)


def test_everybody_reads_and_only_signers_decide(study):
    for role in ("coordinator", "investigator", "statistician", "auditor"):
        with study.at():
            page = as_(getattr(study, role)).get(url(study))
            assert page.status_code == 200
            assert "Running DLT rate" in page.content.decode()
            assert page.context["form"] is None
            assert as_(getattr(study, role)).post(url(study), {}).status_code == 403
    assert as_(factories.person("stranger")).get(url(study)).status_code == 404


def test_a_backfill_cohort_is_opened_in_the_browser_and_asked_for(study):
    assert propose(study, study.dsmb).status_code == 302
    with study.at():
        client = as_(study.medical_monitor)
        page = client.get(url(study))
        assert "(password entered again)" in page.content.decode()
        assert 'name="code"' not in page.content.decode()  # he has no second factor
        signing = page.context["signing"]
        key = signing["key"].value()
        sent = {
            "key": key() if callable(key) else key,
            "basis": signing["basis"].value(),
            "password": factories.PASSWORD,
        }
        assert client.post(url(study, "outside_sign", 1), sent).status_code == 302

    cohort = Cohort.objects.get(role="backfill")
    with study.at():
        asked = as_(study.coordinator).get(
            f"{reverse('patients:request_slot', args=[study.trial.code])}?cohort={cohort.number}"
        )
        assert "Request a slot for backfill at level 1" in asked.content.decode()
        trial = as_(study.dsmb).get(reverse("escalation:trial", args=[study.trial.code]))
        assert trial.status_code == 200
    assert queries.places(study.situation())[0].free == 2


@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        ({"password": "no"}, "not your password", 422),
        ({"places": "x"}, "whole number", 422),
        ({"places": ""}, "from 1 to 200", 409),
        ({"choice": "open:backfill:2"}, "not below the level", 409),
        ({"choice": "open:expansion:1"}, "needs a signed MTD", 409),
        ({"reason": ""}, "an answer is needed", 422),
    ],
)
def test_what_is_wrong_is_said_and_nothing_stored(study, wrong, words, status):
    response = propose(study, study.dsmb, **wrong)

    assert response.status_code == status
    assert words in response.content.decode()
    assert queries.decisions(study.trial.pk) == []


def expansion():
    """Level 1 is the MTD, its expansion cohort is open, one of its slots is granted and ready."""
    study = mtd()
    decide(study, "open", "expansion", 1, places=4)
    return study, study.ready(slot(study, opened("expansion")))


def test_the_page_of_a_slot_outside_the_count_leads_to_the_enrolment_after_escalation_has_ended():
    study, ready = expansion()

    with study.at():
        client = as_(study.coordinator)
        page = client.get(reverse("patients:slot", args=[study.trial.code, ready.number]))
        assert "the patient can be enrolled" in page.content.decode()
        key = page.context["enrol_form"]["key"].value()
        enrolled = client.post(
            reverse("patients:enrol", args=[study.trial.code, ready.number]), {"key": key() if callable(key) else key}
        )

    assert enrolled.status_code == 302
    assert Patient.objects.get(slot=ready).role == "expansion"


def test_the_counts_of_the_running_rate_lead_to_their_patients():
    study, _ = expansion()
    treat(study, opened("expansion"))

    with study.at():
        client = as_(study.dsmb)
        page = client.get(url(study)).content.decode()
        link = f"{reverse('patients:list', args=[study.trial.code])}?level=1&amp;group=expansion"
        assert f'<a href="{link}">none evaluable yet, 1 pending</a>' in page
        listed = client.get(link.replace("&amp;", "&"))

    assert [row["level"] for row in listed.context["rows"]] == ["1"]
    assert listed.context["fits"] == 1


def test_a_patient_outside_the_count_is_called_so_and_the_recommendation_tells_his_dlt():
    study, _ = expansion()
    patient = treat(study, opened("expansion"))
    study.dlt(patient)

    with study.at():
        client = as_(study.dsmb)
        his = client.get(reverse("patients:patient", args=[study.trial.code, patient.number])).content.decode()
        page = client.get(reverse("escalation:escalation", args=[study.trial.code])).content.decode()

    assert "Level 1 · expansion, outside the count" in his
    assert "<dd>level 1: expansion 1/1</dd>" in page
