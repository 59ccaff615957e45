"""The Safety pages in a browser: accessible, no sideways scroll at either width, and a mark opens its patient."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from assessments.exposure import services as exposure
from assessments.response.follow_up import record_follow_up
from patients.follow_up.services import Followed
from tests import factories
from trial.models import Drug
from trial.record import ledger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.long
def test_the_safety_pages_are_readable(page, sign_in, accessible):
    study = factories.study().open()
    patients = [study.dose() for _ in range(3)]
    study.later(20)
    study.event(patients[0], term="Nausea", grade=2)
    study.dlt(patients[1])
    with study.at():
        died = Followed(died_on=study.today, death_cause="other")
        record_follow_up(trial=study.trial.pk, patient=patients[2].pk, said=died, by=study.investigator)
    study.event(patients[2], term="Sepsis", grade=5)
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


# What is drawn over the edge of its card, unless it scrolls there.
OVER_THE_EDGE = """() => [...document.querySelectorAll(".card .table")].filter(table => {
    const card = table.closest(".card"), box = table.closest(".scroll-x") || card;
    const scrolls = getComputedStyle(box).overflowX === "auto";
    const drawn = scrolls ? box.getBoundingClientRect() : table.getBoundingClientRect();
    return drawn.right > card.getBoundingClientRect().right;
}).map(table => table.caption?.textContent || table.className)"""


def test_no_table_covers_what_stands_beside_it(page, sign_in):
    study = factories.study().schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    patient = study.dose()
    study.later(30)
    study.event(patient, term="Nausea", grade=2, serious=True)
    with study.at():
        doses = {drug.pk: [] for drug in Drug.objects.filter(trial=study.trial)}
        exposure.record_cycle(trial=study.trial.pk, patient=patient.pk, cycle=1, doses=doses, by=study.coordinator)
    sign_in(study.medical_monitor)

    for width in (1440, 1280, 1000, 800):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("patients/001/doses/", "safety/", "safety/events/", "safety/listings/", "dashboard/", "events/"):
            page.goto(f"/trials/{study.trial.code}/{path}")
            assert page.evaluate(OVER_THE_EDGE) == [], (path, width)
            if width == 1440:
                boxes = "[...document.querySelectorAll('.scroll-x')]"
                assert page.evaluate(f"{boxes}.every(box => box.scrollWidth <= box.clientWidth)"), path
