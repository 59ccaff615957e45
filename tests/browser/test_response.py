"""A disease assessment entered and corrected by keyboard: the derived category follows the value at once."""

from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def study():
    """A patient dosed on 5 Jan 2026 with serum 3.0 g/dL and urine 100 mg/24 h; it is 2 February."""
    with time_machine.travel(datetime(2026, 2, 2, 9, tzinfo=UTC), tick=True):
        made = factories.study().open()
        made.patient = made.dose()
        made.assess(made.patient, serum_m="3.0", urine_m="100")
        yield made.later(28)


def below(study):
    return f"/trials/{study.trial.code}/response/"


def test_one_changed_m_protein_value_changes_the_category_at_once(study, page, sign_in):
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(study.coordinator)
    page.goto(f"{below(study)}patients/{study.patient.code}/add/")
    page.get_by_label("Visit").fill("2 Feb 2026")
    page.get_by_label("Serum M-protein", exact=True).fill("1.5")
    page.get_by_label("Urine M-protein", exact=True).fill("100")
    page.keyboard.press("Enter")

    derived = page.locator("#da-2 strong").first
    expect(derived).to_have_text("PR")  # 3.0 to 1.5 is a fall of exactly 50 %
    expect(page.get_by_role("main")).to_contain_text("DA 2 is entered. Derived PR")

    page.goto(f"{below(study)}2/correct/")
    page.get_by_label("Serum M-protein", exact=True).fill("1.6")
    page.get_by_label("Reason for the correction").fill("Misread.")
    page.get_by_role("button", name="Save correction").press("Enter")

    expect(derived).to_have_text("MR")  # 46.7 %
    assert complaints == []


@pytest.mark.long
@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_the_forms_are_accessible_and_fit(study, page, sign_in, accessible, size):
    if size:
        page.set_viewport_size(size)
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    study.judge(made, "MR")
    pages = [
        (study.coordinator, f"{below(study)}patients/{study.patient.code}/add/"),
        (study.coordinator, f"{below(study)}2/correct/"),
        (study.coordinator, f"{below(study)}2/void/"),
        (study.investigator, f"{below(study)}2/investigator/"),
        (study.investigator, f"{below(study)}2/resolve/"),
        (study.coordinator, f"/trials/{study.trial.code}/patients/{study.patient.code}/follow-up/"),
    ]
    for who, path in pages:
        sign_in(who)
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(pages[0][1])
    page.get_by_label("Serum M-protein", exact=True).fill("a lot")
    page.get_by_role("button", name="Enter assessment").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_label("Serum M-protein", exact=True)).to_have_value("a lot")
    accessible(page)
