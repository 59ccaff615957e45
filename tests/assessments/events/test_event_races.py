"""Two people at one event: real PostgreSQL, real threads."""

import uuid

import pytest

from assessments.events import services
from assessments.models import AdverseEvent
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import AuditEvent
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    """An event of grade 1, as two people have it open."""
    made = factories.study().open()
    made.event = AdverseEvent.objects.get(pk=made.event(made.dose(), grade=1).pk)
    return made


def void(study, by, key=None):
    return lambda: services.void_event(
        trial=study.trial.pk, event=study.event.pk, rev=study.event.rev, reason="Another patient's.", by=by, key=key
    )


def correct_to_grade_4(study):
    event = study.event
    drugs = {relation.drug_id: relation.degree for relation in event.relations.all()}
    report = services.EventReport(
        term=event.term, grade=4, onset_on=event.onset_on, relations=drugs, qualifiers=event.qualifiers
    )
    return lambda: services.correct_event(
        trial=study.trial.pk, event=event.pk, report=report, rev=event.rev, reason="Misread.", by=study.investigator
    )


def written(study, verb):
    return AuditEvent.objects.filter(ledger__trial=study.trial, verb=verb).count()


def test_two_who_void_one_event_void_it_once(study):
    found = at_once(study, void(study, study.investigator), void(study, study.colleague()))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "AE 1 is voided. " in str(refused)
    assert AdverseEvent.objects.get().voided and written(study, "event.void") == 1


def test_one_form_sent_twice_at_once_is_one_void(study):
    key = uuid.uuid4()

    found = at_once(study, *[void(study, study.investigator, key) for _ in range(2)])

    assert [one.pk for one in found] == [study.event.pk] * 2
    assert written(study, "event.void") == 1


def test_a_void_and_a_correction_to_grade_4_at_once_leave_what_came_first(study):
    found = at_once(study, void(study, study.colleague()), correct_to_grade_4(study))

    assert sum(isinstance(one, Refused) for one in found) == 1
    event = AdverseEvent.objects.get()
    assert (event.voided, event.grade) in {(True, 1), (False, 4)}
    assert written(study, "event.void") + written(study, "event.correct") == 1
