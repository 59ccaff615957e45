"""Doses by cycle in a browser: one step confirms a cycle, and the pages are accessible and fit a phone."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cycle_is_confirmed_by_keyboard_on_a_phone(page, sign_in, accessible):
    study = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    study.event(study.dose(), term="Nausea", grade=1)
    sign_in(study.coordinator)
    page.set_viewport_size({"width": 390, "height": 800})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"/trials/{study.trial.code}/patients/001/doses/")
    accessible(page)
    page.get_by_role("button", name="Cycle 1 as planned").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Cycle 1 of patient 001 is recorded as planned.").wait_for()
    page.get_by_text("Read as a table").click()
    accessible(page)
    for path in ("patients/001/doses/1/", "safety/beyond/"):
        page.goto(f"/trials/{study.trial.code}/{path}")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert complaints == []
