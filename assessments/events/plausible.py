"""What an event cannot be: each refusal names the field and the rule."""

from datetime import date
from typing import Any

from patients import days
from patients.models import Patient, Treatment
from trial.dates import later, shown
from trial.models import Drug
from trial.record.ledger import Act
from trial.refusals import Again, Refused

from .. import ctcae as laboratory
from .. import terms
from ..dlt import names
from ..dlt.event import QUALIFIERS
from ..models import AdverseEvent, Relation
from . import judging, queries
from .questions import QUESTIONS
from .report import EventReport

DEGREES = set(Relation.Degree.values)
HIGHEST = 10_000  # × 10^9/L: more is no count
TESTS = {names.NEUTROPHILS: "neutrophils", names.PLATELETS: "platelets", names.WHITE_CELLS: "white_cells"}


def check(act: Act, patient: Patient, report: EventReport, stored: AdverseEvent | None = None) -> None:
    """Refuse what cannot be. stored: the event that is corrected; what it has already is not asked about again."""
    treatment = Treatment.objects.filter(patient=patient, voided=False).first()
    ctcae = queries.ctcae_version(act.trial_id)
    _term_and_grade(report, ctcae, stored)
    _lowest_value(report, ctcae)
    calendar = days.at(act, patient.site_id)
    _against_dates(report, calendar.today, stored)
    if "specify" in report.term.lower() and not report.specified.strip():
        raise Refused("Specify: say in words what the event was.", field="specified")
    _onset(calendar, report)
    _within_life(patient, report, stored)
    if report.suspected and treatment is None:
        raise Refused("DLT: the patient has not had a first dose, so no event can be a DLT.", field="suspected")
    if report.suspected and treatment and report.onset.last < treatment.first_dose_on:
        raise Refused(
            f"Onset: {report.onset.shown} is before the first dose "
            f"({treatment.first_dose_on:%-d %b %Y}); a DLT begins in the window.",
            field="onset_on",
        )
    if report.ended_on and report.ended_on < report.onset_on:
        raise Refused(
            f"End: {report.ended_on:%-d %b %Y} is before the onset ({report.onset.shown}). "
            "Leave it empty while the event is ongoing.",
            field="ended_on",
        )
    calendar.check(report.ended_on, "End", field="ended_on")
    calendar.check(report.aware_on, "Aware on", field="aware_on")
    if report.aware_on and report.aware_on < report.onset_on:
        raise Refused(
            f"Aware on: {report.aware_on:%-d %b %Y} is before the onset ({report.onset.shown}).",
            field="aware_on",
        )
    if unknown := sorted(report.qualifiers.keys() - set(QUALIFIERS)):
        raise Refused(f"Qualifiers: {unknown[0]!r} is none; known are {', '.join(QUALIFIERS)}.", field="qualifiers")
    drugs = set(Drug.objects.filter(trial=act.trial_id).values_list("pk", flat=True))
    for drug, degree in report.relations.items():
        if drug not in drugs or degree not in DEGREES:
            raise Refused("Relation: choose one of the answers for a drug of this trial.", field="relations")


def _onset(calendar: days.Days, report: EventReport) -> None:
    """An onset that is known in part is refused only where no day of it may be."""
    first, last = report.onset.first, report.onset.last
    begins_inside = first < calendar.first <= last
    calendar.check(calendar.first if begins_inside else first, "Onset", field="onset_on")


def _within_life(patient: Patient, report: EventReport, stored: AdverseEvent | None) -> None:
    """Nothing begins or ends after the death; that the site learns of it later is another thing."""
    for field, label in (("onset_on", "Onset"), ("ended_on", "End")):
        on = getattr(report, field)  # of an onset known in part its first day
        if on and (stored is None or getattr(stored, field) != on):
            days.within_life(patient, on, label, field=field)


def check_new(patient: Patient, report: EventReport) -> None:
    """Refuse what is reported already: two tabs, or two people after one visit."""
    same = AdverseEvent.objects.filter(
        patient=patient, term=report.term, specified__iexact=report.specified.strip(), onset_on=report.onset_on,
        onset_known=report.onset_known, voided=False,
    ).order_by("number")  # fmt: skip
    if there := same.first():
        raise Again(
            f"Event: {report.term} of patient {patient.code} with this onset is reported already as {there.code}, "
            f"{there.graded}. Correct that one, or report a second event.",
            code=there.code,
            row=there.pk,
            number=there.number,
            field="term",
        )


def _term_and_grade(report: EventReport, version: str, stored: AdverseEvent | None) -> None:
    """A term of the trial's CTCAE version and a grade that it has there. What a trial has stored it keeps."""
    if report.grade not in range(1, 6):
        raise Refused(f"Grade: {report.grade} is not a CTCAE grade; it goes from 1 to 5.", field="grade")
    kept = stored is not None and stored.term == report.term
    if not terms.soc(report.term, version):
        if not kept:
            meant = terms.find(report.term, version)
            hint = f" In CTCAE {version} it may be {meant[0].term}." if meant else ""
            raise Refused(f"Term: {report.term!r} is not in the CTCAE list; choose one.{hint}", field="term")
        return
    if kept and stored is not None and stored.grade == report.grade:
        return
    if report.grade not in terms.grades(report.term, version):
        raise Refused(f"Grade: {report.term} has no grade {report.grade} in CTCAE.", field="grade")


def _lowest_value(report: EventReport, version: str) -> None:
    """The lowest value of a count, where the criteria ask for it, must be of the grade that is reported."""
    value = report.lowest_value
    if value is None:
        return
    if not judging.asks_value(report.term, version):
        raise Refused(
            "Lowest value: it is asked of neutrophils, platelets and white cells in a trial on CTCAE 6.0 alone.",
            field="lowest_value",
        )
    if not 0 <= value <= HIGHEST:
        raise Refused(f"Lowest value: must be from 0 to {HIGHEST} × 10^9/L, got {value:f}.", field="lowest_value")
    test = TESTS[names.kind(report.term)]
    proved = laboratory.propose(test, "10^9/L", laboratory.Result(value=value), version).grade
    if report.grade < 5 and (proved or 1) != report.grade:
        said = f"is grade {proved}" if proved else "is not low enough for a grade above 1"
        raise Refused(
            f"Lowest value: {value.normalize():f} × 10^9/L {said} in CTCAE {version}, and grade {report.grade} is "
            "reported. Correct one of the two.",
            field="lowest_value",
        )


def _against_dates(report: EventReport, today: date, stored: AdverseEvent | None) -> None:
    """An answer that clears never beats a date: "within 72 hours: yes" beside days past the first date + 3."""
    question = names.WITHIN_72H.get(names.kind(report.term))
    if question is None or not report.qualifiers.get(question) or report.grade < 3:
        return
    begun = min(report.onset.last, report.ended_on or today, today)  # at the latest: nothing is held against a guess
    last = later(begun, 3)
    if (report.ended_on or today) <= last or (stored and _told(stored) == _told(report)):
        return
    until = f"the event ended on {shown(report.ended_on)}" if report.ended_on else "the event is still going on"
    raise Refused(
        f"{QUESTIONS[question]}: yes cannot stand beside the dates. Within 72 hours of {shown(begun)} is by "
        f"{shown(last)}, and {until}. Correct the answer, or give the day on which grade {report.grade} ended.",
        field=question,
    )


def _told(event: AdverseEvent | EventReport) -> tuple[Any, ...]:
    """What the answer and the dates stand on."""
    question = names.WITHIN_72H.get(names.kind(event.term), "")
    return event.term, event.grade, event.onset, event.ended_on, event.qualifiers.get(question)
