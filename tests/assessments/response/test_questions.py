"""What the values of an assessment leave open: asked of the site, shown, answered, and asked anew of other values."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from assessments.response import queries, services
from assessments.response.models import DiseaseAssessment, QuestionAnswered
from assessments.response.outstanding import outstanding
from tests import factories
from tests.assessments.response.test_entry_pages import add, browser, correct, get, post, text
from tests.escalation.decisions.test_races import at_once
from tests.rest import secret
from trial.refusals import Refused, Stale

SPIKE = "Serum M-protein 1.2 g/dL beside a negative immunofixation: VGPR at most."


def opened():
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="3.0", urine_m="100")
    return made.later(28)


@pytest.fixture
def study(db):
    """Serum 3.0 at the first dose; then 1.2 g/dL beside a negative immunofixation."""
    made = opened()
    made.spike = made.assess(made.patient, serum_m="1.2", urine_m="50", ife_serum="negative")
    return made


def asked(study):
    return [one.question for one in outstanding(study.trial.pk, study.today) if one.question]


def answer(study, by=None, question=SPIKE, said="The laboratory measured both again.", **more):
    with study.at():
        return services.answer_question(
            trial=study.trial.pk, assessment=study.spike.pk, question=question, answer=said,
            by=by or study.coordinator, **more,
        )  # fmt: skip


def response_page(study, by):
    with study.at():
        return text(browser(by).get(f"/trials/{study.trial.code}/response/patients/001/"))


def test_a_spike_beside_a_negative_immunofixation_stands_on_the_sites_waiting_list(study):
    with study.at():
        home = [text(browser(by).get("/")) for by in (study.coordinator, study.other_coordinator, study.investigator)]
        trial = text(browser(study.coordinator).get(f"/trials/{study.trial.code}/"))

    asks = "Answer a question about the values: patient 001, DA 2"
    assert [asks in page for page in home] == [True, False, False]
    assert "Patient 001: DA 2: answer what its values leave open coordinator, site 01" in trial
    assert f"asked {SPIKE}" in response_page(study, study.statistician)


def test_the_answer_is_kept_and_asked_no_more(study):
    page = text(get(study, study.coordinator, "answer", 2))
    assert SPIKE in page

    sent = post(study, study.coordinator, "answer", 2, question=SPIKE, answer="Both were measured again.")

    assert sent.status_code == 302 and asked(study) == []
    shown = response_page(study, study.coordinator)
    assert f"{SPIKE} Answered by Coordinator, 2 Feb 2026: Both were measured again." in shown
    assert "asked Serum" not in shown
    again = text(get(study, study.coordinator, "answer", 2))
    assert f"Answered: {SPIKE} Both were measured again. Coordinator, " in again and "Correct it" in again
    with study.at():
        rest = browser(study.coordinator).get(
            f"/api/v1/trials/{study.trial.pk}/patients/{study.patient.pk}/response/",
            headers={"Authorization": f"Bearer {secret(study.coordinator, 'read')}"},
        )
    assert rest.json()["assessments"][1]["questions"] == [{"question": SPIKE, "answer": "Both were measured again."}]


def test_other_values_ask_anew(study):
    answer(study)

    correct(study, 2, serum_m="1.3", urine_m="50", ife_serum="negative", reason="Misread.")

    assert asked(study) == [SPIKE.replace("1.2", "1.3")]


def test_an_answer_needs_words_and_a_question_that_is_still_asked(study):
    with pytest.raises(Refused, match="Answer: say why"):
        answer(study, said="  ")
    with pytest.raises(Refused, match="not asked any more"):
        answer(study, question="Is it Monday?")
    answer(study)
    with pytest.raises(Refused, match="not asked any more"):
        answer(study)


@pytest.mark.parametrize("who", ["investigator", "medical_monitor", "statistician", "dsmb", "auditor"])
def test_only_the_coordinator_answers(study, who):
    with pytest.raises(PermissionDenied):
        answer(study, by=getattr(study, who))
    with pytest.raises(Exception, match="no such patient"):
        answer(study, by=study.other_coordinator)


def test_an_answer_sent_twice_is_one(study):
    key = uuid.uuid4()

    assert answer(study, key=key) == answer(study, key=key)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_leave_one_answer():
    made = opened()
    made.spike = made.assess(made.patient, serum_m="1.2", urine_m="50", ife_serum="negative")

    found = at_once(made, lambda: answer(made, said="Mine."), lambda: answer(made, said="Also mine."))

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert QuestionAnswered.objects.count() == 1


def test_a_result_below_a_limit_is_read_as_it_was_typed_everywhere(db):
    made = opened()
    add(made, serum_m="<0,5", urine_m="50")

    with made.at():
        audit = text(browser(made.auditor).get(f"/trials/{made.trial.code}/audit/", {"verb": "response.record"}))
        rest = browser(made.coordinator).get(
            f"/api/v1/trials/{made.trial.pk}/patients/{made.patient.pk}/response/",
            headers={"Authorization": f"Bearer {secret(made.coordinator, 'read')}"},
        )

    assert "&lt;0.5" in audit or "<0.5" in audit
    assert "Serum M-protein" in response_page(made, made.statistician) and "<0.5 g/dL" in response_page(
        made, made.auditor
    )
    (serum,) = (m for m in rest.json()["assessments"][1]["measurements"] if m["parameter"] == "serum_m")
    assert (serum["state"], serum["entered"], serum["said"]) == ("below_limit", "0.5", "<0.5 g/dL")
    assert rest.json()["assessments"][1]["derived"] == "VGPR"  # not seen on electrophoresis


# Visits that belong together, and visits that show no progression


@pytest.fixture
def apart(db):
    """Serum on 2 February, urine two days later as a visit of its own."""
    made = opened()
    add(made, serum_m="1,5")
    made.later(2)
    return made


def test_a_urine_of_two_days_later_is_part_of_the_assessment_of_the_serum(apart):
    page = text(add(apart, follow=True, urine_m="50"))

    assert "DA 3 is entered. Its samples lie within 7 days of those of DA 2 and are part of it: derived PR." in page
    assert "Together with DA 3 , sampled within 7 days." in page
    assert "Sampled within 7 days of DA 2 and part of that assessment." in page
    course = queries.course(apart.trial.pk, 1, apart.today)
    assert [(one.row.number, one.derived, one.belongs_to) for one in course.assessments] == [
        (1, None, ""),
        (2, "PR", ""),
        (3, None, "DA 2"),
    ]


def test_the_response_is_given_for_the_whole_not_for_its_part(apart):
    add(apart, urine_m="50")
    rev = DiseaseAssessment.objects.get(number=3).rev

    page = text(get(apart, apart.investigator, "investigator", 3))
    sent = post(apart, apart.investigator, "investigator", 3, rev=rev, comment="", category="PR")

    assert "part of that assessment, which is assessed" in page
    assert sent.status_code == 409 and "part of that assessment" in text(sent)
    assert [one.row.number for one in outstanding(apart.trial.pk, apart.today) if one.row] == [2]


def test_a_visit_that_shows_no_progression_though_nothing_was_measurable_says_so(db):
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="0.4", urine_m="100")
    made.later(28)

    page = text(add(made, follow=True, serum_m="0.4", urine_m="100"))

    assert "Derived NE" in page and "Counts as no progression in TTP and PFS" in page


def test_the_number_of_lesions_is_entered_shown_and_read(db):
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="3.0", spd="4", lesions="1")
    made.later(28)

    page = text(add(made, follow=True, serum_m="1.5", spd="3", lesions="2"))

    assert "Number of plasmacytomas 1" in page
    assert asked(made) == ["2 plasmacytomas, 1 at baseline: say whether one is new."]


def correct_answer(study, said="Measured a third time.", by=None, rev=None, reason="Misread."):
    with study.at():
        return services.correct_answer(
            trial=study.trial.pk, answer=QuestionAnswered.objects.get().pk, said=said, rev=rev, reason=reason,
            by=by or study.coordinator,
        )  # fmt: skip


def test_an_answer_is_corrected_with_a_reason_and_the_question_stays_answered(study):
    answer(study)
    row = QuestionAnswered.objects.get()
    typed = {"answer": "Measured a third time.", "rev": row.rev, "reason": "Misread."}
    assert post(study, study.coordinator, "correct_answer", 2, row.pk, **typed | {"reason": ""}).status_code == 422
    assert post(study, study.investigator, "correct_answer", 2, row.pk, **typed).status_code == 403
    assert post(study, study.other_coordinator, "correct_answer", 2, row.pk, **typed).status_code == 404
    assert post(study, study.coordinator, "correct_answer", 2, row.pk, **typed).status_code == 302

    assert "Measured a third time. Correct" in response_page(study, study.coordinator) and asked(study) == []
    late = post(study, study.coordinator, "correct_answer", 2, row.pk, **typed | {"answer": "Yours."})
    assert late.status_code == 409 and "since you opened the form" in text(late) and "Yours." in text(late)
    with pytest.raises(Refused, match="recorded already"):
        correct_answer(study)
    with pytest.raises(Refused, match="say why"):
        correct_answer(study, said=" ")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_an_answer_at_once_one_is_asked_to_look_again():
    made = opened()
    made.spike = made.assess(made.patient, serum_m="1.2", urine_m="50", ife_serum="negative")
    answer(made)
    rev = QuestionAnswered.objects.get().rev

    found = at_once(made, *[lambda said=said: correct_answer(made, said=said, rev=rev) for said in ("A", "B")])

    assert sum(isinstance(one, Stale) for one in found) == 1
    assert QuestionAnswered.objects.get().answer in "AB"
