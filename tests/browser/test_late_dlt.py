"""A late DLT at level 1 while level 3 is open stops enrolment at the next refresh and leads to an amending decision."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    """0/3 at level 1, 0/3 at level 2, level 3 open with one patient."""
    study = factories.study(levels=3).open()
    study.first = study.cohort(3)
    study.sign()
    study.cohort(3)
    study.sign()
    study.dose()
    return study


class Desk:
    """One browser at which people of the trial take turns."""

    def __init__(self, page, context, url, study):
        self.page, self.context, self.url, self.study = page, context, url, study

    def become(self, person):
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.clear_cookies()
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}])

    def go(self, person, path=""):
        self.become(person)
        self.page.goto(f"/trials/{self.study.trial.code}/{path}")

    def press(self, words):
        self.page.get_by_role("button", name=words, exact=True).click()
        self.page.wait_for_load_state()

    def read(self):
        return self.page.locator("body").inner_text()

    def report_grade_4_platelets(self, patient):
        self.go(self.study.investigator, f"events/report/{patient.code}/")
        self.page.locator("input[name=term]").fill("Platelet count decreased")
        self.page.locator("input[name=grade][value='4']").press("Space")
        self.page.get_by_label("Onset").fill(f"{patient.treatment.first_dose_on:%d %b %Y}")
        for drug in (1, 2, 3):
            self.page.locator(f"input[name=relation_{drug}][value=possible]").press("Space")
        self.page.locator("#submit").click()
        self.page.wait_for_load_state()

    def verdict(self, reader):
        self.go(reader, "review/1/")
        self.page.locator("input[name=is_dlt][value=yes]").press("Space")
        self.page.locator("select[name=criterion]").select_option("H3")
        self.page.locator("textarea[name=reason]").fill("Platelets 18 on day 1, related to selinexor.")
        self.press("Give verdict")

    def sign(self):
        self.page.locator("input[name=password]").fill(factories.PASSWORD)
        self.press("Sign this decision")

    def picture(self, name):
        """Kept where LOOK says, for a person to look at; nowhere else."""
        if look := os.environ.get("LOOK"):
            for width in (1440, 390):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.screenshot(path=Path(look) / f"{name}-{width}.png", full_page=True)
            self.page.set_viewport_size({"width": 1280, "height": 900})

    def fits(self):
        """No sideways scroll on a phone."""
        self.page.set_viewport_size({"width": 390, "height": 800})
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        assert wide == 0


def cut_off_and_back(page):
    """The live page says since when it hears nothing, greys what may be out of date, and recovers by itself."""
    ask = "document.dispatchEvent(new Event('visibilitychange'))"
    page.route("**/pulse/*", lambda route: route.fulfill(status=503))
    page.evaluate(ask)
    said = page.locator("#lost .alert-title")
    said.wait_for()
    assert re.fullmatch(r"Not connected since \d\d:\d\d [A-Z]+\.", said.inner_text())
    assert "is-old" in page.locator("#ladder").get_attribute("class")
    page.unroute("**/pulse/*")
    page.evaluate(ask)
    said.wait_for(state="detached")
    assert page.locator(".is-old").count() == 0


@pytest.mark.long
def test_a_late_dlt_stops_enrolment_and_leads_to_an_amending_decision(page, context, live_server, study, accessible):
    desk = Desk(page, context, live_server.url, study)
    desk.go(study.coordinator, "enrolment/request/")
    assert page.get_by_role("button", name="Request slot").is_enabled()

    desk.report_grade_4_platelets(study.first[0])
    desk.verdict(study.investigator)
    desk.verdict(study.medical_monitor)

    # the coordinator, at the next refresh
    desk.go(study.coordinator)
    assert "Basis changed" in desk.read()
    assert "Nobody starts at level 1 and above." in desk.read()
    assert "Level 3 held" in page.locator("h1").inner_text()
    desk.picture("trial")
    cut_off_and_back(page)
    desk.go(study.coordinator, "enrolment/request/")
    assert page.get_by_role("button", name="Request slot", exact=True).count() == 0
    assert "basis of decisions 1 and 2 has changed" in desk.read()

    desk.go(study.auditor, "escalation/late/")
    accessible(page)

    # the committee, from the alert to the amending decision
    desk.go(study.dsmb)
    page.get_by_role("link", name="Open late changes").first.click()
    page.wait_for_load_state()
    accessible(page)
    desk.fits()
    assert "AE 1" in desk.read()
    desk.picture("late")
    page.get_by_role("link", name="Write the amending decision").click()
    page.wait_for_load_state()
    assert "Amending decision" in page.locator("h1").inner_text()
    assert page.locator("textarea[name=reason]").input_value() == (
        "Answers the changed basis of decisions 1 and 2: patient 001 was no DLT at level 1, is now DLT at level 1."
    )
    assert page.get_by_label("De-escalate to level 1").is_checked()
    accessible(page)
    desk.fits()
    desk.picture("amend")
    desk.sign()
    desk.become(study.medical_monitor)
    page.reload()
    desk.sign()
    assert "In force" in desk.read()

    desk.go(study.dsmb, "escalation/late/")
    assert "No signed decision stands on a changed basis" in desk.read()
    accessible(page)
    desk.picture("answered")
    desk.go(study.dsmb, "decisions/2/")
    assert "Decision 3 has answered it." in desk.read()
    page.get_by_role("link", name="Replay it from the record").click()
    page.wait_for_load_state()
    assert "re-checked: same answer" in desk.read()
    accessible(page)
    desk.fits()
    desk.picture("replay")
    desk.go(study.coordinator, "enrolment/request/")
    page.get_by_label("Screening number").fill("SCR-100")
    desk.press("Request slot")
    assert "granted" in desk.read()
