"""A serious event from the tick to the sponsor's answer: what each verb takes and refuses, and what the clocks say."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from assessments.cases import queries, services, sponsor
from assessments.cases.clocks import Kind
from assessments.cases.models import CaseNews
from assessments.cases.services import Described, FollowUp
from assessments.cases.sponsor import Submitted
from patients.models import Patient
from tests.assessments.cases.story import assess, case, correct, do, event, receive, report, serious, told
from tests.patients.test_days import zone
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return serious()


def test_from_the_tick_to_the_answer_of_the_sponsor(study):
    assert told(study)["site"].due_at == study.nine + timedelta(hours=24)
    assert list(told(study)) == ["site"], "nobody at the sponsor has been told"

    study.now += timedelta(hours=1)
    report(study)
    found = told(study)
    assert found["site"].met_at == study.now and not found["site"].late(study.now)
    assert found["fifteen"].running, "counted from the report until a receipt is recorded"

    study.now += timedelta(hours=20)  # the next day
    receive(study)
    fifteen = told(study)["fifteen"]
    assert fifteen.started_at == study.now
    assert fifteen.due_at.date() == study.today + timedelta(days=16)  # the midnight that ends day 15

    study.later(10)
    said = Submitted(at=study.now, contains=1, complete=True, reference="A-1")
    do(study, sponsor.submit, study.medical_monitor, said=said)
    assert told(study)["fifteen"].met_at == study.now


def test_day_0_is_the_receipt_also_where_the_event_was_entered_days_after_it(study):
    """The site called the sponsor first and entered the event when it came to it: the days count all the same."""
    received = study.nine + timedelta(hours=1)
    study.nine -= timedelta(days=4)
    study.event_id = study.event(
        study.patient, term="Pneumonitis", serious=True, serious_criteria=["hospitalisation"], aware_at=study.nine,
        aware_on=study.nine.date(), onset_on=study.nine.date(),
    ).pk  # fmt: skip
    received -= timedelta(days=4)

    report(study, at=study.nine)
    assert told(study)["fifteen"].started_at == study.nine, "what was told counts as received then"
    receive(study, at=received)

    clock = told(study)["fifteen"]
    assert clock.started_at == received
    assert clock.due_at.date() == received.date() + timedelta(days=16), "day 15 is over with its midnight"


def test_a_case_that_turns_fatal_begins_seven_days_from_that_news_and_an_answer_stops_what_runs(study):
    report(study)
    study.later(4)
    correct(study, grade=5, serious_criteria=["hospitalisation", "death"])
    fatal = study.now

    assert told(study)["seven"].started_at == fatal and told(study)["seven"].number == 2
    assert told(study)["fifteen"].running, "the first clock goes on"

    study.later(1)
    assess(study, "unrelated", expected=False)
    assert told(study)["seven"].running, "the investigator holds it related"

    study.later(1)
    assess(study, "unrelated", expected=True)
    found = told(study)
    assert {clock.stopped_at for kind, clock in found.items() if kind != "site"} == {study.now}
    assert [row.by_site for row in case(study).news] == [True, True, False, False]


def test_only_what_the_clocks_go_by_is_news(study):
    report(study)
    before = CaseNews.objects.count()

    correct(study, narrative="Admitted overnight.")

    assert CaseNews.objects.count() == before == 1


def test_a_downgrade_after_its_time_stops_nothing(study):
    report(study)
    study.later(20)
    correct(study, serious=False, serious_criteria=[])

    fifteen = told(study)["fifteen"]
    assert fifteen.running and fifteen.late(study.now)
    assert [case.event.pk for case in queries.cases(study.trial.pk)] == [study.event_id], "it stays on the list"


def test_a_late_clock_asks_for_a_reason_of_who_owed_it(study):
    study.later(2)
    report(study)

    with pytest.raises(PermissionDenied):
        do(study, sponsor.explain, study.medical_monitor, kind="site", number=1, why="Not ours.")
    do(study, sponsor.explain, study.coordinator, kind="site", number=1, why="The ward told us late.")
    [timed] = [timed for timed in case(study).clocks if timed.clock.kind is Kind.SITE]
    assert timed.lateness.why == "The ward told us late." and not case(study).reason_owed(timed, study.now)
    with pytest.raises(Refused, match=r"needs one\."):
        do(study, sponsor.explain, study.coordinator, kind="site", number=1, why="Another.", rev=timed.lateness.rev)
    with pytest.raises(Refused, match="needs no reason"):
        do(study, sponsor.explain, study.medical_monitor, kind="fifteen", number=1, why="None.")


def test_follow_ups_are_told_completed_corrected_and_taken_back(study):
    hour = timedelta(hours=1)
    news = FollowUp(text="Cultures negative.", aware_at=study.nine + hour)
    with pytest.raises(Refused, match="report it to the sponsor first"):
        do(study, services.follow_up, study.coordinator, said=news)
    report(study)
    row = do(study, services.follow_up, study.coordinator, said=news)
    assert [timed.clock.number for timed in case(study).clocks if timed.clock.kind is Kind.SITE] == [1, 2]

    later = FollowUp(text="Cultures negative twice.", aware_at=study.nine + hour)
    with pytest.raises(Refused, match="needs one"):
        do(study, services.follow_up, study.coordinator, follow_up=row.pk, said=later, rev=row.rev)
    row = do(
        study, services.follow_up, study.coordinator, follow_up=row.pk, said=later, rev=row.rev, reason="Second set."
    )
    with pytest.raises(Stale):
        do(study, services.follow_up, study.investigator, follow_up=row.pk, said=news, rev=1, reason="Unseen.")
    receive(study, row)

    correct(study, grade=5, serious_criteria=["death"])
    fatal = CaseNews.objects.get(number=3)
    with pytest.raises(Refused, match="correct the event instead"):
        do(study, services.void_follow_up, study.investigator, follow_up=fatal.pk, rev=fatal.rev, reason="No.")
    row = CaseNews.objects.get(number=2)
    do(study, services.void_follow_up, study.investigator, follow_up=row.pk, rev=row.rev, reason="Another patient's.")
    assert [one.number for one in case(study).news] == [1, 3]


def test_a_submission_is_corrected_and_taken_back_and_its_clock_runs_again(study):
    report(study)
    row = do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=study.now, contains=1))
    now = Submitted(at=study.now, contains=1, reference="B-2")
    row = do(
        study, sponsor.submit, study.medical_monitor, submission=row.pk, said=now, rev=row.rev, reason="Its number."
    )
    assert not told(study)["fifteen"].running

    do(study, sponsor.void_submission, study.medical_monitor, submission=row.pk, rev=row.rev, reason="Not sent.")

    assert told(study)["fifteen"].running
    assert do(study, sponsor.submit, study.medical_monitor, said=now).number == 2, "a number is never used again"


@pytest.mark.parametrize(
    ("minutes", "says"),
    [(1, "is in the future"), (-181, "before the site became aware")],
)
def test_a_report_at_an_impossible_time(study, minutes, says):
    with pytest.raises(Refused, match=says) as refused:
        do(
            study, services.report_case, study.investigator, at=study.now + timedelta(minutes=minutes),
            rev=event(study).rev,
        )  # fmt: skip
    assert refused.value.field == "at"


def test_the_order_of_being_told(study):
    with pytest.raises(Refused, match="has not reported it"):
        receive(study)
    report(study)
    with pytest.raises(Refused, match="before it was reported"):
        receive(study, at=study.now - timedelta(minutes=1))
    with pytest.raises(Refused, match="before the sponsor was told"):
        do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=study.nine, contains=1))
    with pytest.raises(Refused, match="choose the last news"):
        do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=study.now, contains=7))
    with pytest.raises(Refused, match="needs one"):
        report(study, reason="") if study.later(1) else None


def test_a_refusal_names_a_time_by_the_clock_by_which_it_was_typed(study):
    zone(study, study.site, "Pacific/Auckland")
    with pytest.raises(Refused, match="9 Jan 2026 01:01 NZDT is in the future"):
        report(study, at=study.now + timedelta(minutes=1))
    report(study)

    with pytest.raises(Refused, match="Received at: 8 Jan 2026 12:01 UTC is in the future"):
        receive(study, at=study.now + timedelta(minutes=1))
    with pytest.raises(Refused, match=r"Submitted at: 8 Jan 2026 11:59 UTC is before .*8 Jan 2026 12:00 UTC"):
        early = Submitted(at=study.now - timedelta(minutes=1), contains=1)
        do(study, sponsor.submit, study.medical_monitor, said=early)


def test_a_report_to_the_authority_contains_no_news_that_came_after_it(study):
    report(study)
    study.later(4)
    correct(study, grade=5, serious_criteria=["hospitalisation", "death"])
    news, fatal = case(study).follow_ups[0], study.now
    study.later(1)

    def submit(at):
        return do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=at, contains=2, complete=True))

    with pytest.raises(Refused, match="is before news 2 was told"):
        submit(fatal - timedelta(hours=1))
    assert told(study)["seven"].running
    submit(fatal + timedelta(hours=2))
    with pytest.raises(Refused, match="is after the report to the authority that contains it"):
        receive(study, news, at=fatal + timedelta(hours=3))
    receive(study, news, at=fatal + timedelta(hours=1))
    assert told(study)["seven"].started_at < told(study)["seven"].met_at


def test_who_may_do_what_and_whose_patient_it_is(study):
    with pytest.raises(Patient.DoesNotExist):
        do(study, services.report_case, study.other_investigator, at=study.now, rev=event(study).rev)
    for by in (study.medical_monitor, study.statistician):
        with pytest.raises(PermissionDenied):
            do(study, services.report_case, by, at=study.now, rev=event(study).rev)
    report(study)
    with pytest.raises(PermissionDenied):
        do(study, services.receive, study.investigator, at=study.now, rev=event(study).rev)
    assert queries.cases(study.trial.pk, study.other_site.pk) == []


def test_details_are_kept_and_changed_with_a_reason(study):
    key = uuid.uuid4()
    said = Described(age=64, sex="female", abated="yes")
    row = do(study, services.describe, study.coordinator, said=said, rev=0, key=key)
    assert do(study, services.describe, study.coordinator, said=said, rev=0, key=key).pk == row.pk

    do(
        study,
        services.describe,
        study.coordinator,
        said=Described(age=64, sex="female", abated="yes", tests="None."),
        rev=row.rev,
    )
    row.refresh_from_db()
    with pytest.raises(Refused, match="needs one"):
        do(study, services.describe, study.coordinator, said=Described(age=65), rev=row.rev)
    with pytest.raises(Refused, match="Age: must be") as refused:
        do(study, services.describe, study.coordinator, said=Described(age=3), rev=row.rev, reason="Typed.")
    assert refused.value.field == "age"
