"""The biomarker page with its results: readable by everybody, at any width, with the keyboard."""

import pytest

from tests import factories
from tests.assessments.biomarker.test_results import stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.long
@pytest.mark.parametrize("width", [1440, 390])
def test_results_and_their_patients_are_accessible_and_never_scroll_sideways(page, sign_in, accessible, width):
    study = factories.study().open()
    stored(study)
    sign_in(study.statistician)
    page.set_viewport_size({"width": width, "height": 900})

    for path in ("biomarker/?split=tertile", "biomarker/patients/?assay=0&group=median:high"):
        page.goto(f"/trials/{study.trial.code}/{path}")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(f"/trials/{study.trial.code}/biomarker/")
    page.get_by_role("link", name="cut-off 300 ng/mL").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**split=cutoff-300**")
    assert "A paper" in page.get_by_role("row", name="cut-off 300 ng/mL").first.inner_text()
