"""The dashboard in a browser: all of it on one screen with 24 patients, and in the same order on a phone."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = ["changed", "ladder", "recommendation", "levels", "blocked", "meeting"]


def shown(page, lines):
    """How many lines of a list are seen without scrolling."""
    bottom = page.locator("#changed .board-list").evaluate("list => list.getBoundingClientRect().bottom")
    return sum(line.bounding_box()["y"] + line.bounding_box()["height"] <= bottom for line in page.locator(lines).all())


@pytest.mark.long
def test_five_lines_of_what_changed_are_seen_beside_four_levels(page, sign_in):
    study = factories.study(levels=5).open()
    for _ in range(3):
        last = study.cohort(3)
        study.sign()
    for patient in last:
        for term in ("Nausea", "Fatigue"):
            study.event(patient, term=term, grade=2, serious=True)
    for patient in [study.dose() for _ in range(3)]:
        study.event(patient, term="Vomiting", grade=2, serious=True)
    study.event(last[0])  # suspected: an alert
    sign_in(study.dsmb)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/trials/{study.trial.code}/dashboard/")

    assert page.locator("#changed .board-list > * > li").count() > 8
    assert shown(page, "#changed .board-list > * > li") >= 5
    assert page.evaluate("document.scrollingElement.scrollHeight") <= 900


@pytest.mark.long
def test_one_screen_shows_24_patients_without_scrolling(page, sign_in, accessible):
    study = factories.study(levels=6).open()
    for level in (1, 2, 3, 3, 4, 5, 6):
        study.cohort(3, dlts=1 if level == 3 and study.situation().tally(3).evaluable == 0 else 0)
        study.sign()
    last = [study.dose() for _ in range(3)]
    study.later(5)
    study.event(last[0], term="Nausea", grade=2, serious=True)
    study.event(last[1])  # a suspected DLT: an alert, a line of what changed, and one of what blocks
    sign_in(study.dsmb)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/trials/{study.trial.code}/dashboard/")

    assert page.locator("svg.ladder .patient").count() == 24
    assert page.evaluate("document.scrollingElement.scrollHeight") <= 900
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1440
    accessible(page)
    assert shown(page, "#changed .board-list > * > li") >= 3

    page.set_viewport_size({"width": 390, "height": 844})
    tops = [page.locator(f"#{card}").bounding_box()["y"] for card in ORDER]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    assert complaints == []
