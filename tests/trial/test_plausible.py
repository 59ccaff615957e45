"""Unlikely numbers: each refused at its field, stored with the reason that lets it stand, and asked of nothing old."""

import uuid
from datetime import timedelta
from decimal import Decimal as D

import pytest

from assessments.biomarker import services as biomarker
from assessments.biomarker.models import Sample
from assessments.response.models import Measurement
from escalation.protocol import services as protocol
from patients.consent import services as consent
from patients.dosing import services as dosing
from patients.models import Consent, DoseTaken
from tests import factories
from tests.assessments.response.test_entry_pages import add, browser, correct, text
from trial import plausible
from trial.models import Drug, ProtocolVersion
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Implausible, Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Level 1 gives 10 mg of each drug four times in the 28 days of the window: 40 mg."""
    made = factories.study().open()
    made.patient = made.dose()
    return made


def test_every_limit_names_its_source():
    assert all(limit.source and limit.least <= limit.most for limit in plausible.LIMITS.values())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("calcium", D("18"), ""),
        ("calcium", D("18.1"), "more than 18 mg/dL is unlikely"),
        ("calcium", D("4.9"), "less than 5 mg/dL is unlikely"),
        ("marrow_pc", D(100), ""),  # limited by what can be
        ("cycle_days", None, ""),
    ],
)
def test_a_number_on_its_limit_is_not_asked_about(name, value, said):
    assert plausible.wrong(name, value) == said


# Doses


def take(study, planned, taken, **more):
    first = Drug.objects.filter(trial=study.trial).order_by("position").first()
    with study.at():
        return dosing.record_dosing(
            trial=study.trial.pk, patient=study.patient.pk, doses={first.pk: (D(planned), D(taken))},
            by=study.coordinator, **more,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "planned", "taken", "field", "sentence"),
    [
        (28, 40, 4000, "taken_1", "taken: 4000 mg of 40 mg planned; more than 1.1 × planned is unlikely"),
        (
            28,
            400,
            400,
            "planned_1",
            "planned: 400 mg where the schedule of the level has 40 mg; more than 4 × the schedule",
        ),
        (28, 4, 4, "planned_1", "less than 0.25 × the schedule is unlikely"),
        (1, 40, 40, "taken_1", "taken: 40 mg of 40 mg by day 1 of 28 is unlikely"),
        (21, 40, 40, "taken_1", "by day 21 of 28"),
    ],
)
def test_an_unlikely_dose_is_refused_at_its_field(study, day, planned, taken, field, sentence):
    study.later(day - 1)

    with pytest.raises(Implausible) as refused:
        take(study, planned, taken)

    assert list(refused.value.sentences) == [field] and sentence in refused.value.sentences[field]
    assert not DoseTaken.objects.exists()


@pytest.mark.parametrize(
    ("day", "planned", "taken"), [(28, 40, 44), (28, 160, 10), (1, 40, 10), (22, 40, 40), (28, 40, 0)]
)
def test_a_likely_dose_is_not_asked_about(study, day, planned, taken):
    study.later(day - 1)
    take(study, planned, taken, unusual="Needed by nothing.")

    assert DoseTaken.objects.get().unusual is None


def test_a_reason_lets_it_stand_is_stored_and_shown(study):
    study.later(27)
    take(study, 40, 60, unusual="Two extra tablets on day 3.")

    with study.at():
        page = text(browser(study.coordinator).get(f"/trials/{study.trial.code}/patients/001/"))
    assert "unlikely, stands: Two extra tablets on day 3." in page


def test_the_form_asks_for_the_reason_once_it_is_refused_and_keeps_what_was_typed(study):
    study.later(27)
    address = f"/trials/{study.trial.code}/patients/001/dosing/"
    typed = {f"{part}_{k}": value for k in (1, 2, 3) for part, value in (("planned", "40"), ("taken", "40"))}
    typed |= {"taken_1": "4000", "planned_2": "37,5", "taken_2": "37,5", "rev": 0}
    with study.at():
        client = browser(study.coordinator)
        opened = client.get(address)
        refused = client.post(address, typed | {"key": uuid.uuid4(), "unusual": ""})
        passed = client.post(address, typed | {"key": uuid.uuid4(), "unusual": "Dispensed in error."})

    assert opened.context["form"]["unusual"].is_hidden
    assert refused.status_code == 409 and not refused.context["form"]["unusual"].is_hidden
    assert "Selinexor, taken: 4000 mg of 40 mg planned" in str(refused.context["form"].errors["taken_1"])
    assert refused.context["form"]["taken_1"].value() == "4000"
    assert passed.status_code == 302
    assert [(d.planned, d.unusual) for d in DoseTaken.objects.order_by("drug__position")] == [
        (D(40), "Dispensed in error."),
        (D("37.5"), None),
        (D(40), None),
    ]


# Values of an assessment


def test_an_unlikely_value_is_refused_at_its_field_with_the_others_and_stands_with_a_reason(study):
    study.later(28)
    typed = {"serum_m": "12", "spd": "3000", "urine_m": "100"}

    refused = add(study, **typed)
    page = text(add(study, **typed, unusual="Hyperviscosity, measured twice.", follow=True))

    errors = refused.context["form"].errors
    assert refused.status_code == 409 and set(errors) == {"serum_m", "spd"}
    assert "Serum M-protein: 12 g/dL; more than 10 g/dL is unlikely." in str(errors["serum_m"])
    assert "unlikely, stands: Hyperviscosity, measured twice." in page
    stored = {one.parameter: one.unusual for one in Measurement.objects.all()}
    assert stored == {
        "serum_m": "Hyperviscosity, measured twice.",
        "spd": "Hyperviscosity, measured twice.",
        "urine_m": None,
    }


def test_what_stands_already_is_not_asked_about_again(study):
    study.later(28)
    add(study, serum_m="12", unusual="Measured twice.")

    assert correct(study, 1, serum_m="12", urine_m="100").status_code == 302
    assert Measurement.objects.get(parameter="serum_m").unusual == "Measured twice."
    assert correct(study, 1, serum_m="13", urine_m="100", reason="Misread.").status_code == 409
    assert correct(study, 1, serum_m="3", urine_m="100", reason="Misread.").status_code == 302
    assert Measurement.objects.get(parameter="serum_m").unusual is None


def test_an_sbcma_value_and_its_dilution_are_asked_about_too(study):
    with study.at():
        assay = biomarker.define_assay(trial=study.trial.pk, name="ELISA", lower_limit=D(5), by=study.medical_monitor)
        consent.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind=Consent.Kind.BIOMARKER, version="1.0",
            given_on=study.today, by=study.coordinator,
        )  # fmt: skip

    def record(unusual=""):
        with study.at():
            biomarker.record_sample(
                trial=study.trial.pk, patient=study.patient.pk, taken_on=study.today, taken_at=study.now.time(),
                reading=biomarker.Reading(assay.pk, "1", D(60_000), 5000, unusual), by=study.coordinator,
            )  # fmt: skip

    with pytest.raises(Implausible) as refused:
        record()
    record("Plasma cell leukaemia.")

    assert set(refused.value.sentences) == {"value", "dilution"}
    assert Sample.objects.get().unusual == "Plasma cell leukaemia."


# Why a number stands, corrected while the number stays


def test_why_an_unlikely_dose_stands_is_corrected_with_a_reason(study):
    study.later(27)
    take(study, 40, 60, unusual="Two extra tablets.")
    drug, row = Drug.objects.get(trial=study.trial, position=1).pk, DoseTaken.objects.get()

    with pytest.raises(Refused, match="a correction needs one"):
        take(study, 40, 60, stands={drug: "Three extra tablets."}, rev=row.rev)
    with pytest.raises(Refused, match="the number is unlikely, and stands with a reason") as refused:
        take(study, 40, 60, stands={drug: " "}, rev=row.rev, reason="x")
    assert refused.value.field == "stands_1"
    with pytest.raises(Stale):
        take(study, 40, 60, stands={drug: "Three extra tablets."}, rev=row.rev - 1, reason="Misread.")
    take(study, 40, 60, stands={drug: "Three extra tablets."}, rev=row.rev, reason="Misread.")

    row.refresh_from_db()
    assert (row.taken, row.unusual) == (D(60), "Three extra tablets.")
    with pytest.raises(Implausible):
        take(study, 40, 70, stands={drug: "Three extra tablets."}, rev=row.rev, reason="Counted again.")


def test_the_form_of_the_doses_shows_why_they_stand_and_takes_another_reason(study):
    study.later(27)
    take(study, 40, 60, unusual="Two extra tablets.")
    address, row = f"/trials/{study.trial.code}/patients/001/dosing/", DoseTaken.objects.get()
    typed = {f"{part}_{k}": "40" for k in (1, 2, 3) for part in ("planned", "taken")} | {"taken_1": "60"}
    with study.at():
        client = browser(study.coordinator)
        assert client.get(address).context["form"]["stands_1"].value() == "Two extra tablets."
        said = typed | {"rev": row.rev, "key": uuid.uuid4(), "reason": "Misread.", "unusual": ""}
        assert client.post(address, said | {"stands_1": "Three."}).status_code == 302
    row.refresh_from_db()
    assert row.unusual == "Three."


def test_why_an_unlikely_value_stands_is_corrected_beside_the_value(study):
    study.later(28)
    add(study, serum_m="12", spd="3000", unusual="Measured twice.")
    kept = {"serum_m": "12", "spd": "3000"}

    bare = correct(study, 1, **kept, stands_serum_m="Measured thrice.")
    assert bare.status_code == 409 and "Reason: changing or taking back what was entered needs one." in text(bare)
    empty = correct(study, 1, **kept, stands_serum_m="", reason="x")
    assert empty.status_code == 409 and "the number is unlikely, and stands with a reason" in text(empty)
    assert correct(study, 1, **kept, stands_serum_m="Measured thrice.", reason="Misread.").status_code == 302

    assert {one.parameter: one.unusual for one in Measurement.objects.all()} == {
        "serum_m": "Measured thrice.",
        "spd": "Measured twice.",
    }


def test_why_an_unlikely_sbcma_value_stands_is_corrected(study):
    with study.at():
        assay = biomarker.define_assay(trial=study.trial.pk, name="ELISA", lower_limit=D(5), by=study.medical_monitor)
        consent.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind=Consent.Kind.BIOMARKER, version="1.0",
            given_on=study.today, by=study.coordinator,
        )  # fmt: skip
        when = {"taken_on": study.today, "taken_at": study.now.time(), "by": study.coordinator}
        row = biomarker.record_sample(
            trial=study.trial.pk, patient=study.patient.pk, **when,
            reading=biomarker.Reading(assay.pk, "1", D(60_000), 1, "Leukaemia."),
        )  # fmt: skip
        row.refresh_from_db()
        reading = biomarker.Reading(assay.pk, "1", D(60_000), 1, stands="Plasma cell leukaemia.")
        biomarker.correct_sample(
            trial=study.trial.pk, sample=row.pk, reading=reading, rev=row.rev, reason="In full.", **when
        )

    assert Sample.objects.get().unusual == "Plasma cell leukaemia."


# The protocol


def amend(study, levels=None, unusual="", **settings):
    with study.at():
        return protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(**settings), levels=levels or factories.ladder(3),
            drugs=factories.DRUGS, criteria=["18 years or older"], reason="Amended.", unusual=unusual,
            by=study.medical_monitor,
        )  # fmt: skip


def test_a_setting_far_from_the_usual_is_asked_about_once(study):
    with pytest.raises(Implausible) as refused:
        amend(study, cycle_days=280)
    assert refused.value.sentences == {
        "cycle_days": "Cycle: 280 days; more than 56 days is unlikely. Correct it, or say below why it stands."
    }

    assert amend(study, cycle_days=280, unusual="A depot drug.").unusual == "A depot drug."
    assert amend(study, cycle_days=280, slot_hold_days=15).unusual is None, "it stands in the version before"


@pytest.mark.parametrize(
    ("dose", "sentence"),
    [
        ({"amount": D(300)}, "Level 4, selinexor: 300 mg after 30 mg at level 3; more than 4 × the next lower level"),
        ({"amount": D(40), "days": (1, 8, 150)}, "Level 4, selinexor: day 150 is after the 28 days of a cycle"),
    ],
)
def test_a_dose_that_leaps_and_a_day_after_the_cycle_are_asked_about(study, dose, sentence):
    level = factories.Level("4", [factories.DoseOf(**{"drug": "selinexor", "unit": "mg", "schedule": "weekly"} | dose)])

    with pytest.raises(Implausible) as refused:
        amend(study, levels=[*factories.ladder(3), level])

    assert sentence in refused.value.sentences["levels"]
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_a_day_outside_the_window_is_no_reason_to_ask(study):
    study.later(60)
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=50), by=study.coordinator,
            stop_reason="Toxicity",
        )  # fmt: skip

    with pytest.raises(Implausible, match="by day 11 of 28"):
        take(study, 40, 40)  # nothing was taken after the stop
