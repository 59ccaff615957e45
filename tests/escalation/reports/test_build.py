"""A report of a trial that nobody has joined: every section says so, and every page what it is of."""

from io import BytesIO

import pypdf
import pytest

from escalation.meetings import services
from escalation.reports.build import build
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_a_trial_that_nobody_has_joined_has_its_reports():
    study = factories.study()
    with study.at():
        meeting = services.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
        cut = services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)

    found = build(trial=study.trial, cut=cut, kind="closed", progress=lambda percent, step: None)

    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(found)).pages]
    assert all(f"Cut 1 of meeting 1, record no. {cut.record}" in page and "CLOSED" in page for page in pages)
    assert "Not open yet: decision 0 opens the trial at level 1" in pages[0]
    assert " ".join(pages).count("Nobody is treated yet.") > 5
