"""Reports of a data cut: the same bytes twice, and on every page what they are of."""

from io import BytesIO

import pypdf
import pytest

from escalation.meetings import services
from escalation.reports.build import build
from tests import factories


def pages(pdf):
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def report(study, cut, kind):
    return build(trial=study.trial, cut=cut, kind=kind, progress=lambda percent, step: None)


@pytest.mark.django_db(transaction=True)
def test_a_trial_that_nobody_has_joined_has_its_reports_twice_the_same():
    study = factories.study()
    with study.at():
        meeting = services.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
        cut = services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)

    for kind in ("summary", "open", "closed"):
        found = report(study, cut, kind)
        assert found == report(study, cut, kind)
        assert all(f"Cut 1 of meeting 1, record no. {cut.record}" in page for page in pages(found))
        assert all(("CLOSED" if kind == "closed" else "OPEN") in page for page in pages(found))
    assert len(pages(report(study, cut, "summary"))) == 1
