"""The same event from two tabs: named, and left to the person: correct the one, or report a second."""

import uuid

import pytest

from assessments.events import services
from assessments.models import AdverseEvent
from tests import factories, rest
from tests.assessments.events.test_api import report
from tests.assessments.events.test_pages import report as send
from tests.assessments.events.test_pages import text
from tests.escalation.decisions.test_races import at_once
from trial.models import Drug
from trial.refusals import Again, Refused


@pytest.fixture
def study(db):
    made = factories.study().open()
    made.patient = made.dose()
    made.first = made.event(made.patient, grade=2)
    return made


def again(study, **more):
    drugs = {drug.pk: "possible" for drug in Drug.objects.filter(trial=study.trial)}
    said = {
        "term": "Platelet count decreased",
        "grade": 2,
        "onset_on": study.today,
        "relations": drugs,
        "qualifiers": {},
    }
    sent = {name: more.pop(name) for name in ("again", "key", "by") if name in more}
    with study.at():
        return services.report_event(
            trial=study.trial.pk, patient=study.patient.pk, report=services.EventReport(**said | more),
            **{"by": study.investigator} | sent,
        )  # fmt: skip


def test_what_is_reported_already_is_named(study):
    with pytest.raises(Again, match=r"Platelet count decreased .* is reported already as AE 1, grade 2") as refused:
        again(study)

    assert (refused.value.row, refused.value.code) == (study.first.pk, "AE 1")
    assert AdverseEvent.objects.count() == 1


def test_said_to_be_a_second_one_it_is_reported_once_a_key(study):
    key = uuid.uuid4()

    assert again(study, again=True, key=key).number == 2
    assert again(study, again=True, key=key).number == 2


def test_another_term_onset_patient_or_word_is_another_event(study):
    again(study, term="Nausea", ended_on=study.today)
    study.later(1)
    again(study, term="Nausea", onset_on=study.today)
    again(study, term="Infections and infestations - Other, specify", specified="Tooth")
    again(study, term="Infections and infestations - Other, specify", specified="Toe")
    with pytest.raises(Again):
        again(study, term="Infections and infestations - Other, specify", specified=" toe ")
    study.patient = study.dose()
    again(study)


def test_a_voided_one_is_not_there(study):
    with study.at():
        services.void_event(
            trial=study.trial.pk, event=study.first.pk, rev=None, reason="Another patient's.", by=study.investigator
        )

    assert again(study).number == 2


def test_the_page_keeps_what_was_typed_and_opens_both_ways(study):
    refused = send(study, study.patient, grade=3)

    said = refused.content.decode()
    assert refused.status_code == 409 and "AE 1 may be the same event" in text(refused)
    follow = f"/trials/{study.trial.code}/events/1/follow/?from={study.today}&amp;grade=3"
    assert follow in said and 'name="again" value="yes"' in said
    assert str(refused.context["form"]["grade"].value()) == "3"

    sent = send(study, study.patient, grade=3, again="yes")

    assert sent.status_code == 302 and sent["Location"].endswith("/events/2/")


def test_rest_names_the_row_and_takes_a_second_one(study):
    said = report(study, study.patient)

    refused = rest.send(study.investigator, "events/", study, said)
    taken = rest.send(study.investigator, "events/", study, said | {"again": True})

    assert refused.status_code == 409
    assert refused.json()["there"] == {"id": str(study.first.pk), "code": "AE 1"}
    assert (taken.status_code, taken.json()["number"]) == (201, 2)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_leave_one_event():
    study = factories.study().open()
    study.patient = study.dose()

    found = at_once(study, *[lambda: again(study) for _ in range(2)])

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert AdverseEvent.objects.count() == 1
