"""The Response pages in a browser: accessible, no sideways scroll on a phone, each record reached by keyboard."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    """001: serum and urine measurable, SD then PR twice; 002: treated, not assessed."""
    made = factories.study().open()
    made.dose()
    patient = made.situation().facts[0].patient
    made.assess(patient, serum_m="3.0", urine_m="400", ife_serum="positive")
    for serum, urine in (("2.9", "380"), ("1.4", "90"), ("1.2", "<40")):
        made.later(28)
        made.judge(made.assess(patient, serum_m=serum, urine_m=urine), "PR")
    made.dose()
    return made


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_the_response_pages_are_readable(page, sign_in, accessible, study, width, scheme):
    sign_in(study.statistician)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    for path in ("response/", "response/patients/001/"):
        page.goto(f"/trials/{study.trial.code}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        accessible(page)
        for summary in page.locator("details.more > summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path}, all opened"
        accessible(page)
    assert complaints == []


def test_a_mark_opens_its_patient_and_the_table_does_by_keyboard(page, sign_in, study):
    sign_in(study.statistician)
    record = f"/trials/{study.trial.code}/response/patients/001/"
    page.goto(f"/trials/{study.trial.code}/response/")
    page.locator("svg.waterfall .mark").first.click()
    page.wait_for_url(f"**{record}")

    page.goto(f"/trials/{study.trial.code}/response/")
    page.locator("#waterfall-read > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{record}")
