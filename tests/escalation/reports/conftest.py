"""A trial with some depth and its reports, made once for all tests of a module: these only read what was built."""

import re
from dataclasses import asdict, dataclass
from datetime import time
from decimal import Decimal
from functools import cached_property
from io import BytesIO

import pypdf
import pytest
from django.db import connections

from assessments.biomarker import services as sbcma
from assessments.biomarker.services import Reading
from assessments.response.follow_up import record_follow_up
from escalation.meetings import services as meetings
from escalation.reports.audience import Kind
from escalation.reports.build import made
from patients.consent import services as consents
from patients.dosing import services as dosing
from patients.follow_up.services import Followed
from patients.models import Consent
from patients.screening import services as screening
from tests import factories, snapshots
from trial.models import EligibilityCriterion
from trial.paper import document
from trial.paper.document import Document, Part, Table


@dataclass
class Report:
    """Set and read only by who asks: both take longer than all the rest."""

    document: Document

    @cached_property
    def pdf(self):
        return document.pdf(self.document)

    @cached_property
    def pages(self):
        return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(self.pdf)).pages]

    @cached_property
    def words(self):
        """All that it says, in figures too."""
        return "\n".join(_words(asdict(self.document)))

    @cached_property
    def first(self):
        return "\n".join(_words([asdict(block) for block in self.document.first]))

    @cached_property
    def tables(self):
        """By title, with what a number of patients in it would break left out: "Adverse events, n (%)"."""
        blocks = [*self.document.first, *(block for section in self.document.sections for block in section.blocks)]
        inner = [one for block in blocks for one in (block.blocks if isinstance(block, Part) else [block])]
        return {re.sub(r", n = \d+", "", one.title): one for one in inner if isinstance(one, Table)}


def _words(said):
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for one in said.values():
            yield from _words(one)
    elif isinstance(said, list | tuple):
        for one in said:
            yield from _words(one)


def report(study, cut, kind):
    steps = []
    found = made(trial=study.trial, cut=cut, kind=Kind(kind), progress=lambda percent, step: steps.append(percent))
    assert steps == sorted(steps)
    return Report(found)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """By name, reports of a trial with three patients at level 1, five at level 2 and one screen failure: a DLT, a
    death, serious and other events, responses, sBCMA of two patients, one of whom withdraws the consent in the end.
    """
    with django_db_blocker.unblock():
        try:
            yield _built()
        finally:
            for alias in ("default", "queue"):
                connections[alias].close()
            snapshots.clear()


def _built():
    study = factories.study().open()
    first, second = _cohorts(study)
    with study.at():
        row = meetings.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
        cut = meetings.freeze(trial=study.trial.pk, meeting=row.pk, by=study.statistician)
    found = {kind: report(study, cut, kind) for kind in Kind}
    again = report(study, cut, Kind.CLOSED)
    with study.at():
        mine = Consent.objects.get(trial=study.trial, kind="biomarker", slot=first[1].slot_id)
        consents.withdraw_consent(
            trial=study.trial.pk, consent=mine.pk, on=study.today, reason="Wish", by=study.coordinator
        )
        study.event(second[2], term="Nausea", grade=1)
        meetings.freeze(trial=study.trial.pk, meeting=row.pk, by=study.statistician)
    return found | {"again": again, "later": report(study, cut, Kind.CLOSED)}


def _cohorts(study):
    trial, by = study.trial.pk, study.coordinator
    with study.at():
        failed = screening.record_screening(trial=trial, number="S-9", on=study.today, by=by)
        criterion = EligibilityCriterion.objects.filter(trial=trial).first()
        screening.end_screening(trial=trial, screening=failed.pk, outcome="failure", criterion=criterion.pk, by=by)
        assay = sbcma.define_assay(
            trial=trial, name="Assay one", lower_limit=Decimal(5), normal_below=Decimal("82.59"), source="A paper",
            by=study.medical_monitor,
        )  # fmt: skip
    first = [study.dose() for _ in range(3)]
    for patient, value in zip(first, ("301.25", "417.75", ""), strict=True):
        study.assess(patient, serum_m=Decimal("2.4"))
        if value:
            _sub_study(study, patient, assay, value)
    study.later(3)
    study.event(first[1], term="Nausea", grade=2)
    study.complete(*first)
    study.assess(first[0], serum_m=Decimal("1.1"))
    study.sign()
    second = study.cohort(3, dlts=1)
    study.event(second[1], term="Lung infection", grade=2, serious=True)
    with study.at():
        dosing.stop_treatment(
            trial=trial, patient=first[2].pk, on=study.today, stop_reason="Wish of the patient", by=study.investigator
        )
        died = Followed(died_on=study.today, death_cause="progression")
        record_follow_up(trial=trial, patient=first[2].pk, said=died, by=study.investigator)
    study.sign()
    for _ in range(2):
        study.dose()
    return first, second


def _sub_study(study, patient, assay, value):
    with study.at():
        consents.record_consent(
            trial=study.trial.pk, slot=patient.slot_id, kind="biomarker", version="B 1.0", given_on=study.today,
            by=study.coordinator,
        )  # fmt: skip
        sbcma.record_sample(
            trial=study.trial.pk, patient=patient.pk, reading=Reading(assay.pk, "L 7", Decimal(value)),
            taken_on=study.today, taken_at=time(8), by=study.coordinator,
        )  # fmt: skip
