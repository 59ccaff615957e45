"""What people are told of a clock: half of it, all of it, each once; and nothing of the patient."""

from datetime import timedelta

import pytest

from assessments.cases import watch
from tests.assessments.cases.story import correct, report, serious
from trial.models import Notice

pytestmark = pytest.mark.django_db


def told(study, hours):
    """Who is told what by a tick so many hours after the site became aware."""
    study.now = study.nine + timedelta(hours=hours)
    with study.at():
        watch.watch(study.trial.pk)
        watch.watch(study.trial.pk)
    found = Notice.objects.filter(key__startswith="case-")
    return sorted((one.key.split("-")[1], one.key.split("-")[-3], one.to.name) for one in found)


def test_the_sites_clock_tells_the_site_at_half_and_both_when_it_is_over():
    study = serious()
    assert told(study, 11.9) == []

    half = [("half", "site", name) for name in ("Coordinator", "Investigator")]
    assert told(study, 12) == half
    assert told(study, 23.9) == half
    due = [("due", "site", name) for name in ("Coordinator", "Investigator", "Medical_monitor")]
    assert told(study, 24.1) == due + half

    notice = Notice.objects.filter(key__startswith="case-due").first()
    assert notice.path == f"/trials/{study.trial.code}/serious/1/"
    assert "001" not in notice.subject + notice.text and "Sepsis" not in notice.subject + notice.text


def test_a_clock_that_was_kept_tells_nobody_and_the_sponsors_tells_the_sponsor():
    study = serious()
    report(study)
    reported = study.now

    assert told(study, 24 * 7) == []
    assert told(study, 24 * 9) == [("half", "fifteen", "Medical_monitor")]
    study.now = reported
    assert told(study, 24 * 16) == [(what, "fifteen", "Medical_monitor") for what in ("due", "half")]


def test_a_corrected_start_is_another_clock():
    study = serious()
    told(study, 12)
    assert Notice.objects.filter(key__startswith="case-half").count() == 2
    study.now = study.nine + timedelta(hours=13)
    correct(study, aware_at=study.nine + timedelta(minutes=30))

    assert len(told(study, 13)) == 4
