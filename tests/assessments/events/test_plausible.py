"""What an event cannot be is refused at its field: answers against dates, terms and values of the CTCAE version."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from assessments.events import services
from assessments.models import AdverseEvent
from tests import factories
from trial.models import Drug
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(14)


def on(study, day):
    return study.patient.treatment.first_dose_on + timedelta(days=day - 1)


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.field, str(refusal.value)


def kalium(study, first, last, answer=True, grade=3):
    return {
        **{"term": "Hypokalemia", "grade": grade, "qualifiers": {"corrected_within_72h": answer}},
        **{"onset_on": on(study, first), "ended_on": last and on(study, last)},
    }


@pytest.mark.parametrize(("last", "until"), [(9, "the event ended on 13 Jan 2026"), (None, "still going on")])
def test_a_clearing_answer_is_refused_beside_dates_that_say_otherwise(study, last, until):
    field, said = refused(lambda: study.event(study.patient, **kalium(study, 5, last)))

    assert field == "corrected_within_72h"
    assert "Within 72 hours of 9 Jan 2026 is by 12 Jan 2026" in said
    assert until in said


def test_what_the_dates_allow_is_accepted(study):
    study.event(study.patient, **kalium(study, 5, 8))  # by the first date + 3
    study.event(study.patient, **kalium(study, 5, 9, answer=False))
    study.event(study.patient, **kalium(study, 5, 9, answer=None))
    study.event(study.patient, **kalium(study, 5, 9, grade=2))  # the question is of grade 3
    study.event(study.patient, **kalium(study, 14, None))
    sugar = {"steroid_related": True, "controlled_within_72h": True}  # under control, without hours
    study.event(study.patient, term="Hyperglycemia", grade=3, onset_on=on(study, 2), qualifiers=sugar)

    assert [e.state for e in study.situation().facts[0].events] == [
        "none", "suspected", "suspected", "none", "none", "none",
    ]  # fmt: skip


def correct(study, event, **changed):
    report = services.EventReport(
        term=event.term, grade=event.grade, onset_on=event.onset_on, ended_on=event.ended_on,
        relations={r.drug_id: r.degree for r in event.relations.all()}, qualifiers=event.qualifiers,
        serious=event.serious, serious_criteria=event.serious_criteria or (),
    )  # fmt: skip
    with study.at():
        return services.correct_event(
            trial=study.trial.pk, event=event.pk, report=replace(report, **changed), rev=event.rev, reason="A slip.",
            by=study.investigator,
        )  # fmt: skip


def test_a_correction_is_asked_again_only_where_answer_or_dates_change(study):
    event = study.event(study.patient, **kalium(study, 12, None))
    study.later(10)
    event.refresh_from_db()
    assert study.situation().facts[0].events[0].state == "suspected"  # it is still going on

    event = correct(study, event, serious=True, serious_criteria=["hospitalisation"])
    event.refresh_from_db()
    assert refused(lambda: correct(study, event, ended_on=on(study, 20)))[0] == "corrected_within_72h"
    event = correct(study, event, ended_on=on(study, 15))
    assert study.situation().facts[0].events[0].state == "none"


@pytest.fixture
def newer():
    """A trial on CTCAE 6.0."""
    study = factories.study(ctcae_version="6.0").open()
    study.patient = study.dose()
    return study.later(14)


def test_a_trial_on_6_0_has_its_terms_and_asks_the_lowest_value(newer):
    field, said = refused(lambda: newer.event(newer.patient))  # "Platelet count decreased"
    assert (field, said.partition("; ")[2]) == ("term", "choose one. In CTCAE 6.0 it may be Thrombocytopenia.")
    platelets = {"term": "Thrombocytopenia", "grade": 3, "qualifiers": {"bleeding": False, "transfusion": False}}
    field, said = refused(lambda: newer.event(newer.patient, **platelets, lowest_value=Decimal("9")))
    assert field == "lowest_value"
    assert "9 × 10^9/L is grade 4 in CTCAE 6.0, and grade 3 is reported" in said
    assert refused(lambda: newer.event(newer.patient, term="Nausea", grade=2, lowest_value=Decimal(9)))[0] == (
        "lowest_value"
    )

    newer.event(newer.patient, **platelets)
    newer.event(newer.patient, **platelets, lowest_value=Decimal("24"))
    newer.event(newer.patient, **platelets, lowest_value=Decimal("30"))
    neutrophils = {"term": "Neutrophil count decreased", "grade": 3, "onset_on": on(newer, 2)}
    newer.event(newer.patient, **neutrophils, ended_on=on(newer, 15), lowest_value=Decimal("0.3"))

    found = [(e.state, e.suggestion.criterion) for e in newer.situation().facts[0].events]
    assert found == [("open", "H3"), ("suspected", "H3"), ("none", None), ("suspected", "H1")]


def test_a_trial_on_5_0_asks_no_value(study):
    assert refused(lambda: study.event(study.patient, lowest_value=Decimal(9)))[0] == "lowest_value"


def test_a_trial_that_chose_6_0_before_its_list_was_there_keeps_its_events(newer):
    event = newer.event(newer.patient, term="Nausea", grade=2)
    drug = Drug.objects.filter(trial=newer.trial).first()
    stored = AdverseEvent(term="Platelet count decreased", grade=4, soc="Investigations")

    report = services.EventReport(
        term=stored.term, grade=4, onset_on=newer.today, relations={drug.pk: "possible"}, qualifiers={}
    )
    from assessments.events import plausible

    plausible._term(report, "6.0", stored)
    assert refused(lambda: plausible._term(report, "6.0", event))[0] == "term"
