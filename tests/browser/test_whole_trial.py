"""A three-level trial from its protocol to a signed MTD and RP2D, by people in a browser, each in their role. What was
done there for one patient of a cohort, the services do for the others.

The calendar is moved by travelling the clock of the whole process, since the trial is a real one: its signatures
need passwords, and its windows pass day by day.
"""

from contextlib import nullcontext
from dataclasses import fields
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from escalation.enrolment import services as enrolment
from patients.models import Slot
from tests import factories
from trial.models import Site, Trial
from trial.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = {
    "administrator": "",
    "coordinator": Role.COORDINATOR,
    "investigator": Role.INVESTIGATOR,
    "monitor": Role.MEDICAL_MONITOR,
    "committee": Role.DSMB,
}


class Others(factories.Study):
    """The same trial without a browser, at the time of this process: it is a real one."""

    def at(self):
        self.now = datetime.now(UTC)
        return nullcontext()

    def slot(self, by=None):
        number = f"SCR-{Slot.objects.count() + 1:03d}"
        return enrolment.request_slot(trial=self.trial.pk, screening=number, by=self.coordinator)


class Clinic:
    """The people of one trial at one browser; every step is a page that its role opens."""

    def __init__(self, page, context, url, clock):
        self.page, self.context, self.url, self.clock = page, context, url, clock
        self.people = {
            name: factories.person(name, Role.ADMINISTRATOR if name == "administrator" else "") for name in ROLES
        }

    def become(self, name):
        """Sign in as that person (the log-in page itself is tested once, below)."""
        client = Client()
        client.force_login(self.people[name], backend=settings.AUTHENTICATION_BACKENDS[-1])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.clear_cookies()
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}])

    def go(self, name, path):
        self.become(name)
        self.page.goto(path if path == "/new/" else f"/trials/first-three/{path}")

    def press(self, words):
        self.page.get_by_role("button", name=words, exact=True).click()
        self.page.wait_for_load_state()

    def says(self, words):
        assert words in self.page.locator("body").inner_text()

    # --- the steps
    def set_up(self):
        self.go("administrator", "/new/")
        self.page.get_by_label("Code").fill("first-three")
        self.page.get_by_label("Title").fill("Three levels")
        self.press("Create the trial")
        self.go("administrator", "sites/add/")
        self.page.get_by_label("Code").fill("01")
        self.page.get_by_label("Name").fill("First clinic")
        self.page.locator("main form button[type=submit]").last.click()
        for name, role in ROLES.items():
            if role:
                self.go("administrator", "people/add/")
                self.page.locator("select[name=user]").select_option(str(self.people[name].pk))
                self.page.locator("select[name=role]").select_option(role)
                if role in ("coordinator", "investigator"):
                    self.page.locator("select[name=site]").select_option(index=1)
                self.page.locator("main form button[type=submit]").last.click()

        trial, people = Trial.objects.get(), self.people
        site = Site.objects.get()
        parts = dict.fromkeys(field.name for field in fields(Others))
        parts |= {"trial": trial, "site": site, "other_site": site, "medical_monitor": people["monitor"]}
        self.others = Others(**parts | {name: people[name] for name in ("coordinator", "investigator")})

    def write_protocol(self):
        self.go("monitor", "protocol/new/")
        self.press("Start from the illustrative ladder")
        self.press("Take out level 4")
        self.press("Take out level -1")
        self.page.locator("textarea[name=eligibility]").fill(
            "Relapsed or refractory multiple myeloma\n18 years or older"
        )
        self.press("Put version 1 in force")

    def decide(self, headline):
        """The committee signs what is recommended, the medical monitor second."""
        self.go("committee", "decisions/new/")
        self.says(headline)
        self.page.locator("input[name=choice]").first.check()
        if "phase 2" in headline:
            self.page.locator("textarea[name=reason]").fill("Tolerated by all six, with activity.")
            self.page.locator("textarea[name=later_toxicity]").fill("Nobody had a later event.")
        self.page.locator("input[name=password]").fill(factories.PASSWORD)
        self.press("Sign this decision")
        self.become("monitor")
        self.page.reload()
        self.page.locator("input[name=password]").fill(factories.PASSWORD)
        self.press("Sign this decision")
        self.says("In force")

    def enrol(self, number):
        """Slot, eligibility, consent, enrolment and first dose of the next patient."""
        self.go("coordinator", "enrolment/request/")
        self.page.get_by_label("Screening number").fill(f"SCR-{number:03d}")
        self.press("Request slot")
        slot = f"enrolment/slots/{number}/"
        self.go("investigator", slot)
        for criterion in (1, 2):
            self.page.locator(f"input[name=criterion_{criterion}][value=yes]").press("Space")
        self.press("Record eligibility")
        self.go("coordinator", slot)
        self.page.get_by_label("Version of the form").fill("1.0")
        self.page.get_by_label("Signed on").fill(self.today)
        self.press("Record consent")
        self.go("coordinator", slot)
        self.press("Enrol patient")
        self.go("investigator", f"patients/{number:03d}/first-dose/")
        self.page.get_by_label("First dose on").fill(self.today)
        self.page.locator("main form button[type=submit]").last.click()
        self.page.wait_for_load_state()

    def is_asked_for_the_doses(self, number):
        """The window is over: the coordinator's home asks, and nothing is taken for granted before."""
        self.become("coordinator")
        self.page.goto("/")
        self.says(f"Enter the doses taken: patient {number:03d}")
        self.go("investigator", f"patients/{number:03d}/evaluability/")
        self.says("Window complete; the doses taken in it are not recorded yet.")

    def complete(self, number):
        """All doses taken; the investigator confirms that there was no DLT."""
        self.go("coordinator", f"patients/{number:03d}/dosing/")
        for drug in (1, 2, 3):
            planned = self.page.locator(f"input[name=planned_{drug}]")
            self.page.locator(f"input[name=taken_{drug}]").fill(planned.input_value())
        self.page.locator("main form button[type=submit]").last.click()
        self.go("investigator", f"patients/{number:03d}/evaluability/")
        self.page.locator("main form button[type=submit]").last.click()
        self.page.wait_for_load_state()

    def dlt(self, number, event):
        """Grade 4 platelets, related; the investigator and the second reader agree."""
        self.go("investigator", f"events/report/{number:03d}/")
        self.page.locator("input[name=term]").fill("Platelet count decreased")
        self.page.locator("input[name=grade][value='4']").press("Space")
        self.page.get_by_label("Onset").fill(self.today)
        for drug in (1, 2, 3):
            self.page.locator(f"input[name=relation_{drug}][value=possible]").press("Space")
        self.page.locator("#submit").click()
        self.page.wait_for_load_state()
        for reader in ("investigator", "monitor"):
            self.go(reader, f"review/{event}/")
            self.page.locator("input[name=is_dlt][value=yes]").press("Space")
            self.page.locator("select[name=criterion]").select_option("H3")
            self.page.locator("textarea[name=reason]").fill("Platelets 18, related to selinexor.")
            self.press("Give verdict")

    @property
    def today(self):
        return f"{datetime.now(UTC):%d %b %Y}"

    def later(self, days):
        self.clock.shift(days * 86400)


