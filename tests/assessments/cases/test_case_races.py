"""Two people at one case: real PostgreSQL, real threads."""

import pytest

from assessments.cases import services, sponsor, watch
from assessments.cases.models import CaseDetails, CaseLateness, CaseNews, CaseSubmission
from assessments.cases.services import Described, FollowUp
from assessments.cases.sponsor import Submitted
from tests.assessments.cases.story import event, report, serious
from tests.escalation.decisions.test_races import at_once
from trial.models import Notice
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_kind_of_write_by_two_at_once():
    """One wins where there is one place; where there is room for two, each gets a number of its own."""
    study = serious()
    study.later(2)
    monitor, doctor, nurse = study.medical_monitor, study.investigator, study.coordinator

    def twice(verb, *people, **said):
        calls = [
            lambda by=by: verb(trial=study.trial.pk, event=study.event_id, by=by, **said) for by in people
        ]  # fmt: skip
        found = at_once(study, *calls)
        unexpected = [one for one in found if isinstance(one, Exception) and not isinstance(one, Refused)]
        assert not unexpected, unexpected
        return sum(not isinstance(one, Exception) for one in found)

    rev = event(study).rev
    assert twice(services.report_case, doctor, nurse, at=study.now, rev=rev) == 1
    rev = event(study).rev
    assert twice(services.receive, monitor, monitor, at=study.now, rev=rev) == 1

    said = FollowUp(text="Cultures negative.", aware_at=study.now)
    assert twice(services.follow_up, doctor, nurse, said=said) == 2
    rows = list(CaseNews.objects.all())
    assert [row.number for row in rows] == [1, 2, 3]
    twice_void = {"follow_up": rows[2].pk, "rev": rows[2].rev, "reason": "The same again."}
    assert twice(services.void_follow_up, doctor, nurse, **twice_void) == 1

    assert twice(services.describe, doctor, nurse, said=Described(age=60), rev=0) == 1
    assert CaseDetails.objects.count() == 1
    assert twice(sponsor.explain, doctor, nurse, kind="site", number=1, why="Told late.", rev=0) == 1
    assert CaseLateness.objects.count() == 1

    assert twice(sponsor.submit, monitor, monitor, said=Submitted(at=study.now, contains=1)) == 2
    sent = CaseSubmission.objects.get(number=1)
    assert CaseSubmission.objects.count() == 2
    assert twice(sponsor.void_submission, monitor, monitor, submission=sent.pk, rev=sent.rev, reason="Twice.") == 1


def test_two_ticks_at_once_tell_each_once():
    study = serious()
    report(study)
    study.later(20)

    answers = at_once(study, *[lambda: watch.watch(study.trial.pk)] * 3)

    assert answers == [None] * 3
    assert Notice.objects.filter(key__startswith="case-due", to=study.medical_monitor).count() == 1
