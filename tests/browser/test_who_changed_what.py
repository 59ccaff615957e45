"""An auditor asks of a corrected value who, when, why, and what it was: within three clicks, and back."""

import pytest

from tests import corrected

pytestmark = pytest.mark.django_db(transaction=True)


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
