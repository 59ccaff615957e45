"""A first verdict stays shut in the trail, its file and its endpoints until the second is given."""

import hashlib
import re

import pytest
from django.test import Client
from django.urls import reverse

from assessments.events import services as events
from assessments.events import sight
from assessments.events.services import EventReport
from assessments.models import DltVerdict
from assessments.review import services as review
from tests import factories
from tests.rest import ask
from trial.models import Drug

pytestmark = pytest.mark.django_db
REASON = "the transfusion came before the count"
GIVE = "verdict.give"


@pytest.fixture
def study():
    made = factories.study().open()
    made.event_row = made.event(made.dose())
    with made.at():
        review.give_verdict(
            trial=made.trial.pk, event=made.event_row.pk, is_dlt=True, criterion="H3", reason=REASON,
            by=made.investigator,
        )  # fmt: skip
    return made


def read(study, who):
    """The trail page, its file, and what REST says of the verdict."""
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        page = client.get(reverse("trial:audit", args=[study.trial.code]), {"verb": GIVE}).content.decode()
        file = client.get(reverse("trial:audit_export", args=[study.trial.code])).getvalue().decode()
    listed = ask(getattr(study, who), "audit/", study).json()["results"]
    number = next(row["number"] for row in listed if row["verb"] == GIVE)
    return page, file, next(row for row in listed if row["number"] == number), number


@pytest.mark.parametrize("who", ["auditor", "monitor"])
def test_nobody_reads_the_first_verdict_in_the_record_before_the_second(study, who):
    page, file, row, number = read(study, who)
    one = ask(getattr(study, who), f"audit/{number}/", study)

    assert REASON not in file
    for words in (page, str(row), one.text):
        assert REASON not in words
        assert re.search(r"\bH3\b", words) is None  # a token of the page may hold the letters
    assert "Shut until the second verdict is given." in page
    assert "shut until the second verdict is given" in file
    assert (row["shut"], row["reason"], one.json()["body"]) == (True, "", None)
    assert one.json()["hash"] == row["hash"]
    assert study.investigator.name in page

    study.verdict(study.event_row, study.medical_monitor)

    page, file, row, _ = read(study, who)
    one = ask(getattr(study, who), f"audit/{number}/", study).json()
    assert REASON in page
    assert REASON in file
    assert not row["shut"]
    assert hashlib.sha256(one["body"].encode()).hexdigest() == one["hash"]


def test_ones_own_is_open(study):
    (given,) = DltVerdict.objects.filter(trial=study.trial)

    assert sight.shut(study.trial.pk, study.investigator) == frozenset()
    assert sight.shut(study.trial.pk, study.auditor) == {given.pk}


def test_a_lone_verdict_of_an_earlier_reading_opens_with_the_present_one(study):
    row, drug = study.event_row, Drug.objects.filter(trial=study.trial).first()
    row.refresh_from_db()
    with study.at():  # a changed event is read again
        events.correct_event(
            trial=study.trial.pk, event=row.pk, rev=row.rev, reason="Related", by=study.investigator,
            report=EventReport(
                term=row.term, grade=4, onset_on=row.onset_on, relations={drug.pk: "definite"}, qualifiers={}
            ),
        )  # fmt: skip
    study.verdict(row, study.medical_monitor)
    assert len(sight.shut(study.trial.pk, study.auditor)) == 2

    study.verdict(row, study.investigator)
    assert sight.shut(study.trial.pk, study.auditor) == frozenset()
