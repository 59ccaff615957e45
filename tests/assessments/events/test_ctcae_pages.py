"""The event form of a trial on CTCAE 6.0, the search for a term, and an answer that is refused at its field."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from assessments.models import AdverseEvent
from tests import factories
from trial.models import Drug, RowImage
from trial.record.values import said as said_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    made = factories.study(ctcae_version="6.0").open()
    made.patient = made.dose()
    return made.later(10)


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def ask(study, name, *args, by=None, post=None, **query):
    url = reverse(f"assessments:{name}", args=[study.trial.code, *args])
    client = browser(by or study.investigator)
    with study.at():
        return client.get(url, query) if post is None else client.post(url, post)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def answers(study, **changed):
    return {
        "key": uuid.uuid4(),
        "grade": 3,
        "onset_on": f"{study.today - timedelta(days=8):%d %b %Y}",
        **{f"relation_{drug.position}": "possible" for drug in Drug.objects.filter(trial=study.trial)},
    } | changed


def test_the_lowest_value_is_asked_judged_and_shown(study):
    code = study.patient.code
    said = answers(study, term="Neutrophil count decreased")

    form = text(ask(study, "report", code))
    open_ = text(ask(study, "preview", code, post=said))
    met = text(ask(study, "preview", code, post=said | {"lowest_value": "0.3"}))
    wrong = ask(study, "report", code, post=said | {"lowest_value": "0.05"})
    done = ask(study, "report", code, post=said | {"lowest_value": "0.3"})

    assert "Lowest value" in form
    assert "what was the lowest value?" in open_
    assert "H1 Neutrophils below 0.5 × 10^9/L for 7 days or more" in met
    assert wrong.status_code == 409
    assert "0.05 × 10^9/L is grade 4 in CTCAE 6.0" in text(wrong)
    assert done.status_code == 302
    event = AdverseEvent.objects.get(trial=study.trial)
    assert "0.3 × 10^9/L" in text(ask(study, "event", event.number))
    image = RowImage.objects.filter(row=event.pk).latest("seq").image
    assert said_of(event.lowest_value) == said_of(image["lowest_value"]) == "0.3"  # no difference to the corrector


def test_a_trial_on_5_0_asks_no_value():
    study = factories.study().open()
    study.patient = study.dose()

    assert "Lowest value" not in text(ask(study, "report", study.patient.code))


def test_a_clearing_answer_is_refused_beside_its_question(study):
    said = answers(study, term="Hypokalemia", corrected_within_72h="yes")

    refused = ask(study, "report", study.patient.code, post=said)

    assert refused.status_code == 409
    assert "Corrected within 72 hours: yes cannot stand beside the dates." in text(refused)
    assert not AdverseEvent.objects.filter(trial=study.trial).exists()


def test_terms_are_searched_by_what_people_type(study):
    found = json.loads(ask(study, "terms", q="low platelets").content)["terms"]

    assert [(term["term"], term["grades"]) for term in found] == [("Thrombocytopenia", [1, 2, 3, 4, 5])]
    assert json.loads(ask(study, "terms", q="").content) == {"terms": []}
    assert ask(study, "terms", by=study.dsmb, q="x").status_code == 403
