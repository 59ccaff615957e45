"""The sponsor's word beside the investigator's, and what was expected when (docs/domain.md, section 6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from assessments.events import expected, services, sponsor
from assessments.events.models import SafetyReference, SponsorAssessment, SponsorRelation
from assessments.events.report import stored
from assessments.events.sponsor import Assessed
from assessments.models import AdverseEvent, Relation
from tests import factories, rest
from tests.escalation.decisions.test_races import at_once
from trial.models import AuditEvent, Drug
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = factories.study().open()
    study.event = study.event(study.dose(), term="Nausea", grade=2)
    return study


def drug(study):
    return Drug.objects.filter(trial=study.trial).order_by("position").first()


def assess(study, degree="unlikely", rev=None, reason="", **said):
    relations = {drug(study).pk: degree} if degree else {}
    with study.at():
        return sponsor.assess_event(
            trial=study.trial.pk, event=study.event.pk, said=Assessed(relations=relations, **said), rev=rev,
            reason=reason, by=study.medical_monitor,
        )  # fmt: skip


def add(study, version, on, **listed):
    with study.at():
        return expected.add_list(
            trial=study.trial.pk, version=version, in_force_on=on,
            listed={name.replace("_", " "): grade for name, grade in listed.items()}, by=study.medical_monitor,
        )  # fmt: skip


def follow(study, event, on):
    with study.at():
        return services.follow_event(
            trial=study.trial.pk, event=event.pk, report=replace(stored(event), ended_on=on, outcome="recovered"),
            rev=event.rev, by=study.investigator,
        )  # fmt: skip


def fault(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.field, str(refusal.value)


def test_the_sponsors_relation_stands_beside_and_changes_nothing_of_the_investigator(study):
    before = list(Relation.objects.order_by("pk").values("pk", "degree", "rev", "voided"))

    assess(study, "unlikely")

    assert list(Relation.objects.order_by("pk").values("pk", "degree", "rev", "voided")) == before
    said = rest.ask(study.medical_monitor, f"events/{study.event.pk}/", study).json()
    assert said["differing"] == [drug(study).name]
    assert said["sponsor_relations"] == [{"drug": drug(study).name, "degree": "unlikely"}]
    assert study.situation().facts[0].events[0].state == "none"


def test_by_rest_the_investigators_relation_is_refused_by_name(study):
    path, body = f"events/{study.event.pk}/sponsor/", {"relations": {drug(study).name: "unrelated"}}

    wrong = rest.send(study.medical_monitor, path, study, body)
    right = rest.send(study.medical_monitor, path, study, {"sponsor_relations": body["relations"]})

    assert wrong.status_code == 400 and "The investigator's relation stands." in wrong.json()["errors"]["relations"][0]
    assert (right.status_code, right.json()["differing"]) == (200, [drug(study).name])
    assert rest.ask(study.investigator, path, study).json()["by"] == study.medical_monitor.name


def test_an_assessment_is_corrected_with_a_reason_and_is_not_overtaken_unseen(study):
    assess(study)
    row = SponsorAssessment.objects.get()

    assert fault(lambda: assess(study, "possible", rev=row.rev))[0] == "reason"
    assess(study, None, rev=row.rev, reason="Another event was meant.")
    assert "was changed by" in fault(lambda: assess(study, "definite", rev=row.rev, reason="x"))[1]

    assert SponsorRelation.objects.get().voided
    assert AuditEvent.objects.order_by("-number").first().verb == "event.reassess"


def test_the_list_of_the_onset_says_what_was_expected(study):
    onset = study.event.onset_on
    add(study, "1", onset - timedelta(days=30), Nausea=1, Fatigue=None)
    add(study, "2", onset + timedelta(days=1), Nausea=3)
    lists = expected.lists(study.trial.pk)

    def said(term, grade, on=onset, known=None):
        event = AdverseEvent(term=term, grade=grade, onset_on=on, onset_known=known)
        return expected.by_list(event, lists).expected

    assert (said("Nausea", 1), said("Nausea", 2), said("Nausea", None)) == (True, False, None)
    assert (said("Fatigue", 3), said("Vomiting", 1)) == (True, False)
    assert said("Nausea", 2, onset + timedelta(days=1)) is True
    assert said("Fatigue", 1, onset - timedelta(days=31)) is False  # no list was in force
    assert said("Nausea", 2, onset.replace(day=1), "month") is None  # the two lists of that month differ


def test_the_sponsor_overrules_the_list_with_a_reason(study):
    add(study, "1", study.event.onset_on, Nausea=3)
    assert fault(lambda: assess(study, expected=False))[0] == "because"
    assert fault(lambda: assess(study, because="Longer than described."))[0] == "expected"

    assess(study, expected=False, because="Longer than described.")

    said = rest.ask(study.investigator, f"events/{study.event.pk}/", study).json()["expectedness"]
    assert (said["expected"], said["overruled"]) == (False, True) and "Longer than described." in said["because"]


def test_a_list_that_cannot_be_is_refused_at_its_field(study):
    add(study, "1", study.today, Nausea=None)

    assert fault(lambda: add(study, "1", study.today + timedelta(days=1), Nausea=None))[0] == "version"
    assert fault(lambda: add(study, "2", study.today, Nausea=None))[0] == "in_force_on"
    assert fault(lambda: add(study, "2", date(2026, 3, 1)))[0] == "terms"
    assert fault(lambda: add(study, "2", date(2026, 3, 1), Sickness=2))[0] == "terms"
    assert fault(lambda: add(study, "2", date(2026, 3, 1), Nausea=5))[0] == "terms"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_assessment_and_one_list():
    study = factories.study().open()
    study.event = study.event(study.dose(), term="Nausea", grade=2)

    at_once(study, *[lambda: assess(study, rev=0) for _ in range(2)])
    at_once(study, *[lambda: add(study, "1", study.today, Nausea=2) for _ in range(2)])

    assert SponsorAssessment.objects.count() == SafetyReference.objects.count() == 1

    event = AdverseEvent.objects.get()
    found = at_once(study, *[lambda: follow(study, event, study.today) for _ in range(2)])
    assert sorted(type(one).__name__ for one in found) == ["AdverseEvent", "Stale"]
