"""Beside the matrix of tests/access: rows of another trial, and the verdict for the one who gave it.

The walk reads the URLs themselves, so a view that forgets to ask whose row it is fails without a test of its own.
"""

import re
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver, get_resolver

from assessments.review import services as assessments
from escalation.meetings import queries
from escalation.meetings import services as meetings
from tests import factories
from tests.rest import secret

pytestmark = pytest.mark.django_db

VERDICT = "the marrow was clear on the second look"


@pytest.fixture
def study():
    """A trial with a patient, a decision, a slot, a meeting, and an event that only the investigator has read."""
    study = factories.study().open()
    patient = study.dose()
    study.later(3)
    study.slot()
    event = study.event(patient)
    study.assess(patient, serum_m="3.0")
    with study.at():
        assessments.give_verdict(
            trial=study.trial.pk, event=event.pk, is_dlt=False, reason=VERDICT, by=study.investigator
        )
        meetings.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
    return study


def patterns(resolver=None, before=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, before + str(entry.pattern))
        elif not before.startswith("accounts/"):
            yield f"/{before}{entry.pattern}"


def addresses(study, trial=None):
    """Every address below a trial, with the numbers and ids of the study's rows."""
    trial = trial or study.trial
    ids = {
        "patient": study.situation().facts[0].patient.pk,
        "event": study.situation().facts[0].events[0].event.pk,
        "decision": study.situation().in_force[0].pk,
        "meeting": queries.meetings(study.trial.pk)[0].pk,
    }
    for pattern in patterns():
        if "trial>" in pattern:
            path = pattern.replace("<slug:trial>", trial.code).replace("<uuid:trial>", str(trial.pk))
            path = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], uuid.uuid4())), path)
            yield re.sub(r"<int:\w+>", "1", path)


def asking(study, user):
    """What gets a response for a person: in the browser, and with a token below /api/."""
    client = Client()
    if user:
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    token = {"Authorization": f"Bearer {secret(user, 'read write')}"} if user else {}

    def ask(path, method="get"):
        with study.at():
            if path.startswith("/api/"):
                return getattr(Client(), method)(path, headers=token)
            return getattr(client, method)(path)

    return ask


def test_ids_of_another_trial_are_not_there_in_ones_own(study):
    own = factories.study().open()
    ask = asking(own, own.medical_monitor)

    for path in addresses(study, own.trial):
        if re.search(r"/(patients|events|decisions|meetings)/[0-9a-f-]{36}/", path):
            said = ask(path).status_code
            assert said == 404 or (said == 405 and ask(path, "post").status_code in (403, 404)), path


def test_the_one_who_gave_the_verdict_still_reads_it(study):
    ask = asking(study, study.investigator)

    assert VERDICT in ask(f"/trials/{study.trial.code}/events/1/").content.decode()
