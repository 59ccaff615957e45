"""An event over time: grades with their days, who may give them, what is said of the case, and what it cannot be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assessments.event_words import Graded
from assessments.events import services
from assessments.events.report import EventReport, stored
from assessments.models import AdverseEvent
from assessments.response import follow_up
from patients.follow_up.services import Followed
from tests import factories
from trial.models import AuditEvent, Drug, Notice
from trial.refusals import Again, Refused

pytestmark = pytest.mark.django_db
NEUTROPHILS = "Neutrophil count decreased"


@pytest.fixture
def study():
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(20)


def on(study, day):
    return study.patient.treatment.first_dose_on + timedelta(days=day - 1)


def steps(study, *of):
    return [Graded(on(study, day), grade) for day, grade in of]


def course(study, *of, until=None, **more):
    """A report of grades by day."""
    history = steps(study, *of)
    drugs = {drug.pk: "possible" for drug in Drug.objects.filter(trial=study.trial)}
    said = {
        **{"term": "Nausea", "grade": max((s.grade for s in history if s.grade), default=None), "qualifiers": {}},
        **{"steps": history if len(history) > 1 else (), "onset_on": history[0].on, "relations": drugs},
        **{"ended_on": until and on(study, until)},
    }
    return EventReport(**said | more)


def report(study, said, by=None):
    with study.at():
        return services.report_event(
            trial=study.trial.pk, patient=study.patient.pk, report=said, by=by or study.investigator
        )


def follow(study, event, by=None, reason="", **changed):
    event = AdverseEvent.objects.get(pk=event.pk)
    with study.at():
        return services.follow_event(
            trial=study.trial.pk, event=event.pk, report=replace(stored(event), **changed), rev=event.rev,
            reason=reason, by=by or study.investigator,
        )  # fmt: skip


def fault(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.field, str(refusal.value)


def facts(study):
    return study.situation().facts[0]


# Neutrophils 0.3 are grade 4 of CTCAE 5.0 and grade 3 of 6.0 (docs/domain.md, section 6): H1 asks for seven days.


@pytest.mark.parametrize("days", [8, 6])
def test_neutrophils_of_0_3_count_alike_under_5_0_and_6_0(days):
    found = []
    for version, low in (("5.0", 4), ("6.0", 3)):
        study = factories.study(ctcae_version=version).open()
        study.patient = study.dose()
        study.later(25)
        lowest = {"lowest_value": Decimal("0.3")} if version == "6.0" else {}
        event = report(study, course(study, (5, 2), (9, low), (9 + days, 2), until=22, term=NEUTROPHILS, **lowest))
        e = facts(study).events[0]
        found.append((event.grade == low, e.state, e.suggestion.criterion))

    assert found == [(True, "suspected", "H1") if days == 8 else (True, "none", None)] * 2


def test_days_are_those_of_the_grade_and_not_of_the_event(study):
    report(study, course(study, (2, 2), (10, 3), (14, 1), term="Fatigue"))  # eight days and more, four of them grade 3

    e = facts(study).events[0]
    assert (e.state, e.suggestion.because) == ("none", "Fatigue for 4 days; up to 7 days are excepted.")


def test_what_was_there_before_the_first_dose_counts_when_it_gets_worse(study):
    drugs = {"term": "Headache"}
    event = report(study, course(study, (-3, 1), **drugs))
    assert facts(study).events[0].state == "none"

    follow(study, event, steps=steps(study, (-3, 1), (12, 3)), grade=3)

    e = facts(study).events[0]
    assert (e.event.grade, e.state, e.suggestion.criterion) == (3, "suspected", "N1")
    assert AuditEvent.objects.order_by("-number").first().verb == "event.follow"


def test_a_grade_that_is_reached_after_the_window_is_no_dlt(study):
    event = report(study, course(study, (20, 2), term="Headache"))
    study.later(12)
    follow(study, event, steps=steps(study, (20, 2), (30, 3)), grade=3)

    assert facts(study).events[0].state == "none"


def test_a_history_that_is_changed_needs_a_reason_and_stays_in_the_trail(study):
    event = report(study, course(study, (5, 2), (9, 3), until=15, term="Headache"))
    again = {"steps": steps(study, (5, 2), (10, 3))}

    assert fault(lambda: follow(study, event, **again)) == (
        "reason", "Reason: changing a grade that was given needs one."
    )  # fmt: skip
    follow(study, event, reason="Read from the diary.", **again)

    event.refresh_from_db()
    assert [(step.on, step.grade) for step in event.history] == [(on(study, 5), 2), (on(study, 10), 3)]
    assert AuditEvent.objects.order_by("-number").first().verb == "event.correct"


CASES = [
    ([(5, 2), (5, 3)], {}, "steps.1.on", "must be after 9 Jan 2026"),
    ([(5, 2), (9, 2)], {}, "steps.1.on", "it had grade 2 before already"),
    ([(5, 2), (9, 3)], {"until": 8}, "steps.1.on", "the event ended on 12 Jan 2026"),
    ([(5, 2), (25, 3)], {}, "steps.1.on", "is in the future"),
    ([(5, 2), (9, 4)], {}, "steps.1.grade", "Nausea has no grade 4 in CTCAE"),
    ([(5, 2), (9, 3)], {"grade": 2}, "grade", "the worst of its history is 3"),
    ([(5, 2)], {"serious": True}, "serious_criteria", "at least one criterion"),
    ([(5, 2)], {"serious_criteria": ["death"]}, "serious", "death makes an event serious"),
    ([(5, 2)], {"serious": True, "serious_criteria": ["awful"]}, "serious_criteria", "'awful' is no criterion"),
    ([(5, 5)], {"term": "Sepsis"}, "serious", "an event of grade 5 is serious by death; say so"),
    (
        [(5, 5)],
        {"term": "Sepsis", "serious": True, "serious_criteria": ["hospitalisation"]},
        "serious_criteria",
        "an event of grade 5 is serious by death",
    ),
    ([(5, 2)], {"serious": True, "serious_criteria": ["death"]}, "serious_criteria", "death is grade 5, and grade 2"),
    ([(5, 2)], {"outcome": "recovered"}, "ended_on", "recovered needs the day on which the event ended"),
    ([(5, 2)], {"outcome": "recovering", "until": 9}, "outcome", "cannot stand beside an end"),
    ([(5, 2)], {"outcome": "fatal"}, "outcome", "a fatal event is of grade 5, and grade 2 is given"),
    ([(5, 2)], {"outcome": "better"}, "outcome", "'better' is none"),
    ([(5, 2)], {"until": 4}, "ended_on", "is before the onset"),
    ([(5, 2)], {"aware": (2, 9)}, "aware_on", "is before the onset"),
    ([(5, 2)], {"aware": (6, 9), "sent": (6, 8)}, "sent_at", "is before the site learned of it"),
    ([(5, 2)], {"sent": (3, 8)}, "sent_at", "is before the onset (9 Jan 2026)"),
    ([(5, 2)], {"aware": (22, 9)}, "aware_on", "is in the future"),
    ([(5, 2)], {"aware": (21, 23)}, "aware_at", "is in the future"),
]


def test_what_cannot_be_is_refused_at_its_field(study):
    for of, more, field, said in CASES:
        for name in ("aware", "sent"):
            if name in more:
                day, hour = more[name]
                at = datetime.combine(on(study, day), datetime.min.time(), UTC) + timedelta(hours=hour)
                more = {k: v for k, v in more.items() if k != name} | {f"{name}_at": at}
                more |= {"aware_on": on(study, day)} if name == "aware" else {}
        got, sentence = fault(lambda of=of, more=more: report(study, course(study, *of, **more)))

        assert (got, said in sentence) == (field, True), (of, more, sentence)
    assert not AdverseEvent.objects.exists()


def test_a_fatal_outcome_waits_for_the_death(study):
    died = {"term": "Sepsis", "serious": True, "serious_criteria": ["death"], "outcome": "fatal"}
    assert fault(lambda: report(study, course(study, (5, 5), **died)))[0] == "outcome"
    with study.at():
        row = follow_up.record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, by=study.investigator,
            said=Followed(died_on=on(study, 6), death_cause="other"),
        )  # fmt: skip

    assert report(study, course(study, (5, 5), **died)).outcome == "fatal"
    row.refresh_from_db()
    with study.at():
        assert fault(lambda: follow_up.record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, said=Followed(), rev=row.rev, reason="Another patient.",
            by=study.investigator,
        )) == ("died_on", "Died on: AE 1 has the outcome fatal. Correct the event first.")  # fmt: skip


# Coordinators enter events; grade and relation are the investigator's word (docs/domain.md, sections 4 and 10).


def entered(study, *of, **more):
    return report(study, course(study, *(of or [(5, None)]), relations={}, **more), by=study.coordinator)


def test_an_event_of_a_coordinator_waits_for_the_investigator(study):
    event = entered(study)

    f = facts(study)
    assert (f.outcome, f.events[0].state) == ("pending", "open")
    asked = Notice.objects.filter(key=f"ungraded-{event.pk}")
    assert [notice.to for notice in asked] == [study.investigator]

    drugs = {drug.pk: "unrelated" for drug in Drug.objects.filter(trial=study.trial)}
    follow(study, event, grade=3, relations=drugs)  # what was missing needs no reason
    assert facts(study).events[0].state == "none"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"serious": True, "serious_criteria": ["hospitalisation"]}, "suspected"),
        ({"term": "Febrile neutropenia"}, "suspected"),  # every grade of it meets a criterion
        ({"term": "Alopecia"}, "none"),  # grades 1 and 2 only
    ],
)
def test_what_no_grade_could_clear_is_suspected_at_once(study, more, state):
    entered(study, **more)

    assert facts(study).events[0].state == state


def test_what_got_worse_without_a_grade_is_pending_from_that_day(study):
    event = report(study, course(study, (5, 1), term="Headache"))
    follow(study, event, by=study.coordinator, steps=steps(study, (5, 1), (9, None)))

    assert (facts(study).events[0].state, facts(study).events[0].event.grade) == ("open", 1)


def test_a_coordinator_gives_no_medical_judgement(study):
    drugs = {drug.pk: "unrelated" for drug in Drug.objects.filter(trial=study.trial)}
    wanted = course(study, (5, None), relations={})
    answers = {"controlled_within_72h": True}

    for said in ({"grade": 2}, {"suspected": True}, {"qualifiers": answers}, {"relations": drugs}):
        field, _ = fault(lambda said=said: report(study, replace(wanted, **said), by=study.coordinator))
        assert [field] == [*said]


def test_a_coordinator_leaves_what_the_investigator_said(study):
    event = report(study, course(study, (5, 2), (9, 3)))

    assert fault(lambda: follow(study, event, by=study.coordinator, reason="x", term="Vomiting"))[0] == "term"
    assert fault(lambda: follow(study, event, by=study.coordinator, reason="x", steps=(), grade=3))[0] == "grade"
    with study.at():
        assert "an investigator voids it" in fault(lambda: services.void_event(
            trial=study.trial.pk, event=event.pk, rev=None, reason="x", by=study.coordinator
        ))[1]  # fmt: skip
    follow(study, event, by=study.coordinator, ended_on=on(study, 15), outcome="recovered")
    event.refresh_from_db()
    assert (event.outcome, event.grade) == ("recovered", 3)


def test_the_same_term_while_an_event_is_open_is_offered_as_its_follow_up(study):
    report(study, course(study, (5, 2)))

    with pytest.raises(Again, match="from 9 Jan 2026 on is reported already as AE 1, grade 2, ongoing"):
        report(study, course(study, (12, 3)))


def test_what_was_done_about_a_drug_goes_on_and_is_not_taken_back_unsaid(study):
    first, second, _ = Drug.objects.filter(trial=study.trial)
    event = report(study, course(study, (5, 2), actions={first.pk: "held", second.pk: "none"}))

    follow(study, event, actions={first.pk: "reduced", second.pk: "none"})
    assert fault(lambda: follow(study, event, actions={second.pk: "none"}))[0] == "reason"

    assert sorted(event.actions.filter(voided=False).values_list("action", flat=True)) == ["none", "reduced"]
