"""A serious event from the tick to the sponsor's answer, followed on a second screen that nobody touches."""

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from assessments.cases import services, sponsor
from assessments.cases.sponsor import Submitted
from tests.assessments.cases.story import do, receive, report, serious

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = ("Correct", "Take back")
PHONE = {"width": 390, "height": 844}


@pytest.mark.long
def test_both_clocks_stand_on_a_second_screen(page, sign_in, accessible):
    study = serious()
    with time_machine.travel(study.now, tick=True):
        sign_in(study.medical_monitor)
        page.clock.set_fixed_time(study.now)
        page.goto(f"/trials/{study.trial.code}/serious/")
        screen = page.locator("#cases")
        expect(screen.locator("time[data-due]")).to_have_text("in 21 h")
        accessible(page)

        def renewed():
            page.evaluate("htmx.trigger('#pulse', 'ask')")

        report(study)
        renewed()
        expect(screen).to_contain_text("Sponsor to authority, 15 days:")
        expect(screen).to_contain_text("1 kept")
        expect(screen.locator("time[data-due]")).to_have_text("in 16 d")

        receive(study)
        do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=study.now, contains=1, complete=True))
        renewed()
        expect(screen).to_contain_text("2 kept")

        said = services.FollowUp(text="Cultures negative.", aware_at=study.now - timedelta(hours=1))
        do(study, services.follow_up, study.coordinator, said=said)
        at = f"/trials/{study.trial.code}/"
        page.goto(f"{at}events/expected/add/")
        page.locator("input[name=version]").focus()
        for keys in ("IB 7.0", f"{study.today:%-d %b %Y}", "Nausea, grade 3"):
            page.keyboard.type(keys)
            page.keyboard.press("Tab")
        page.get_by_role("button", name="Add list").press("Enter")
        expect(page.locator("main")).to_contain_text("List IB 7.0")
        steps = [page.get_by_role("link", name=f"{name} list IB 7.0").get_attribute("href") for name in STEPS]
        pages = (
            "serious/1/",
            "serious/1/report/",
            "serious/1/submission/",
            "serious/",
            "events/1/",
            "events/1/sponsor/",
        )
        for path in (*(at + one for one in pages), f"{at}events/expected/", *steps):
            page.goto(path)
            page.set_viewport_size(PHONE)
            accessible(page)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
