"""Rows read many tables at once: the models made of them are the ORM's, and images laid over them what is stored."""

import pytest

from patients.models import Patient, Treatment
from tests import factories
from trial.models import RowImage, Site, Trial, User
from trial.record import ledger, rows
from trial.record.rows import Made

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A trial with rows in many tables."""
    study = factories.study().open()
    study.complete(study.dose())
    patient = study.dose()
    study.assess(patient, serum_m="3.0", urine_m="90")
    study.verdict(study.event(patient), study.investigator)
    return study


def tables():
    return [model for model in ledger.audited_models() if model.LEDGER]


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_model_made_of_a_row_is_the_one_that_the_orm_reads(study):
    factories.study().open().dose()  # another trial beside it

    said, _ = rows.read(study.trial.pk, tables())

    filled = 0
    for model in tables():
        stored = {row.pk: columns(row) for row in model.objects.filter(**{model.LEDGER: study.trial.pk})}
        made = [rows.make(model, row) for row in said[model].values()]
        assert {row.pk: columns(row) for row in made} == stored, model
        assert not any(row._state.adding for row in made)
        filled += bool(stored)
    assert filled > 20


def test_what_a_row_points_to_is_the_model_made_of_it(study, django_assert_num_queries):
    with django_assert_num_queries(1):
        made = Made(rows.read(study.trial.pk, (Trial, Site, Patient, Treatment))[0])
        first, second = sorted(made.all(Patient), key=lambda patient: patient.number)
        assert first.site is second.site
        assert first.treatment.patient is first
        assert {row.trial.code for row in (first, second)} == {study.trial.code}


def test_a_patient_without_treatment_has_none_and_asks_nobody(django_assert_num_queries):
    study = factories.study().open()
    study.enrol()

    with django_assert_num_queries(1):
        (patient,) = Made(rows.read(study.trial.pk, (Patient, Treatment))[0]).all(Patient)
        assert getattr(patient, "treatment", None) is None


def test_images_laid_over_rows_are_the_rows_read_anew(study):
    before, _ = rows.read(study.trial.pk, tables())
    then = ledger.number_of(study.trial.pk)

    patient = Patient.objects.get(trial=study.trial, number=2)
    study.verdict(study.event(patient, grade=4, term="Anemia"), study.investigator)

    written = RowImage.objects.filter(ledger__trial=study.trial, number__gt=then).order_by("seq")
    images = [
        image for number in sorted({w.number for w in written}) for image in ledger.images(written[0].ledger, number)
    ]
    after, _ = rows.read(study.trial.pk, tables())
    assert before != after
    assert rows.laid_over(before, images) == after


def test_of_an_account_its_name_is_read_and_no_secret(study):
    said, _ = rows.read(study.trial.pk, (User,))

    assert {tuple(row) for row in said[User].values()} == {("id", "name")}
    assert study.dsmb.pk in {person.pk for person in Made(said).all(User)}
