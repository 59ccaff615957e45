"""The opening of a running trial is corrected as it was signed: by two, with a reason, old beside new."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from assessments.count.first_dose import correct_first_dose
from escalation.opening import entry, page, paper, services
from escalation.opening.paper import OnPaper
from escalation.protocol import services as protocol
from patients.consent.services import correct_consent
from patients.dosing.services import correct_received_level
from patients.enrolment.corrections import correct_enrolment
from patients.models import Cohort, Consent
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import browser, text
from tests.rest import ask
from trial.models import DoseLevel, Notice
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


def level(study, label):
    return DoseLevel.objects.get(trial=study.trial, label=str(label)).pk


def standing(study):
    return [paper.on_paper(cohort) for cohort in study.situation().paper]


def correct(study, levels, by=None, reason="Misread.", **more):
    with study.at():
        return services.correct(
            trial=study.trial.pk, levels=levels, reason=reason, proof="simulated", by=by or study.dsmb, **more
        )


def countersign(study, row):
    with study.at():
        return services.countersign(trial=study.trial.pk, opening=row.pk, proof="simulated", by=study.medical_monitor)


def said(study):
    return [(c.number, c.dose_level.label, c.paper_on, c.paper_reference, c.places) for c in study.situation().paper]


def test_a_correction_is_in_force_with_the_last_signature_and_keeps_the_old(brought):
    (first,) = standing(brought)
    row = correct(brought, [replace(first, on=date(2025, 6, 9), reference="Minutes 5")])
    assert said(brought) == [(1, "1", date(2025, 6, 2), "Minutes 4", 3)], "one signature changes nothing"

    countersign(brought, row)

    assert said(brought) == [(1, "1", date(2025, 6, 9), "Minutes 5", 3)]
    (shown,) = page.history(brought.trial.pk, None)
    assert (shown.was, shown.now) == (["level 1, 2 Jun 2025: Minutes 4"], ["level 1, 9 Jun 2025: Minutes 5"])
    assert shown.reason == "Misread."
    assert Notice.objects.filter(subject__contains="the opening of the running trial is corrected").exists()


def test_a_forgotten_decision_is_added_and_one_without_patients_taken_back(brought):
    (first,) = standing(brought)
    forgotten = OnPaper(level(brought, 1), date(2025, 9, 1), "Letter 2")
    countersign(brought, correct(brought, [first, forgotten]))
    assert said(brought)[1] == (2, "1", date(2025, 9, 1), "Letter 2", 3), "an expansion: the other three places"
    assert Cohort.objects.get(number=2).opened_at == Cohort.objects.get(number=1).opened_at

    countersign(brought, correct(brought, [first], taken_back=[2]))

    assert [c.number for c in brought.situation().paper] == [1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s, one: {"levels": [one]}, "these are recorded already"),
        (lambda s, one: {"levels": []}, "Level 1 of 2 Jun 2025 is in force and not among your rows"),
        (lambda s, one: {"levels": [], "taken_back": [1]}, "name at least one level"),
        (
            lambda s, one: {"levels": [OnPaper(level(s, 2), date(2025, 6, 1), "L")], "taken_back": [1]},
            "patients 001, 002, 003 are entered under it; a decision with patients is not taken back",
        ),
        (
            lambda s, one: {"levels": [replace(one, on=date(2025, 6, 11))]},
            "Decision 1: 11 Jun 2025 is after the first dose of patient 001 .10 Jun 2025.",
        ),
        (
            lambda s, one: {"levels": [replace(one, dose_level=level(s, 2))]},
            "patients 001, 002, 003 are entered under it with the dose of level 1. Correct the dose",
        ),
        (lambda s, one: {"levels": [replace(one, reference=" ")]}, "name the paper"),
        (
            lambda s, one: {"levels": [one, OnPaper(level(s, 2), date(2026, 1, 6), "L")]},
            "Decision 2: 6 Jan 2026 must lie between 1900 and the day on which the trial was brought in",
        ),
        (lambda s, one: {"levels": [replace(one, reference="M")], "reason": " "}, "a correction of the opening needs"),
        (lambda s, one: {"levels": [replace(one, cohort=9)], "taken_back": [1]}, "not among those in force any more"),
    ],
)
def test_what_contradicts_the_record_is_refused(brought, change, sentence):
    (first,) = standing(brought.later(3))

    with pytest.raises(Refused, match=sentence):
        correct(brought, **change(brought, first))


def test_a_level_is_corrected_once_the_patients_received_another(brought):
    (first,) = standing(brought)
    with brought.at():
        for f in brought.situation().facts:
            correct_received_level(
                trial=brought.trial.pk, patient=f.patient.pk, dose_level=level(brought, 2), reason="Misread.",
                by=brought.investigator,
            )  # fmt: skip

    countersign(brought, correct(brought, [replace(first, dose_level=level(brought, 2))]))

    assert [one.dose_level for one in standing(brought)] == [level(brought, 2)]


def test_a_page_opened_before_another_correction_is_refused(brought):
    (first,) = standing(brought)
    countersign(brought, correct(brought, [replace(first, reference="Minutes 5")], seen=1))

    with pytest.raises(Stale, match="was corrected by Dsmb since you opened the form"):
        correct(brought, [replace(first, reference="Minutes 6")], seen=1)


def test_only_who_signs_decisions_corrects_and_only_what_is_in_force(brought):
    (first,) = standing(brought)
    changed = [replace(first, reference="Minutes 5")]
    for by in (brought.investigator, brought.coordinator, brought.statistician):
        with pytest.raises(Exception, match="may not sign a decision"):
            correct(brought, changed, by=by)
    with pytest.raises(Refused, match="is not in force"):
        correct(factories.study(), changed)
    row = correct(brought, changed)
    with pytest.raises(Refused, match=f"A correction waits for its signatures.*no. {row.number}"):
        correct(brought, changed, by=brought.medical_monitor)


def test_decisions_that_stood_on_it_are_marked_and_hold_nothing(brought):
    decision = brought.sign()
    (first,) = standing(brought)
    countersign(brought, correct(brought, [replace(first, reference="Minutes 5")]))

    here = brought.situation()
    assert here.paper_corrected_since(decision) and not here.changes and here.free
    with brought.at():
        for name, args in (("trial", []), ("escalation", []), ("decision", [decision.number])):
            url = reverse(f"escalation:{name}", args=[brought.trial.code, *args])
            assert "opening corrected since" in text(browser(brought.dsmb).get(url)), name
    assert [d["opening_corrected"] for d in ask(brought.dsmb, "decisions/", brought).json()["results"]] == [True]


def test_a_patient_entered_meanwhile_stops_the_last_signature(brought):
    (first,) = standing(brought)
    row = correct(brought, [replace(first, on=date(2025, 6, 9))])
    on = date(2025, 6, 5)
    with brought.at():
        entry.enter(
            trial=brought.trial.pk, cohort=1, consent_version="1.0", consented_on=on, enrolled_on=on,
            first_dose_on=on, source="Binder 9", reason="Found later.", by=brought.coordinator,
        )  # fmt: skip

    with pytest.raises(Refused, match="9 Jun 2025 is after the first dose of patient 004"):
        countersign(brought, row)


def test_the_page_corrects_and_keeps_what_was_typed(brought):
    url = reverse("escalation:opening_correct", args=[brought.trial.code])
    rows = {"cohort_1": 1, "level_1": level(brought, 1), "on_1": "9 Jun 2025", "reference_1": "Minutes 5", "rev": 1}

    def post(by, **typed):
        with brought.at():
            sent = {"key": uuid.uuid4(), "reason": "Misread.", "password": factories.PASSWORD}
            return browser(by).post(url, sent | rows | typed)

    with brought.at():
        assert "Minutes 4" in browser(brought.dsmb).get(url).content.decode()
    late = post(brought.dsmb, on_1="11 Jun 2025")
    assert late.status_code == 409 and "is after the first dose of patient 001" in text(late)
    assert "11 Jun 2025" in late.content.decode()
    assert post(brought.dsmb, password="not it").status_code == 422
    assert post(brought.coordinator).status_code == 403
    assert post(brought.dsmb).status_code == 302
    with brought.at():
        shown = text(browser(brought.medical_monitor).get(reverse("escalation:opening", args=[brought.trial.code])))
    assert "A correction waits for signatures: 1 of 2" in shown
    assert "level 1, 2 Jun 2025: Minutes 4" in shown and "level 1, 9 Jun 2025: Minutes 5" in shown


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_are_one(brought):
    (first,) = standing(brought)

    found = at_once(
        brought,
        lambda: correct(brought, [replace(first, reference="A")], by=brought.dsmb, seen=1),
        lambda: correct(brought, [replace(first, reference="B")], by=brought.medical_monitor, seen=1),
    )

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert services.proposed(brought.trial.pk).levels[0]["reference"] in "AB"


def test_a_decision_in_force_is_corrected_by_one_row_alone(brought):
    (first,) = standing(brought)
    with pytest.raises(Refused, match="two of your rows stand in place of the same decision"):
        correct(brought, [first, replace(first, reference="Minutes 5")])


def test_a_first_dose_is_not_corrected_to_before_the_decision_on_paper(brought):
    patient = brought.situation().facts[0].patient
    with brought.at():
        consent = Consent.objects.get(slot=patient.slot_id)
        correct_consent(
            trial=brought.trial.pk, consent=consent.pk, version="1.0", given_on=date(2025, 6, 1), rev=None,
            reason="Misread.", by=brought.coordinator,
        )  # fmt: skip
        said = {"trial": brought.trial.pk, "patient": patient.pk, "reason": "Misread.", "by": brought.coordinator}
        correct_enrolment(**said, on=date(2025, 6, 1))
        with pytest.raises(Refused, match="1 Jun 2025 is before the decision on paper that opened level 1"):
            correct_first_dose(**said, on=date(2025, 6, 1))
        correct_first_dose(**said, on=date(2025, 6, 2))


def test_a_level_that_was_never_opened_on_paper_may_leave_the_ladder(brought):
    (first,) = standing(brought)
    countersign(brought, correct(brought, [first, OnPaper(level(brought, 3), date(2025, 7, 1), "Minutes 9")]))

    def shorter():
        with brought.at():
            return protocol.write(
                trial=brought.trial.pk, settings=ProtocolSettings(), levels=factories.ladder(2),
                drugs=factories.DRUGS, criteria=["18 years or older"], reason="Two levels.", based_on=1, patients={},
                unusual="As the test says.", by=brought.medical_monitor,
            )  # fmt: skip

    with pytest.raises(Refused, match="level 3 was opened, so it stays"):
        shorter()
    wrong = next(one for one in standing(brought) if one != first)
    countersign(brought, correct(brought, [first], taken_back=[wrong.cohort]))
    assert shorter().number == 2
