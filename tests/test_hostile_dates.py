"""No stored date can break a page: rows as no form would let them in, of both ends of the calendar."""

import re
from datetime import date

import pytest
from django.db.models import DateField

from assessments.models import AdverseEvent, DiseaseAssessment, Evaluability, InvestigatorResponse, Measurement
from assessments.response.follow_up import record_follow_up
from escalation.meetings import services as meetings
from escalation.models import Meeting
from patients.dosing import services as dosing
from patients.follow_up.leaving import leave_study
from patients.follow_up.services import Followed
from patients.models import Consent, FollowUp, Patient, Slot, Treatment
from tests import factories
from tests.test_closed_by_default import addresses, asking
from trial.dates import later
from trial.record import ledger
from trial.roles import May

MODELS = (
    *(Patient, Consent, Treatment, FollowUp, AdverseEvent, DiseaseAssessment, Measurement, InvestigatorResponse),
    *(Evaluability, Slot, Meeting),
)


@pytest.fixture
def study(db):
    """A patient with every kind of fact, and one whose window is open."""
    made = factories.study().open()
    first, second = made.dose(), made.dose()
    made.slot()
    made.assess(first, serum_m="3.0", urine_m="500")
    made.later(2)
    made.event(first, term="Nausea", grade=1)
    made.event(second)
    made.later(29)
    visit = made.assess(first, serum_m="1.0", urine_m="100")
    made.judge(visit, "PR")
    made.take_doses(first)
    made.confirm(first)
    by = {"trial": made.trial.pk, "patient": first.pk, "by": made.investigator}
    with made.at():
        dosing.start_cycle_2(on=made.today, **by)
        dosing.stop_treatment(on=made.today, stop_reason="Wish", **by)
        leave_study(on=made.today, why="Moved", **by)
        known = Followed(last_contact_on=made.today, new_therapy_on=made.today, new_therapy="other")
        record_follow_up(said=known, **by)
        meetings.call(trial=made.trial.pk, cut_off=made.today, meets_on=made.today, by=made.dsmb)
    return made


def spoil(study, model, names, to):
    """Set these dates of every row, in an action that asks nothing."""
    with (
        study.at(),
        ledger.action(study.trial.pk, by=study.administrator, may=May.MANAGE_PEOPLE, verb="event.report", reason="x"),
    ):
        for k, row in enumerate(model.objects.filter(trial=study.trial)):
            first = later(to, -k - 1 if to.year > 2000 else k)  # one visit a day
            for name in names:
                if getattr(row, name) is not None:
                    setattr(row, name, first if name == "first_dose_on" else later(first, 1))
            row.save()


def dates_of(model):
    return [field.name for field in model._meta.concrete_fields if type(field) is DateField]


@pytest.mark.long
@pytest.mark.parametrize("to", [date.min, date.max])
def test_every_page_opens_whatever_dates_are_stored(study, to):
    for model in MODELS:
        spoil(study, model, dates_of(model), to)

    for person in (study.investigator, study.dsmb):
        ask = asking(study, person)
        for path in [*addresses(study), "/"]:
            assert ask(path).status_code < 500, path


def page(study, path):
    words = asking(study, study.investigator)(f"/trials/{study.trial.code}/{path}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words)), words


def test_the_time_line_names_what_it_does_not_draw(study):
    spoil(study, AdverseEvent, ["onset_on"], date(26, 10, 1))

    text, html = page(study, "patients/001/")

    assert "Not drawn, for these dates lie outside 5 Feb 2016 to 6 Feb 2027: AE 1: Nausea, grade 1 (2 Oct 0026)" in text
    assert max(float(width) for width in re.findall(r'<svg[^>]* width="([0-9.]+)"', html)) < 8000


def test_the_figures_of_the_response_name_what_they_do_not_draw(study):
    spoil(study, FollowUp, ["new_therapy_on"], date.max)

    told = "Not drawn, more than ten years from the first dose: "

    assert told + "new therapy (day 2912439)" in page(study, "response/patients/001/")[0]
    assert told + "patient 001 (31 Dec 9999)" in page(study, "response/")[0]