@pytest.mark.long
def test_from_protocol_to_mtd_and_rp2d(page, context, live_server):
    """Level 1: 0/3. Level 2: two DLTs in the first two. Back to level 1: 0/6, the MTD."""
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=True) as clock:
        clinic = Clinic(page, context, live_server.url, clock)
        clinic.set_up()
        clinic.write_protocol()
        clinic.decide("Open the trial at level 1")
        clinic.enrol(1)
        others = [clinic.others.dose(), clinic.others.dose()]
        clinic.later(28)
        clinic.is_asked_for_the_doses(1)
        clinic.complete(1)
        clinic.others.complete(*others)
        clinic.decide("Escalate to level 2")
        clinic.enrol(4)
        other = clinic.others.dose()
        clinic.later(10)
        clinic.dlt(4, event=1)
        clinic.others.dlt(other)
        clinic.decide("De-escalate to level 1")
        clinic.enrol(6)
        others = [clinic.others.dose(), clinic.others.dose()]
        clinic.later(28)
        clinic.complete(6)
        clinic.others.complete(*others)
        clinic.decide("Level 1 is the MTD")
        clinic.decide("recommended phase 2 dose")

        clinic.go("committee", "")
        clinic.says("Level 1 is the MTD")
        clinic.says("0/6")


def test_a_person_logs_in_with_address_and_password(page):
    person = factories.person("reader")

    page.goto("/accounts/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).first.fill(person.email)
    page.get_by_label("Password").first.fill(factories.PASSWORD)
    page.locator("main form button[type=submit]").first.click()

    page.wait_for_url("**/")
    assert "My trials" in page.title()
