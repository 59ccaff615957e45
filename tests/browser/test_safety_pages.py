"""The Safety pages in a browser: accessible, no sideways scroll at either width, and a mark opens its patient."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests import factories
from trial.record import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_safety_pages_are_readable(page, sign_in, accessible):
    study = factories.study().open()
    patients = [study.dose() for _ in range(3)]
    study.later(20)
    study.event(patients[0], term="Nausea", grade=2)
    study.dlt(patients[1])
    sign_in(study.dsmb)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    for path in ("", "events/", "listings/", "displays/", "patients/?show=overview-any"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"/trials/{study.trial.code}/safety/{path}")
            for summary in page.locator("details.more > summary").all():
                summary.click()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
        accessible(page)
        paper = [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]
        assert all(words.strip() for words in paper), path
        assert f"printed at record no. {ledger.number_of(study.trial.pk)}" in " ".join(paper[0].split())
        assert sum(words.count(page.url) for words in paper) == 1
        assert not any("XLSX" in words or "Consent forms" in words for words in paper), "neither files nor the rail"
    assert complaints == []

    page.goto(f"/trials/{study.trial.code}/safety/displays/")
    page.locator("svg.heat .mark").first.click()
    page.wait_for_url(f"**/trials/{study.trial.code}/patients/001/")
