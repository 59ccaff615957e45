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


@pytest.mark.parametrize("width", [1440, 390])
def test_the_preview_moves_neither_the_fields_nor_the_button(page, sign_in, width):
    study = factories.study().open()
    patient = study.dose()
    sign_in(study.investigator)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/trials/{study.trial.code}/events/report/{patient.number}/")
    relation, questions = page.locator("input[name=relation_1]").first, page.locator("input[name=serious]").first
    stood = relation.bounding_box()

    def answer(field, value):
        with page.expect_response("**/preview/"):
            page.locator(f"input[name={field}]").fill(value)
            page.keyboard.press("Tab")

    answer("term", "Neoplasms benign, malignant and unspecified (incl cysts and polyps) - Other, specify")
    page.locator("#soc", has_text="Neoplasms").wait_for()
    assert relation.bounding_box() == stood
    answer("term", "Platelet count decreased")
    page.locator("#grade-help", has_text="grades 1, 2, 3, 4").wait_for()
    assert relation.bounding_box() == stood

    with page.expect_response("**/preview/"):
        page.locator("input[name=grade][value='4']").press("Space")
    below = questions.bounding_box()
    answer("onset_on", f"{study.today:%d %b %Y}")
    page.locator("#dlt-panel .panel").wait_for()
    assert relation.bounding_box() == stood
    assert questions.bounding_box() == below


def test_a_press_that_the_preview_overtakes_still_counts(page, sign_in):
    study = factories.study().open()
    patient = study.dose()
    sign_in(study.investigator)
    page.goto(f"/trials/{study.trial.code}/events/report/{patient.number}/")
    page.locator("input[name=term]").fill("Platelet count decreased")
    page.locator("input[name=grade][value='4']").press("Space")
    page.locator("#grade-help", has_text="grades 1, 2, 3, 4").wait_for()
    page.locator("input[name=onset_on]").fill(f"{study.today:%d %b %Y}")
    page.locator("#submit").scroll_into_view_if_needed()
    box = page.locator("#submit").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    page.mouse.down()  # leaving the field asks for the preview while the button is held down
    page.locator("#dlt-panel .panel").wait_for()
    page.mouse.up()

    page.get_by_text("AE 1 of patient 001 is reported.").wait_for()


def test_a_term_is_found_by_what_people_call_it_and_taken_by_keyboard(page, sign_in, accessible):
    study = factories.study().open()
    patient = study.dose()
    sign_in(study.investigator)
    page.goto(f"/trials/{study.trial.code}/events/report/{patient.number}/")
    field = page.get_by_role("combobox", name="Event (CTCAE v5.0)")

    field.press_sequentially("low platelets")
    option = page.get_by_role("option", name="Platelet count decreased")
    option.wait_for()
    accessible(page)

    field.press("Escape")
    assert page.locator("#term-options").get_by_role("option").count() == 0
    assert field.get_attribute("aria-expanded") == "false"

    field.press("ArrowDown")
    option.wait_for()
    field.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    with page.expect_response("**/preview/"):
        field.press("Enter")
        field.press("Tab")
    assert field.input_value() == "Platelet count decreased"
    assert enabled(page) == ["1", "2", "3", "4"]
    page.locator("#soc", has_text="Investigations").wait_for()

    field.fill("neutropaenia")
    page.get_by_role("option", name="Neutrophil count decreased").click()
    assert field.input_value() == "Neutrophil count decreased"


def test_the_field_keeps_its_list_without_the_script(context, page, sign_in):
    study = factories.study().open()
    patient = study.dose()
    sign_in(study.investigator)
    page.route("**/terms*.js", lambda route: route.abort())
    page.goto(f"/trials/{study.trial.code}/events/report/{patient.number}/")

    field = page.get_by_label("Event (CTCAE v5.0)")
    assert field.get_attribute("list") == "ctcae-terms"
    assert page.locator("#ctcae-terms option").count() == 837
