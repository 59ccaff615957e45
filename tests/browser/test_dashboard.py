"""The dashboard in a browser: all of it on one screen with 24 patients, and in the same order on a phone."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = ["changed", "ladder", "recommendation", "levels", "blocked", "meeting"]


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

    page.set_viewport_size({"width": 390, "height": 844})
    tops = [page.locator(f"#{card}").bounding_box()["y"] for card in ORDER]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    assert complaints == []
