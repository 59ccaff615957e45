"""Entering disease assessments in the browser: what is typed, kept, refused and shown at once."""

import re
import uuid
from decimal import Decimal as D

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.response import queries, services
from assessments.response.models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement
from tests import factories
from tests.factories import answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient with a baseline on the day of the first dose, 5 Jan 2026: serum 3.0 g/dL, urine 100 mg/24 h."""
    made = factories.study().open()
    made.patient = made.dose()
    made.baseline = made.assess(made.patient, serum_m="3.0", urine_m="100")
    return made.later(28)


def address(study, name, *args):
    return reverse(f"assessments:response_{name}", args=[study.trial.code, *args])


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(study, by, name, *args):
    with study.at():
        return browser(by).get(address(study, name, *args))


def post(study, by, page, /, *args, follow=False, **said):
    with study.at():
        return browser(by).post(address(study, page, *args), {"key": uuid.uuid4()} | said, follow=follow)


def text(response):
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
    return words.replace("&#x27;", "'").replace("&quot;", '"').replace("&lt;", "<")


def typed(study, **said):
    """A filled form. The state of a number is "value" as the browser sends it, until another is chosen."""
    states = {f"{name}_state": "value" for name in ("serum_m", "kappa", "lambda", "ratio", "urine_m", "marrow_pc")}
    more = (
        "spd",
        "lesions",
        "longest_diameter",
        "short_axis",
        "calcium",
        "circulating_pc_percent",
        "circulating_pc_per_ul",
    )
    units = {"serum_m_unit": "g/dL", "kappa_unit": "mg/L", "lambda_unit": "mg/L", "urine_m_unit": "mg/24 h"}
    units |= {"spd_unit": "cm²", "longest_diameter_unit": "cm", "short_axis_unit": "cm", "calcium_unit": "mg/dL"}
    units["circulating_pc_per_ul_unit"] = "/µL"
    return states | {f"{name}_state": "value" for name in more} | units | {"visit_on": f"{study.today:%d %b %Y}"} | said


def add(study, by=None, patient=None, follow=False, **said):
    who = by or study.coordinator
    return post(study, who, "add", (patient or study.patient).code, follow=follow, **typed(study, **said))


def stored(number=2):
    rows = Measurement.objects.filter(assessment__number=number, voided=False)
    return {m.parameter: (m.state, m.entered, m.unit or m.answer) for m in rows}


# Entering


def test_the_category_that_follows_is_shown_at_once_with_its_reason(study):
    page = text(add(study, follow=True, serum_m="1.5", urine_m="100"))

    assert "DA 2 is entered. Derived PR: " in page  # 3.0 to 1.5 is a fall of exactly 50 %
    assert "As of this visit: confirmed SD" in page  # one response is not confirmed by itself


def test_measured_below_the_limit_not_done_and_missing_are_four_answers(study):
    add(study, serum_m="15", serum_m_unit="g/L", urine_m="40", urine_m_state="below_limit", kappa_state="not_done",
        ife_serum="positive", ife_urine="not_done")  # fmt: skip

    assert stored() == {
        "serum_m": ("value", D(15), "g/L"),
        "urine_m": ("below_limit", D(40), "mg/24 h"),
        "kappa": ("not_done", None, ""),
        "ife_serum": ("value", None, "positive"),
        "ife_urine": ("not_done", None, ""),
    }


def test_a_value_printed_as_less_than_is_below_the_limit(study):
    add(study, serum_m="1,5", urine_m="<40", kappa="< 1,5", ratio="<0.1", calcium="<7", spd="<0,25")

    assert stored()["serum_m"] == ("value", D("1.5"), "g/dL")
    assert stored()["urine_m"] == ("below_limit", D(40), "mg/24 h")
    assert stored()["kappa"] == ("below_limit", D("1.5"), "mg/L")
    assert stored()["ratio"] == ("below_limit", D("0.1"), "")
    assert stored()["calcium"] == ("below_limit", D(7), "mg/dL")
    assert stored()["spd"] == ("below_limit", D("0.25"), "cm²")


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        ({}, 409, "Nothing is entered: give at least one result, or say that it was not done."),
        ({"kappa": "1,234"}, 422, "Kappa: 1,234 could be two numbers. Write 1234 or 1.234."),
        ({"kappa": "1.234,5"}, 422, "Kappa: write 1.234,5 without setting thousands apart."),
        ({"serum_m": "1.5 g/dL"}, 422, "Serum M-protein: write a number like 3.2"),
        ({"serum_m": "-1"}, 422, "Serum M-protein: write a number like 3.2"),
        ({"serum_m": "1.23456"}, 409, "Serum M-protein: at most four decimals."),
        ({"serum_m": "32"}, 409, "Serum M-protein: 32 g/dL is more than can be (15 g/dL). Look at the unit."),
        ({"serum_m": "3", "serum_m_unit": "mg/L"}, 422, "Serum M-protein: mg/L is not one of its units."),
        ({"urine_m_state": "below_limit"}, 422, "Urine M-protein: write the limit that the value is below."),
        ({"urine_m": "0", "urine_m_state": "below_limit"}, 409, "Urine M-protein: the limit must be above 0."),
        ({"urine_m": "5", "urine_m_state": "not_done"}, 409, "Urine M-protein: not done, and a result as well"),
        ({"lesions": "<2"}, 409, "Number of plasmacytomas: is counted, and never below a limit."),
        ({"lesions": "1.5"}, 409, "Number of plasmacytomas: 1.5 is no whole number."),
        (
            {"serum_m": "2", "visit_on": "40 Jan 2026"},
            422,
            "Visit: 40 Jan 2026 is no day of the calendar",
        ),
        ({"serum_m": "2", "visit_on": "3 Feb 2026"}, 409, "Visit: 3 Feb 2026 is in the future."),
        (
            {"serum_m": "2", "marrow_pc": "5", "marrow_on": "20 Jan 2026"},
            409,
            "Bone marrow: 20 Jan 2026 is more than 7 days from the serum sample (2 Feb 2026)",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_rule_and_kept(study, said, code, sentence):
    answer = add(study, calcium="9.4", **said) if said else add(study)

    assert answer.status_code == code
    assert sentence in text(answer)
    for value in said.values():
        assert f'value="{value}"'.replace("<", "&lt;") in answer.content.decode()
    assert DiseaseAssessment.objects.count() == 1


def test_one_assessment_a_patient_and_day(study):
    add(study, serum_m="1.5")

    again = add(study, serum_m="1.4")

    assert again.status_code == 409 and "Visit: DA 2 of 2 Feb 2026 is there already" in text(again)


def test_a_form_sent_twice_enters_one_assessment(study):
    key = uuid.uuid4()

    assert [add(study, key=key, serum_m="1.5").status_code for _ in range(2)] == [302, 302]
    assert DiseaseAssessment.objects.count() == 2


def test_the_form_opens_with_what_was_measured_before_and_its_unit(study):
    add(study, serum_m="22", serum_m_unit="g/L")
    study.later(28)

    page = get(study, study.coordinator, "add", study.patient.code)

    assert "baseline 3 g/dL, 5 Jan 2026; last 22 g/L, 2 Feb 2026" in text(page)
    assert '<option value="g/L" selected>' in page.content.decode()


def test_before_the_first_dose_it_is_the_baseline(study):
    patient = study.enrol()

    page = text(add(study, patient=patient, follow=True, serum_m="3.1"))

    assert "It belongs to the baseline: no category follows from it." in page


# Who


@pytest.mark.parametrize("who", ["investigator", "medical_monitor", "statistician", "dsmb", "monitor", "auditor"])
def test_only_a_coordinator_enters_values(study, who):
    by = getattr(study, who)

    assert get(study, by, "add", study.patient.code).status_code == 403
    assert get(study, by, "correct", 1).status_code == 403
    assert post(study, by, "void", 1, reason="x").status_code == 403


@pytest.mark.parametrize("who", ["coordinator", "medical_monitor", "statistician", "dsmb", "monitor", "auditor"])
def test_only_an_investigator_gives_and_resolves_a_category(study, who):
    by = getattr(study, who)

    assert get(study, by, "investigator", 1).status_code == 403
    assert get(study, by, "resolve", 1).status_code == 403


def test_another_sites_assessments_do_not_exist(study):
    for page in ("correct", "void"):
        assert get(study, study.other_coordinator, page, 1).status_code == 404
    for page in ("investigator", "resolve"):
        assert get(study, study.other_investigator, page, 1).status_code == 404
    assert add(study, by=study.other_coordinator, serum_m="2").status_code == 404


# Correcting and voiding


def correct(study, number, by=None, follow=False, **said):
    rev = said.pop("rev", None) or DiseaseAssessment.objects.get(number=number).rev
    page = typed(study, rev=rev, reason="") | said
    return post(study, by or study.coordinator, "correct", number, follow=follow, **page)


def test_one_changed_value_changes_the_category(study):
    add(study, serum_m="1.5", urine_m="100")

    without = correct(study, 2, serum_m="1.6", urine_m="100")
    assert without.status_code == 409 and "Reason: changing or taking back what was entered needs one." in text(without)
    page = text(correct(study, 2, follow=True, serum_m="1.6", urine_m="100", reason="Misread."))

    assert "DA 2 is corrected. Derived MR: " in page  # 46.7 %


def test_the_form_of_a_correction_opens_as_it_was_entered(study):
    add(study, serum_m="15", serum_m_unit="g/L", urine_m="<40", kappa_state="not_done", ife_serum="negative",
        marrow_pc="5", marrow_on="30 Jan 2026")  # fmt: skip

    page = get(study, study.coordinator, "correct", 2)
    form = page.context["form"]

    shown = {name: form[name].value() for name in ("serum_m", "serum_m_unit", "urine_m", "urine_m_state", "kappa")}
    assert shown == {
        "serum_m": "15",
        "serum_m_unit": "g/L",
        "urine_m": "40",
        "urine_m_state": "below_limit",
        "kappa": "",
    }
    assert (form["kappa_state"].value(), form["ife_serum"].value()) == ("not_done", "negative")
    assert 'name="marrow_on" value="30 Jan 2026"' in page.content.decode()
    assert 'name="serum_on" value' not in page.content.decode(), "the visit's day is not said again"


def test_adding_what_was_missing_needs_no_reason(study):
    add(study, serum_m="1.5")

    assert correct(study, 2, serum_m="1.5", urine_m="50").status_code == 302
    assert stored()["urine_m"] == ("value", D(50), "mg/24 h")


def test_who_opened_it_before_another_wrote_sees_both_versions(study):
    add(study, serum_m="1.5", urine_m="100")
    seen = DiseaseAssessment.objects.get(number=2).rev
    correct(study, 2, serum_m="1.6", urine_m="<40", reason="Misread.")

    late = correct(study, 2, rev=seen, serum_m="1.4", urine_m="100", reason="Mine.")

    assert late.status_code == 409 and "DA 2 was changed by Coordinator since you opened the form" in text(late)
    assert "Serum M-protein 1.5 g/dL 1.6 g/dL 1.4 g/dL" in text(late)
    assert "Urine M-protein 100 mg/24 h <40 mg/24 h 100 mg/24 h" in text(late)
    assert stored()["serum_m"] == ("value", D("1.6"), "g/dL")
    assert correct(study, 2, serum_m="1.4", urine_m="100", reason="Compared.").status_code == 302


def test_a_voided_assessment_leaves_the_course_and_stays_in_the_record(study):
    add(study, serum_m="1.5")

    rev = DiseaseAssessment.objects.get(number=2).rev
    assert post(study, study.coordinator, "void", 2, rev=rev, reason="").status_code == 422
    assert post(study, study.coordinator, "void", 2, rev=rev, reason="Another patient's.").status_code == 302

    assert [one.row.number for one in queries.course(study.trial.pk, 1, study.today).assessments] == [1]
    assert DiseaseAssessment.objects.get(number=2).voided
    assert get(study, study.coordinator, "correct", 2).status_code == 404


def test_an_assessment_that_another_corrected_or_voided_meanwhile_is_not_voided_unseen(study):
    add(study, serum_m="1.5")
    seen = DiseaseAssessment.objects.get(number=2).rev
    correct(study, 2, serum_m="1.6", reason="Misread.")

    late = post(study, study.coordinator, "void", 2, rev=seen, reason="Another patient's.")
    assert late.status_code == 409 and "DA 2 was changed by Coordinator since you opened the form" in text(late)
    assert "Serum M-protein 1.5 g/dL 1.6 g/dL" in text(late) and "Another patient's." in text(late)
    assert not DiseaseAssessment.objects.get(number=2).voided

    form = {"rev": late.context["form"]["rev"].value(), "key": uuid.uuid4(), "reason": "Another patient's."}
    assert [post(study, study.coordinator, "void", 2, **form).status_code for _ in range(2)] == [302, 302]
    second = post(study, study.coordinator, "void", 2, rev=form["rev"], reason="Mine.")
    assert second.status_code == 409 and "DA 2 is voided. Coordinator did so since you opened the form." in text(second)
    assert get(study, study.coordinator, "void", 2).status_code == 404
    judged = judge(study, 2, rev=form["rev"], category="PR", comment="By the marrow.")
    assert judged.status_code == 409 and "DA 2 is voided." in text(judged)
    assert "By the marrow." in judged.content.decode()


# The investigator


def judge(study, number, follow=False, **said):
    given = InvestigatorResponse.objects.filter(assessment__number=number).values_list("rev", flat=True)
    rev = said.pop("rev", None) or max(DiseaseAssessment.objects.get(number=number).rev, *given, 0)
    return post(study, study.investigator, "investigator", number, follow=follow, **{"rev": rev, "comment": ""} | said)


def test_the_investigator_judges_before_he_is_shown_the_derived_category(study):
    add(study, serum_m="1.5", urine_m="100")

    before = text(get(study, study.investigator, "investigator", 2))
    after = text(judge(study, 2, follow=True, category="PR"))

    assert "Serum M-protein 1.5 g/dL" in before and "Derived by the criteria" not in before
    assert "DA 2: your category PR is recorded; derived is PR." in after


def test_a_difference_asks_for_its_reason_and_keeps_it(study):
    add(study, serum_m="1.5", urine_m="100")

    answer = judge(study, 2, category="MR")
    assert answer.url == address(study, "resolve", 2)
    page = text(get(study, study.investigator, "resolve", 2))
    assert "Investigator, Investigator MR Derived by the criteria PR" in page
    done = post(study, study.investigator, "resolve", 2, category="MR", derived="PR", reason="A bone lesion hurts.")

    assert done.status_code == 302
    row = DifferenceResolved.objects.get()
    assert (row.category, row.derived, row.reason) == ("MR", "PR", "A bone lesion hurts.")
    again = text(get(study, study.investigator, "resolve", 2))
    assert "The reason is given: A bone lesion hurts. Investigator, " in again


def test_a_difference_that_changed_meanwhile_is_looked_at_again(study):
    add(study, serum_m="1.5", urine_m="100")
    judge(study, 2, category="MR")
    correct(study, 2, serum_m="2.9", urine_m="100", reason="Misread.")

    late = post(study, study.investigator, "resolve", 2, category="MR", derived="PR", reason="A bone lesion hurts.")

    assert late.status_code == 409 and "the record now says SD and the investigator MR. Look again." in text(late)
    assert "A bone lesion hurts." in late.content.decode()


def test_changing_a_category_needs_a_reason(study):
    add(study, serum_m="1.5", urine_m="100")
    judge(study, 2, category="PR")

    assert "Reason: changing the category needs one." in text(judge(study, 2, category="VGPR"))
    assert judge(study, 2, category="VGPR", reason="The urine came back.").status_code == 302
    assert InvestigatorResponse.objects.get().category == "VGPR"


def test_a_category_that_a_colleague_gave_meanwhile_is_not_replaced_unseen(study):
    add(study, serum_m="1.5", urine_m="100")
    judge(study, 2, category="VGPR")
    seen = InvestigatorResponse.objects.get().rev
    judge(study, 2, category="PR", reason="The urine came back.")

    late = judge(study, 2, rev=seen, category="MR", reason="Mine.")

    assert late.status_code == 409 and "The category of DA 2 was changed by Investigator since you" in text(late)
    assert "opened the form: PR is recorded now." in text(late)
    assert InvestigatorResponse.objects.get().category == "PR"
    shown = late.context["form"]["rev"].value()
    assert judge(study, 2, rev=int(shown), category="MR", reason="Mine.").status_code == 302


def test_a_category_for_values_that_changed_meanwhile_is_not_taken(study):
    add(study, serum_m="1.5", urine_m="100")
    seen = DiseaseAssessment.objects.get(number=2).rev
    correct(study, 2, serum_m="2.9", urine_m="100", reason="Misread.")

    late = judge(study, 2, rev=seen, category="PR")

    assert late.status_code == 409 and "DA 2 was changed by Coordinator" in text(late)
    assert "Serum M-protein 1.5 g/dL 2.9 g/dL" in text(late)
    assert not InvestigatorResponse.objects.exists()


def test_the_baseline_has_no_category(study):
    assert "this assessment belongs to the baseline" in text(get(study, study.investigator, "investigator", 1))
    assert judge(study, 1, category="PR").status_code == 409
    assert not InvestigatorResponse.objects.exists()


def test_more_assessments_ask_no_more_queries(study):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert get(study, study.coordinator, "add", study.patient.code).status_code == 200
        return len(found)

    study.assess(study.patient, serum_m="2.5")
    few = asked()
    for _ in range(3):
        study.later(7).assess(study.patient, serum_m="2.4", urine_m="90", kappa="20")
    assert asked() == few


def test_correcting_through_the_service_is_what_the_page_does(study):
    """The page and a program write the same rows."""
    add(study, serum_m="1.5")
    by_page = stored()
    with study.at():
        row = services.record_assessment(
            trial=study.trial.pk, patient=study.enrol().pk, visit_on=study.today,
            answers=answers(study.today, serum_m="1.5"), by=study.coordinator,
        )  # fmt: skip
    assert stored(row.number) == by_page
