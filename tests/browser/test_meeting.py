"""A meeting of the safety committee in a browser, from its call to the opened cohort, each step by its role."""

from datetime import timedelta

import pytest
import time_machine

from patients.models import Slot
from tests import factories
from trial.models import Drug

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def study():
    """Level 1 is complete, three patients without a DLT: the rule says escalate."""
    study = factories.study().open()
    patient = study.cohort(3)[0]
    nothing = {drug.pk: "unrelated" for drug in Drug.objects.filter(trial=study.trial)}
    study.event(patient, term="Fall", grade=3, relations=nothing, onset_on=study.today - timedelta(days=9))
    return study


class Room:
    """The committee's room: one browser, one person at it at a time."""

    def __init__(self, study, page, sign_in, accessible):
        self.study, self.page, self.sign_in, self.accessible = study, page, sign_in, accessible

    def go(self, who, path="meetings/1/"):
        self.sign_in(getattr(self.study, who))
        self.page.goto(f"/trials/{self.study.trial.code}/{path}")

    def press(self, words):
        self.page.get_by_role("button", name=words, exact=True).click()
        self.page.wait_for_load_state()

    def says(self, words):
        assert words in self.page.locator("body").inner_text()

    def looks_right(self):
        """No violation of WCAG 2.2 AA, on a desk and on a phone, where nothing scrolls sideways."""
        for size in (DESK, PHONE):
            self.page.set_viewport_size(size)
            self.accessible(self.page)
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (size, wide)
        self.page.set_viewport_size(DESK)

    def vote(self, who, words, reason):
        self.go(who)
        form = self.page.locator("form[action$='/vote/']")
        form.get_by_label(words).check(force=True)
        form.locator("textarea[name=reason]").fill(reason)
        self.press("Vote")
        self.says(reason)


@pytest.mark.long
def test_a_meeting_from_its_call_to_the_opened_cohort(study, page, sign_in, accessible):
    room = Room(study, page, sign_in, accessible)
    with time_machine.travel(study.now + timedelta(hours=1), tick=True):
        today = f"{study.today:%d %b %Y}"
        room.go("medical_monitor", "meetings/")
        room.looks_right()
        page.get_by_label("Cut-off").fill(today)
        page.get_by_label("Meeting on").fill(today)
        room.press("Call the meeting")
        room.says("Nothing. What is recorded is complete and adjudicated.")

        room.go("statistician")
        room.press("Freeze the data cut")
        room.says("Cut 1 is frozen")

        room.go("dsmb")
        room.looks_right()
        page.get_by_role("link", name="Read the packet").click()
        room.says("chain holds")
        room.says("AE 1: fall, grade 3")
        room.says("This is the first meeting of the trial.")
        room.looks_right()

        room.vote("dsmb", "Escalate to level 2 (recommended)", "0/3, nothing severe.")
        room.vote("dsmb2", "Escalate to level 2 (recommended)", "I agree.")
        room.go("dsmb")
        room.says("The votes carry: Escalate to level 2")
        room.looks_right()
        page.locator("form[action$='/outcome/'] input[name=password]").fill(factories.PASSWORD)
        room.press("Sign the outcome")
        room.says("waits for the other signatures")
        room.looks_right()

        room.go("medical_monitor")
        page.locator("input[name=password]").fill(factories.PASSWORD)
        room.press("Sign the outcome")
        room.says("the meeting is closed")
        room.says("Decided")
        room.looks_right()

        room.go("coordinator", "enrolment/request/")
        page.get_by_label("Screening number").fill("SCR-100")
        room.press("Request slot")
        granted = Slot.objects.get(trial=study.trial, state=Slot.State.GRANTED)
        assert granted.cohort.dose_level.label == "2"

        room.go("dsmb", "meetings/compare/")
        room.says("Decision 1, level 2")
        room.looks_right()
