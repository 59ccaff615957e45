"""A study in which facts were entered wrongly and corrected: for whoever asks who changed what."""

from datetime import timedelta
from decimal import Decimal

from assessments.response import services as response
from assessments.response.follow_up import record_follow_up
from patients.dosing.services import record_dosing
from patients.follow_up.services import Followed
from tests import factories
from trial.models import Drug


def study() -> factories.Study:
    """001 with an M-protein, a dose and a date of death, each corrected; AE 1 of 001 with a first verdict."""
    made = factories.study().open()
    patient = made.patient = made.dose()
    made.drug = Drug.objects.filter(trial=made.trial).first()
    assessed = made.assess(patient, serum_m="2.6", urine_m="400")
    made.take_doses(patient, taken=100)
    made.verdict(made.event(patient), made.investigator)
    died = {"trial": made.trial.pk, "patient": patient.pk, "by": made.coordinator}
    assessed.refresh_from_db()
    with made.at():
        response.correct_assessment(
            trial=made.trial.pk, assessment=assessed.pk, visit_on=made.today, rev=assessed.rev,
            answers=factories.answers(made.today, serum_m="2.4", urine_m="400"),
            reason="Typed wrongly.", by=made.coordinator,
        )  # fmt: skip
        record_dosing(
            trial=made.trial.pk, patient=patient.pk, doses={made.drug.pk: (Decimal(100), Decimal(90))},
            unusual="Taken before.", reason="Miscounted.", by=made.investigator,
        )  # fmt: skip
        record_follow_up(said=Followed(died_on=made.today, death_cause="other"), **died)
    made.later(2)
    with made.at():
        record_follow_up(
            said=Followed(died_on=made.today - timedelta(days=1), death_cause="other"), reason="By the letter.", **died
        )
    return made
