"""The pages of the rule in a browser, on a desk and on a phone: properties, what-if, table; and an amendment."""

import re
from urllib.parse import urlencode

import pytest
import time_machine

from patients import queries as patients
from tests import factories
from trial import queries

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
RATES = {"rate_1": "0.1", "rate_2": "0.3", "rate_3": "0.2", "target": "0.25", "begin": "present"}


@pytest.fixture
def study():
    """Level 1 passed, two patients in their window at level 2."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    study.dose()
    study.dose()
    return study.later(5)


def looks_right(page, accessible):
    for size in SIZES:
        page.set_viewport_size(size)
        accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (page.url, size, wide)


@pytest.mark.long
def test_the_pages_of_the_rule_fit_and_are_accessible(study, page, sign_in, accessible):
    sign_in(study.statistician)
    asked = [
        "escalation/design/",
        f"escalation/design/?{urlencode(RATES)}",
        f"escalation/design/?{urlencode(RATES | {'rate_2': '3'})}",
        "escalation/what-if/",
        "escalation/table/",
        "expansion/",
        "protocol/",
    ]
    for path in asked:
        page.goto(f"/trials/{study.trial.code}/{path}")
        looks_right(page, accessible)


def test_the_decision_table_prints_on_one_page_of_a4(study, page, sign_in):
    sign_in(study.statistician)
    page.goto(f"/trials/{study.trial.code}/escalation/table/")

    paper = page.pdf(format="A4", prefer_css_page_size=True)

    assert len(re.findall(rb"/Type /Page\b", paper)) == 1


def test_a_wrong_rate_is_reached_from_the_summary_and_mended_by_keyboard(study, page, sign_in):
    sign_in(study.statistician)
    page.goto(f"/trials/{study.trial.code}/escalation/design/?{urlencode(RATES | {'rate_2': '3'})}")

    page.get_by_role("link", name="Rate of level 2: must be from 0 to 1").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("0.3")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Probability of being recommended").wait_for()

    assert "The rate of level 3 is below that of level 2" in page.locator("body").inner_text()


@pytest.mark.long
def test_an_amendment_lists_the_patients_whom_it_includes(study, page, sign_in, accessible):
    with time_machine.travel(study.now, tick=False):
        sign_in(study.medical_monitor)
        page.goto(f"/trials/{study.trial.code}/protocol/new/")
        page.get_by_label("DLT window", exact=True).fill("21")
        page.get_by_label("Reason for the amendment").fill("A shorter window.")
        first, second = page.get_by_role("group", name="Patient 00").all()
        first.get_by_label("Is included").check()
        second.get_by_label("Stays under version 1").check()
        page.get_by_role("button", name="Preview the differences").click()
        page.get_by_role("heading", name="What version 2 would change").wait_for()
        assert "It includes 1 patient still in the DLT window" in page.locator("body").inner_text()
        looks_right(page, accessible)

        page.get_by_role("button", name="Put version 2 in force").click()
        page.get_by_role("heading", name="Protocol version 2").wait_for()

    version = queries.protocol(study.trial.pk).version
    assert [row.patient.code for row in patients.amended(study.trial.pk)[version.pk]] == ["004"]
    assert page.get_by_role("link", name="patient 004").is_visible()
