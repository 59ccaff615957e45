"""A running trial brought in from paper: its opening in force, patients entered under it."""

from datetime import date

import pytest

from escalation.opening import entry, services
from escalation.opening.services import OnPaper
from tests import factories
from trial.models import DoseLevel


@pytest.fixture
def brought():
    """Level 1 opened on paper, three patients of it complete without a DLT; 5 Jan 2026."""
    study = factories.study()
    level = DoseLevel.objects.get(trial=study.trial, label="1").pk
    with study.at():
        row = services.propose(
            trial=study.trial.pk, levels=[OnPaper(level, date(2025, 6, 2), "Minutes 4")], reason="Moved from paper.",
            proof="simulated", by=study.dsmb,
        )  # fmt: skip
        services.countersign(trial=study.trial.pk, opening=row.pk, proof="simulated", by=study.medical_monitor)
        for day in (10, 11, 12):
            on = date(2025, 6, day)
            treatment = entry.enter(
                trial=study.trial.pk, cohort=1, consent_version="1.0", consented_on=on, enrolled_on=on,
                first_dose_on=on, source=f"Binder {day}", by=study.coordinator,
            )  # fmt: skip
            study.take_doses(treatment.patient)
            study.confirm(treatment.patient)
    return study
