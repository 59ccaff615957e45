"""Two at once in a meeting: real PostgreSQL, real threads."""

import pytest

from escalation.decisions import services as decisions
from escalation.meetings import services
from escalation.meetings.models import DataCut, Meeting, Vote
from escalation.models import Decision
from tests.escalation.decisions.test_races import at_once
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def call(study, by):
    return services.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=by)


def frozen(study):
    with study.at():
        meeting = call(study, study.medical_monitor)
        return meeting, services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)


def vote(study, cut, by, outcome="escalate", position=2):
    return services.vote(
        trial=study.trial.pk, cut=cut.pk, outcome=outcome, position=position, reason="As I read it.", by=by
    )


def test_two_calls_make_one_meeting(study):
    answers = at_once(study, lambda: call(study, study.medical_monitor), lambda: call(study, study.dsmb))

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Meeting.objects.filter(trial=study.trial).count() == 1


def test_two_freezes_make_one_cut(study):
    with study.at():
        meeting = call(study, study.medical_monitor)

    answers = at_once(
        study,
        *[
            lambda by=by: services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=by)
            for by in (study.statistician, study.medical_monitor)
        ],
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert DataCut.objects.filter(meeting=meeting).count() == 1


def test_two_votes_of_one_member_leave_one_in_force(study):
    _, cut = frozen(study)

    at_once(study, *[lambda: vote(study, cut, study.dsmb) for _ in range(4)])

    assert Vote.objects.filter(cut=cut, voided=False).count() == 1
    assert Vote.objects.filter(cut=cut).count() == 4


def test_votes_of_two_members_both_count(study):
    _, cut = frozen(study)

    at_once(study, lambda: vote(study, cut, study.dsmb), lambda: vote(study, cut, study.dsmb2))

    assert Vote.objects.filter(cut=cut, voided=False).count() == 2


def test_a_fact_and_a_vote_at_once_leave_no_vote_on_changed_facts(study):
    _, cut = frozen(study)
    patient = study.situation().facts[0].patient

    _, voted = at_once(study, lambda: study.event(patient), lambda: vote(study, cut, study.dsmb))

    event = patient.events.get()
    assert isinstance(voted, Refused) or voted.rev < event.rev or Vote.objects.get(pk=voted.pk).rev < event.rev


def test_two_proposals_in_a_meeting_make_one_decision(study):
    _, cut = frozen(study)
    with study.at():
        vote(study, cut, study.dsmb)
    basis = study.situation().basis

    def propose(by):
        return lambda: decisions.decide(
            trial=study.trial.pk, outcome="escalate", position=2, basis=basis, cut=cut.pk, proof="simulated", by=by
        )

    answers = at_once(study, propose(study.dsmb), propose(study.dsmb2))

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Decision.objects.filter(cut=cut).count() == 1


def test_closing_and_proposing_at_once_never_both_pass(study):
    meeting, cut = frozen(study)
    with study.at():
        vote(study, cut, study.dsmb)
    basis = study.situation().basis

    answers = at_once(
        study,
        lambda: services.close(trial=study.trial.pk, meeting=meeting.pk, reason="No time.", by=study.medical_monitor),
        lambda: decisions.decide(
            trial=study.trial.pk,
            outcome="escalate",
            position=2,
            basis=basis,
            cut=cut.pk,
            proof="simulated",
            by=study.dsmb,
        ),
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
