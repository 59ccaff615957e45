"""An auditor asks of a corrected value who, when, why, and what it was: within three clicks, and back."""

import pytest

from tests import corrected
from trial.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.long
def test_a_corrected_value_leads_to_who_changed_it_and_back(page, sign_in, accessible):
    study = corrected.study()
    sign_in(study.auditor)
    for path, values in (
        ("response/patients/001/", {"Typed wrongly.": "result: 2.6 → 2.4"}),
        (
            "patients/001/",
            {"Miscounted.": "amount taken: 100 → 90", "By the letter.": "date of death: 5 Jan 2026 → 6 Jan 2026"},
        ),
    ):
        for why, value in values.items():
            page.goto(f"/trials/{study.trial.code}/{path}")
            page.locator("#record > summary").click()
            action = page.locator("#record li", has_text=why).first
            for words in (value, "corrected", "Coordinator" if why != "Miscounted." else "Investigator", " UTC"):
                assert words in action.inner_text()
            action.get_by_role("link", name="no. ").click()
            page.wait_for_url("**/audit/?row=no.+*")
            assert page.locator("tbody tr").count() == 1
            assert why in page.locator("tbody tr").inner_text()
            assert value in page.locator("tbody tr").inner_text()
            accessible(page)
            page.locator("tbody tr details a").first.click()
            page.wait_for_url(f"**/{path}")
    _as_it_was(page, accessible, study)


def _as_it_was(page, accessible, study):
    """The same page before the correction, by the keyboard and on a phone, and back."""
    then = AuditEvent.objects.get(verb="response.correct").number - 1
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/trials/{study.trial.code}/response/patients/001/")
    assert ("2.4" in page.inner_text("main"), "2.6 g/dL" in page.inner_text("main")) == (True, False)
    page.locator(".as-of > summary").focus()
    page.keyboard.press("Enter")
    accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.type(str(then))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/response/patients/001/?as_of={then}")
    assert f"The trial as it was at no. {then}" in page.inner_text(".past")
    assert "2.6 g/dL" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    page.get_by_role("link", name="Back to today").click()
    page.wait_for_url("**/response/patients/001/")
