"""What is kept of a trial between actions and page reads is always what would be read anew."""

import pytest
from django.db import connection

from escalation import consequences
from escalation.decisions import holding
from escalation.decisions import services as decisions
from escalation.situation import queries
from tests import factories
from trial import refusals
from trial.people import access
from trial.record import ledger
from trial.record.kept import Kept

pytestmark = pytest.mark.django_db
PRINTED = ("on", "number", "inputs", "advice", "taken", "holds", "because", "free", "decision_due")


def said(here):
    """All that follows from a situation, rows by their columns, so that a stale row shows."""
    rows = [
        row
        for part in (here.decisions, here.basis_changes, here.stops, [here.cohort] if here.cohort else [])
        for row in part
    ]
    facts = [
        (f.outcome, f.because, f.window_day, f.dlt, f.enough_drug, [(e.state, e.suggestion) for e in f.events])
        for f in here.facts
    ]
    patients = [columns(f.patient) | columns(getattr(f.patient, "treatment", None)) for f in here.facts]
    endings = [columns(getattr(d, "ending", None)) for d in here.decisions]
    levels = [level.label for level in here.protocol.levels]
    return [getattr(here, name) for name in PRINTED], list(map(columns, rows)), facts, patients, endings, levels


def columns(row):
    return {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields} if row else {}


@pytest.fixture
def compared(monkeypatch):
    """After every action, what the consequences go by and what they keep against rows read anew."""
    count = []
    after, settle = queries.after, consequences.settle

    def checked_after(act):
        found = after(act)
        if found:
            fresh = queries.situation(act.trial, act.clinical_date, number=act.ledger.number)
            assert said(found) == said(fresh), act.verb
        return found

    def checked_settle(act):
        settle(act)
        told = act.sealed

        def sealed(head):
            told(head)
            left = queries._kept.get(act.trial.pk, head)
            assert said(left) == said(queries.situation(act.trial, act.clinical_date)), act.verb
            count.append(act.verb)

        if told:
            act.sealed = sealed

    monkeypatch.setattr(queries, "after", checked_after)
    monkeypatch.setattr("escalation.consequences.settle", checked_settle)
    return count


def test_a_late_dlt_a_hold_and_a_refused_decision_leave_nothing_stale(compared):
    study = factories.study(levels=3).open()
    first = study.cohort()
    study.sign()
    study.dose()
    late = study.event(first[0], onset_on=first[0].treatment.first_dose_on)
    study.verdict(late, study.investigator)
    study.verdict(late, study.medical_monitor)
    with study.at():
        holding.hold(trial=study.trial.pk, reason="A question.", by=study.medical_monitor)
    here = study.situation()
    with study.at(), pytest.raises(refusals.Refused):
        decisions.decide(
            trial=study.trial.pk, outcome="escalate", position=3, basis=here.basis, proof="simulated", by=study.dsmb
        )

    assert {"slot.request", "eligibility.confirm", "consent.record", "patient.enrol", "treatment.start"} <= set(
        compared
    )
    assert {"dosing.record", "evaluability.confirm", "event.report", "decision.sign", "trial.hold"} <= set(compared)
    assert here.changes
    assert here.stops
    with study.at():
        assert said(queries.here(access.scope(study.dsmb, study.trial.code))) == said(here)


def test_a_page_reads_the_head_alone_until_the_record_moves(django_assert_num_queries):
    study = factories.study(levels=2).open()
    patient = study.dose()
    with study.at():
        scope = access.scope(study.dsmb, study.trial.code)
        queries.here(scope)
        with django_assert_num_queries(1):
            before = queries.here(scope)
        study.event(patient)
        assert before.facts[0].dlt == "none"
        assert queries.here(scope).facts[0].dlt == "suspected"


def test_a_new_day_is_derived_anew_from_the_same_record():
    study = factories.study(levels=2).open()
    study.dose()
    days = []
    for _ in range(2):
        study.later(1)
        with study.at():
            days.append(queries.here(access.scope(study.dsmb, study.trial.code)).facts[0].window_day)
    assert days == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_the_past_is_never_answered_with_the_present():
    study = factories.study(levels=2).open()
    with study.at():
        then = ledger.number_of(study.trial.pk)
        study.dose()
        scope = access.scope(study.dsmb, study.trial.code)
        assert len(queries.here(scope).facts) == 1
        with ledger.as_of(study.trial.pk, then):
            assert queries.here(scope).facts == []
        assert len(queries.here(scope).facts) == 1


def test_what_a_situation_says_is_read_in_one_query_and_asks_for_nothing_more(django_assert_num_queries):
    study = factories.study(levels=2).open()
    event = study.event(study.dose())
    study.verdict(event, study.investigator)
    with django_assert_num_queries(1):
        here = queries.situation(study.trial, study.today, number=1)
        (f,) = here.facts
        said = [
            f.patient.site.name,
            f.patient.cohort.dose_level.label,
            f.patient.treatment.protocol.number,
            f.level.label,
        ]
        said += [dose.drug.name for level in here.protocol.levels for dose in level.doses.all()]
        said += [relation.drug.name for e in f.events for relation in e.event.relations.all()]
        said += [verdict.by.name for e in f.events for verdict in e.event.verdicts.all()]
        said += [(d.dose_level.label, d.ending.cohort.number, d.proposed_by.name) for d in here.decisions]
        assert getattr(f.patient, "evaluability", None) is None
    assert len(said) == 4 + 2 * 3 + 3 + 1 + 1


def test_a_verb_decides_on_the_tables_and_not_on_what_is_kept():
    study = factories.study(levels=2).open()
    study.dose()
    with study.at():
        assert queries.here(access.scope(study.dsmb, study.trial.code)).free == 2
    with connection.cursor() as cursor:  # past the program: the head of the chain stays the same
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE; ALTER TABLE patients_cohort DISABLE TRIGGER USER;"
            "UPDATE patients_cohort SET places = 1; ALTER TABLE patients_cohort ENABLE TRIGGER USER;"
            "SET ROLE escalation_app"
        )

    with pytest.raises(refusals.Refused, match="No slot is free"):
        study.slot()


def test_what_is_kept_is_found_under_its_own_head_only():
    kept = Kept(most=2)
    kept.put(1, "a", "one")
    assert (kept.get(1, "a"), kept.get(1, "b"), kept.get(2, "a")) == ("one", None, None)
    kept.put(1, "b", "two")
    assert (kept.get(1, "a"), kept.get(1, "b")) == (None, "two")
    kept.put(2, "a", "other")
    kept.get(1, "b")
    kept.put(3, "a", "third")
    assert kept.get(2, "a") is None, "the trial that was asked for longest ago makes room"
    assert kept.get(1, "b") == "two"
