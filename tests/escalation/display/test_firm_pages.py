"""How firm the recommendation is stands beside it for committee, medical monitor and statistician, and for no reader
whose verdict is open."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.meetings import services
from tests import factories, rest
from trial.record import ledger

pytestmark = pytest.mark.django_db

ONE = "One other verdict would change it"


@pytest.fixture
def study():
    """1/3 at level 1: expand. Without that DLT it would be escalate, with another one nothing is tolerated."""
    study = factories.study().open()
    study.cohort(3, dlts=1)
    return study


def page(study, user, name="trial", *args, **query):
    client = Client()
    client.force_login(user)
    with study.at():
        return client.get(reverse(f"escalation:{name}", args=[study.trial.code, *args]), query).content.decode()


def firmness(study, user, path="status"):
    return rest.ask(user, path, study).json()["firmness"]


def test_those_who_decide_see_it_beside_the_recommendation_and_nobody_else(study):
    for reader in (study.dsmb, study.medical_monitor, study.statistician):
        for name in ("trial", "escalation"):
            assert ONE in page(study, reader, name)
    for other in (study.investigator, study.coordinator, study.auditor, study.monitor):
        assert "How firm" not in page(study, other, "escalation")
        assert firmness(study, other) is None

    said = page(study, study.dsmb)
    assert "Level 1: no DLT for the one with a DLT" in said
    assert "Level 1: a DLT for 1 of the 2 without a DLT" in said
    assert firmness(study, study.statistician) == {
        "evaluable": 3,
        "fewest": 1,
        "ways": [
            {
                "verdicts": [{"level": 1, "outcome": "dlt", "number": 1, "patients": [1]}],
                "then": {"action": "escalate", "level": 2},
            },
            {
                "verdicts": [{"level": 1, "outcome": "no_dlt", "number": 1, "patients": [2, 3]}],
                "then": {"action": "none_tolerated", "level": 0},
            },
        ],
    }


def test_a_reader_with_an_open_verdict_sees_none_of_it_also_not_of_the_past(study):
    study.sign()  # expand
    with study.at():
        meeting = services.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
    cut, frozen = f"meetings/{meeting.pk}/cuts/1/", firmness(study, study.medical_monitor)
    then = ledger.number_of(study.trial.pk)
    shown = rest.ask(study.medical_monitor, "status", study)
    event = study.event(study.dose())

    assert frozen["fewest"] == 1
    assert firmness(study, study.medical_monitor) is None
    assert firmness(study, study.medical_monitor, cut) is None
    assert "How firm" not in page(study, study.medical_monitor, "packet", 1, 1)
    assert "How firm" not in page(study, study.medical_monitor, as_of=then)
    assert rest.ask(study.medical_monitor, "status", study, If_None_Match=shown.headers["ETag"]).status_code == 200
    assert ONE in page(study, study.dsmb, "packet", 1, 1)  # nobody asks the committee yet
    assert firmness(study, study.dsmb, cut) == frozen

    study.verdict(event, study.investigator, is_dlt=True)
    study.verdict(event, study.medical_monitor, is_dlt=False)

    assert firmness(study, study.medical_monitor, cut) == frozen
    assert ONE in page(study, study.medical_monitor, as_of=then)
    assert firmness(study, study.dsmb, cut) is None  # the first two differ: the committee is the third
    assert firmness(study, study.dsmb) is None
    assert "How firm" not in page(study, study.dsmb2)


def test_it_asks_the_database_nothing_and_stands_in_no_decision(study, monkeypatch):
    def asked(reader) -> int:
        page(study, reader, "escalation")
        with CaptureQueriesContext(connection) as caught:
            page(study, reader, "escalation")
        return len(caught)

    with_it = asked(study.statistician)
    monkeypatch.setattr("escalation.display.firm.may_know", lambda scope, today: False)
    assert asked(study.statistician) == with_it

    signed = study.sign()
    assert not {"firm", "firmness"} & (signed.inputs.keys() | signed.recommendation.keys())
