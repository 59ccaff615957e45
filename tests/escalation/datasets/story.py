"""A study in which something of everything happened, for the data sets. Dates by hand: day 1 is 6 January 2026.

001 level 1: a DLT on day 4 (AE 1); died of another cause on 20 March.
002: baseline on 5 January, day -1; a response with an M-protein below 0.2; an onset known to the month (AE 2); grade 1,
then 3 (AE 3); doses of cycle 1 day by day, one missed. In the sub-study, with one sample on 5 January.
003: stopped on 15 February. S-9 failed its screening on 29 March, the day of the reading.
"""

from datetime import date, time
from decimal import Decimal

from assessments.biomarker import services as biomarker
from assessments.event_words import Graded
from assessments.exposure import services as exposure
from assessments.exposure.services import DayChange
from assessments.response.follow_up import record_follow_up
from patients.consent import services as consents
from patients.dosing import services as dosing
from patients.follow_up.services import Followed
from patients.screening import services as screening
from tests import factories, remembered
from tests.factories import Study
from trial.models import Drug, EligibilityCriterion

DAY_1 = date(2026, 1, 6)


def told() -> Study:
    study = factories.study(levels=3)
    routes = ("selinexor: by mouth",)  # of the others nobody wrote it
    study.schedule(factories.WEEKLY, factories.DAILY, factories.IN_WORDS, routes=routes).open()
    happened(study)
    return study


@remembered.move
def happened(study: Study) -> None:
    trial = study.trial.pk
    one, two, three = (study.enrol() for _ in range(3))
    _in_the_sub_study(study, two)
    study.assess(two, serum_m="2.0", urine_m="0", kappa="20", lambda_="15")
    study.later(1)
    for patient in (one, two, three):
        study.dose(patient)
    study.later(3)
    study.dlt(one)
    study.later(25)
    drugs = {drug.name: drug.pk for drug in Drug.objects.filter(trial=trial)}
    with study.at():
        exposure.record_cycle(
            trial=trial, patient=two.pk, cycle=1, by=study.coordinator,
            doses={drugs["selinexor"]: [DayChange(8, "missed", because="patient")], drugs["ruxolitinib"]: []},
        )  # fmt: skip
    study.event(two, term="Nausea", grade=2, onset_on=date(2026, 2, 1), onset_known="month")
    steps = (Graded(date(2026, 1, 20), 1), Graded(date(2026, 1, 25), 3))
    study.event(
        two, term="Fatigue", grade=3, onset_on=steps[0].on, steps=steps, ended_on=date(2026, 1, 30),
        outcome="recovered", actions={drugs["selinexor"]: "held", drugs["ruxolitinib"]: "none"},
    )  # fmt: skip
    for _ in range(2):
        study.later(1)
        study.assess(two, serum_m="<0.2", urine_m="0", ife_serum="positive", ife_urine="negative")
    study.later(10)
    with study.at():
        dosing.stop_treatment(
            trial=trial, patient=three.pk, on=study.today, stop_reason="Progression", related=False,
            by=study.investigator,
        )  # fmt: skip
    study.later(42)
    with study.at():
        record_follow_up(
            trial=trial, patient=one.pk, rev=0, said=Followed(died_on=date(2026, 3, 20), death_cause="other"),
            by=study.coordinator,
        )  # fmt: skip
        failed = screening.record_screening(trial=trial, number="S-9", on=study.today, by=study.coordinator)
        criterion = EligibilityCriterion.objects.filter(version=study.situation().protocol.version).last()
        assert criterion is not None
        screening.end_screening(
            trial=trial, screening=failed.pk, outcome="failure", criterion=criterion.pk, by=study.coordinator
        )


def _in_the_sub_study(study: Study, patient: factories.Patient) -> None:
    with study.at():
        consents.record_consent(
            trial=study.trial.pk, slot=patient.slot_id, kind="biomarker", version="B 1", given_on=study.today,
            by=study.coordinator,
        )  # fmt: skip
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="Assay", lower_limit=Decimal(5), by=study.medical_monitor
        )
        biomarker.record_sample(
            trial=study.trial.pk, patient=patient.pk, taken_on=study.today, taken_at=time(8, 30),
            reading=biomarker.Reading(assay=assay.pk, kit_lot="L 7", value=None), by=study.coordinator,
        )  # fmt: skip
