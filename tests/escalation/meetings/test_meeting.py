"""A meeting from call to opened cohort, and each bad input refused by name."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from escalation.decisions import holding
from escalation.decisions import services as decisions
from escalation.meetings import queries, services
from escalation.meetings.models import DataCut, Meeting, Vote
from escalation.meetings.rules import Stage
from escalation.protocol import services as protocol
from escalation.replay import decision as decision_replay
from escalation.situation import queries as escalation
from patients.models import Cohort
from tests import factories
from tests.rest import ask
from trial.models import Signature
from trial.people import services as ground
from trial.protocol_settings import ProtocolSettings
from trial.record import cuts, ledger
from trial.record.cuts import Cut
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


class Sitting:
    """A study and the verbs of its meeting, each by the person whose role it is unless told otherwise."""

    def __init__(self, study):
        self.study = study
        self.trial = study.trial.pk

    def call(self, days=0, by=None, meets=None, key=None):
        on = self.study.today + timedelta(days=days)
        with self.study.at():
            return services.call(
                trial=self.trial, cut_off=on, meets_on=meets or on, by=by or self.study.medical_monitor, key=key
            )

    def freeze(self, meeting, by=None, key=None):
        with self.study.at():
            return services.freeze(trial=self.trial, meeting=meeting.pk, by=by or self.study.statistician, key=key)

    def vote(self, cut, outcome, position=None, by=None, reason="As I read it.", key=None):
        with self.study.at():
            return services.vote(
                trial=self.trial,
                cut=cut.pk,
                outcome=outcome,
                position=position,
                reason=reason,
                by=by or self.study.dsmb,
                key=key,
            )

    def close(self, meeting, reason="No quorum of data.", by=None):
        with self.study.at():
            return services.close(
                trial=self.trial, meeting=meeting.pk, reason=reason, by=by or self.study.medical_monitor
            )

    def propose(self, cut, outcome, position=None, reason="", by=None):
        with self.study.at():
            return decisions.decide(
                trial=self.trial,
                outcome=outcome,
                position=position,
                basis=self.study.situation().basis,
                reason=reason,
                cut=cut.pk if cut else None,
                proof="simulated",
                by=by or self.study.dsmb,
            )

    def countersign(self, decision, by=None):
        with self.study.at():
            return decisions.countersign(
                trial=self.trial,
                decision=decision.pk,
                basis=self.study.situation().basis,
                proof="simulated",
                by=by or self.study.medical_monitor,
            )

    def late_dlt(self, number=1):
        """A DLT inside the window of a patient who was complete, reported and adjudicated today."""
        study = self.study
        patient = study.situation().facts[number - 1].patient
        event = study.event(patient, onset_on=study.today - timedelta(days=5))
        study.verdict(event, study.investigator)
        study.verdict(event, study.medical_monitor)

    def stage(self, meeting):
        found = queries.meeting(self.trial, meeting.number)
        return queries.stage(found, self.study.situation())


@pytest.fixture
def sitting(study):
    return Sitting(study)


@pytest.fixture
def frozen(sitting):
    """The same, with a meeting called and its cut frozen."""
    meeting = sitting.call()
    return sitting, meeting, sitting.freeze(meeting)


def test_a_meeting_from_call_to_opened_cohort_with_its_dissent_kept(sitting):
    study = sitting.study
    meeting = sitting.call(days=2)
    assert sitting.stage(meeting) == Stage.CALLED
    study.later(2)
    assert sitting.stage(meeting) == Stage.COLLECTING
    cut = sitting.freeze(meeting)
    assert sitting.stage(meeting) == Stage.VOTING
    sitting.vote(cut, "escalate", 2)
    third = factories.person("third")
    with study.at():
        ground.add_member(trial=study.trial.pk, user=third.pk, role="dsmb", site=None, by=study.administrator)
    sitting.vote(cut, "escalate", 2, by=third)
    against = sitting.vote(cut, "hold", by=study.dsmb2, reason="Late toxicity elsewhere.")

    decision = sitting.propose(cut, "escalate", 2)
    assert sitting.stage(meeting) == Stage.SIGNING
    assert study.situation().free == 0
    sitting.countersign(decision)

    assert sitting.stage(meeting) == Stage.DECIDED
    assert Cohort.objects.get(trial=study.trial, closed_at=None).dose_level.label == "2"
    assert study.situation().free == 3
    votes = queries.in_force(queries.last_cut(queries.meeting(study.trial.pk, 1)))
    assert queries.dissents(votes, decision) == [against]
    assert Vote.objects.get(pk=against.pk).reason == "Late toxicity elsewhere."
    told = {who: ask(getattr(study, who), "meetings/", study).json() for who in ("auditor", "coordinator")}
    assert [(who, shown["results"][0]["dissents"]) for who, shown in told.items()] == [
        ("auditor", 1), ("coordinator", None),
    ]  # fmt: skip
    assert decision_replay.replay(escalation.decision(study.trial.pk, decision.number)).differences == []


def test_the_cut_names_the_record_it_was_frozen_from(sitting):
    meeting = sitting.call()
    number, head = ledger.head_of(sitting.trial)

    cut = sitting.freeze(meeting)

    assert (cut.record, cut.hash, cut.on) == (number, head, sitting.study.today)
    assert cuts.holds(Cut(sitting.trial, cut.record, cut.on, cut.hash))


@pytest.mark.django_db(transaction=True)
def test_the_cut_shows_the_facts_of_then_after_they_changed(sitting):
    study = sitting.study
    cut = sitting.freeze(sitting.call())
    sitting.late_dlt()
    assert study.situation().tally(1).dlts == 1

    with ledger.as_of(sitting.trial, cut.record):
        then = escalation.situation(study.trial, cut.on)

    assert then.tally(1).dlts == 0
    assert then.inputs == cut.inputs


# Calling and closing


def test_others_call_no_meeting(sitting):
    for who in ("investigator", "coordinator", "statistician", "monitor", "auditor"):
        with pytest.raises(PermissionDenied, match="call or close a meeting"):
            sitting.call(by=getattr(sitting.study, who))


def test_a_cut_off_in_the_past_and_a_meeting_before_its_cut_off_are_refused(sitting):
    with pytest.raises(Refused, match="Cut-off"):
        sitting.call(days=-1)
    with pytest.raises(Refused, match="Meeting: it is on the day of the cut-off or later"):
        sitting.call(days=3, meets=sitting.study.today)


def test_one_meeting_is_open_at_a_time(sitting):
    sitting.call()

    with pytest.raises(Refused, match="Meeting 1 is still open"):
        sitting.call()


def test_a_closed_meeting_needs_a_reason_and_leaves_room_for_the_next(sitting):
    meeting = sitting.call()
    with pytest.raises(Refused, match="Reason"):
        sitting.close(meeting, reason=" ")

    sitting.close(meeting)

    assert sitting.stage(meeting) == Stage.CLOSED
    assert sitting.call().number == 2


def test_the_same_call_twice_is_one_meeting(sitting):
    key = uuid.uuid4()

    assert sitting.call(key=key) == sitting.call(key=key)
    assert Meeting.objects.filter(trial=sitting.trial).count() == 1


# Freezing


def test_nothing_is_frozen_before_the_cut_off(sitting):
    meeting = sitting.call(days=2)

    with pytest.raises(Refused, match="its cut-off is"):
        sitting.freeze(meeting)


def test_missing_data_block_the_cut(sitting):
    study = sitting.study
    meeting = sitting.call()
    study.event(study.situation().facts[1].patient, onset_on=study.today - timedelta(days=5))

    with pytest.raises(Refused, match="blocked by missing data: patient 002: adjudicate"):
        sitting.freeze(meeting)


def test_others_freeze_no_cut(sitting):
    meeting = sitting.call()

    for who in ("investigator", "coordinator", "monitor", "auditor"):
        with pytest.raises(PermissionDenied, match="freeze a data cut"):
            sitting.freeze(meeting, by=getattr(sitting.study, who))


def test_a_second_cut_needs_something_new(frozen):
    sitting, meeting, cut = frozen
    sitting.vote(cut, "escalate", 2)  # a vote is no news

    with pytest.raises(Refused, match="Nothing was written since cut 1"):
        sitting.freeze(meeting)


def test_a_cut_is_never_changed(frozen):
    sitting, _, cut = frozen

    with pytest.raises(DatabaseError, match="permission denied"), sitting.study.at():
        with ledger.action(sitting.trial, by=sitting.study.statistician, may=May.FREEZE_CUT, verb="wrong"):
            DataCut.objects.filter(pk=cut.pk).update(record=1)


# Voting


def test_a_vote_by_anyone_but_a_member_of_the_committee_is_refused(frozen):
    sitting, _, cut = frozen

    for who in ("medical_monitor", "statistician", "investigator", "coordinator", "auditor"):
        with pytest.raises(PermissionDenied, match="vote in a meeting"):
            sitting.vote(cut, "escalate", 2, by=getattr(sitting.study, who))
    with pytest.raises(PermissionDenied):
        sitting.vote(cut, "escalate", 2, by=factories.person("stranger"))


def test_a_vote_without_a_reason_and_a_vote_bolder_than_the_recommendation_are_refused(frozen):
    sitting, _, cut = frozen

    with pytest.raises(Refused, match="Reason"):
        sitting.vote(cut, "escalate", 2, reason=" ")
    with pytest.raises(Refused, match="bolder than the recommendation"):
        sitting.vote(cut, "escalate", 3)


def test_a_changed_vote_voids_the_older_which_stays(frozen):
    sitting, _, cut = frozen
    first = sitting.vote(cut, "hold", reason="I was in doubt.")

    second = sitting.vote(cut, "escalate", 2, reason="The narrative answers my doubt.")

    first.refresh_from_db()
    assert (first.voided, first.voided_reason, first.reason) == (
        True,
        "The narrative answers my doubt.",
        "I was in doubt.",
    )
    assert list(Vote.objects.filter(cut=cut, voided=False)) == [second]


def test_the_database_too_refuses_two_votes_in_force(frozen):
    sitting, _, cut = frozen
    mine = sitting.vote(cut, "escalate", 2)

    with pytest.raises(IntegrityError, match="vote_one_in_force"), transaction.atomic(), sitting.study.at():
        with ledger.action(sitting.trial, by=sitting.study.dsmb, may=May.VOTE, verb="wrong"):
            mine.pk = mine.id = uuid.uuid4()
            mine._state.adding = True
            mine.save()


def test_a_vote_on_a_cut_that_is_no_longer_the_last_is_refused(frozen):
    sitting, meeting, cut = frozen
    sitting.study.event(sitting.study.situation().facts[0].patient, grade=2)
    later = sitting.freeze(meeting)

    with pytest.raises(Refused, match="Cut 1 of meeting 1 is no longer the last: cut 2"):
        sitting.vote(cut, "escalate", 2)
    sitting.vote(later, "escalate", 2)


def test_a_vote_on_facts_that_have_changed_is_refused_with_what_changed(frozen):
    sitting, meeting, cut = frozen
    sitting.late_dlt()

    with pytest.raises(Refused, match="patient 001 was no DLT, is now DLT"):
        sitting.vote(cut, "escalate", 2)
    assert sitting.stage(meeting) == Stage.STALE


def test_an_amended_protocol_makes_a_cut_stale(frozen):
    sitting, _, cut = frozen
    with sitting.study.at():
        protocol.write(
            trial=sitting.trial,
            settings=ProtocolSettings(),
            levels=factories.ladder(4),
            drugs=factories.DRUGS,
            criteria=["18 years or older"],
            reason="A fourth level.",
            by=sitting.study.medical_monitor,
        )

    with pytest.raises(Refused, match="protocol version 2 came in force"):
        sitting.vote(cut, "escalate", 2)


# The outcome


def test_no_outcome_without_a_vote(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "", reason="I treated one of them.")

    with pytest.raises(Refused, match="No member has voted"):
        sitting.propose(cut, "escalate", 2)


def test_an_outcome_bolder_than_the_votes_is_refused(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "escalate", 2)
    sitting.vote(cut, "hold", by=sitting.study.dsmb2)

    with pytest.raises(Refused, match="bolder than the votes carry"):
        sitting.propose(cut, "escalate", 2)


def test_an_outcome_more_cautious_than_the_votes_needs_a_reason(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "escalate", 2)

    with pytest.raises(Refused, match="Reason"):
        sitting.propose(cut, "hold")
    assert sitting.propose(cut, "hold", reason="Supply is short.").outcome == "hold"


def test_votes_are_closed_once_an_outcome_is_proposed(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "escalate", 2)
    sitting.propose(cut, "escalate", 2)

    with pytest.raises(Refused, match="votes are closed"):
        sitting.vote(cut, "hold", by=sitting.study.dsmb2)


def test_votes_on_an_older_cut_stay_and_do_not_count(frozen):
    sitting, meeting, cut = frozen
    sitting.vote(cut, "escalate", 2)
    sitting.study.event(sitting.study.situation().facts[0].patient, grade=2)
    later = sitting.freeze(meeting)

    with pytest.raises(Refused, match="No member has voted"):
        sitting.propose(later, "escalate", 2)
    assert Vote.objects.filter(cut=cut, voided=False).count() == 1


def test_signing_on_a_cut_whose_facts_have_changed_is_refused_with_what_changed(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "escalate", 2)
    sitting.late_dlt()

    with pytest.raises(Refused, match="patient 001 was no DLT, is now DLT"):
        sitting.propose(cut, "stay", 1)


def test_two_signatures_of_one_person_are_refused(frozen):
    sitting, _, cut = frozen
    sitting.vote(cut, "escalate", 2)
    decision = sitting.propose(cut, "escalate", 2)

    with pytest.raises(Refused, match="another person must sign"):
        sitting.countersign(decision, by=sitting.study.dsmb)
    assert Signature.objects.filter(subject=decision.pk).count() == 1


def test_a_decision_beside_a_meeting_under_way_is_refused(frozen):
    sitting, _, _ = frozen

    with pytest.raises(Refused, match="Meeting 1 is under way"):
        sitting.propose(None, "escalate", 2)


def test_a_decision_beside_a_meeting_that_is_only_called_is_not(sitting):
    sitting.call(days=3)

    assert sitting.propose(None, "escalate", 2).number == 1


def test_a_meeting_whose_decision_waits_is_not_closed(frozen):
    sitting, meeting, cut = frozen
    sitting.vote(cut, "escalate", 2)
    sitting.propose(cut, "escalate", 2)

    with pytest.raises(Refused, match="Withdraw it first"):
        sitting.close(meeting)


def test_a_hold_in_one_step_is_lifted_by_the_meetings_signed_decision(sitting):
    study = sitting.study
    with study.at():
        holding.hold(trial=sitting.trial, reason="A death in a sister trial.", by=study.investigator)
    assert study.situation().free == 0
    cut = sitting.freeze(sitting.call())
    sitting.vote(cut, "escalate", 2)
    assert study.situation().stops

    sitting.countersign(sitting.propose(cut, "escalate", 2))

    assert not study.situation().stops
    assert study.situation().free == 3
