"""The event form in a browser: what a term does not have cannot be chosen."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def enabled(page):
    return [radio.input_value() for radio in page.locator("input[name=grade]").all() if radio.is_enabled()]


def test_a_term_offers_only_its_grades(page, sign_in, accessible):
    study = factories.study().open()
    patient = study.dose()
    sign_in(study.investigator)
    page.goto(f"/trials/{study.trial.code}/events/report/{patient.number}/")

    assert enabled(page) == ["1", "2", "3", "4", "5"]

    page.locator("input[name=grade][value='5']").press("Space")
    page.get_by_label("Event (CTCAE v5.0)").fill("Platelet count decreased")  # NCI: grades 1 to 4
    assert enabled(page) == ["1", "2", "3", "4"]
    assert page.locator("input[name=grade]:checked").count() == 0

    page.get_by_label("Event (CTCAE v5.0)").fill("Alopecia")  # NCI: grades 1 and 2
    assert enabled(page) == ["1", "2"]
    accessible(page)

    page.get_by_label("Event (CTCAE v5.0)").fill("Alop")
    assert enabled(page) == ["1", "2", "3", "4", "5"]
