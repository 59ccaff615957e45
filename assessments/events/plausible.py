"""What an event cannot be: each refusal names the field and the rule."""

from datetime import date
from typing import Any

from django.db.models import Q

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
from . import by_role, case, grades, judging, liver, queries
from .questions import QUESTIONS
from .report import EventReport

DEGREES = set(Relation.Degree.values)
HIGHEST = 10_000  # × 10^9/L: more is no count
TESTS = {names.NEUTROPHILS: "neutrophils", names.PLATELETS: "platelets", names.WHITE_CELLS: "white_cells"}


def check(act: Act, patient: Patient, report: EventReport, stored: AdverseEvent | None = None) -> None:
    """Refuse what cannot be. stored: the event that is corrected; what it has already is not asked about again."""
    treatment = Treatment.objects.filter(patient=patient, voided=False).first()
    ctcae = queries.ctcae_version(act.trial_id)
    by_role.check(act, report, stored)
    _term(report, ctcae, stored)
    calendar = days.at(act, patient.site_id)
    grades.check(report, ctcae, calendar, patient, stored)
    _lowest_value(report, ctcae)
    liver.check(report, stored)
    _against_dates(report, calendar.today, stored)
    if "specify" in report.term.lower() and not report.specified.strip():
        raise Refused("Specify: say in words what the event was.", field="specified")
    _onset(calendar, report)
    _within_life(patient, report, stored)
    if report.suspected and treatment is None:
        raise Refused("DLT: the patient has not had a first dose, so no event can be a DLT.", field="suspected")
    worsened = [step.on for step in report.history[1:]]
    if report.suspected and treatment and max([report.onset.last, *worsened]) < treatment.first_dose_on:
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
    case.check(act, patient, report, drugs, stored)


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
    """Refuse what is reported already, by two people after one visit, or what goes on with an event that is open."""
    begun = Q(onset_on__lte=report.ended_on) if report.ended_on else Q()
    same = AdverseEvent.objects.filter(
        Q(onset_on=report.onset_on, onset_known=report.onset_known)
        | begun & (Q(ended_on=None) | Q(ended_on__gte=report.onset_on)),
        patient=patient, term=report.term, specified__iexact=report.specified.strip(), voided=False,
    ).order_by("number")  # fmt: skip
    if there := same.first():
        known = (there.onset_on, there.onset_known) == (report.onset_on, report.onset_known)
        since = "with this onset" if known else f"from {there.onset.shown} on"
        until = "" if known else f", ended on {shown(there.ended_on)}" if there.ended_on else ", ongoing"
        raise Again(
            f"Event: {report.term} of patient {patient.code} {since} is reported already as {there.code}, "
            f"{there.graded}{until}. Follow that one up, or report a second event.",
            code=there.code,
            row=there.pk,
            number=there.number,
            field="term",
        )


def _term(report: EventReport, version: str, stored: AdverseEvent | None) -> None:
    """A term of the trial's CTCAE version. What a trial has stored it keeps."""
    kept = stored is not None and stored.term == report.term
    if not kept and not terms.soc(report.term, version):
        meant = terms.find(report.term, version)
        hint = f" In CTCAE {version} it may be {meant[0].term}." if meant else ""
        raise Refused(f"Term: {report.term!r} is not in the CTCAE list; choose one.{hint}", field="term")


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
    if report.grade is not None and report.grade < 5 and (proved or 1) != report.grade:
        said = f"is grade {proved}" if proved else "is not low enough for a grade above 1"
        raise Refused(
            f"Lowest value: {value.normalize():f} × 10^9/L {said} in CTCAE {version}, and grade {report.grade} is "
            "reported. Correct one of the two.",
            field="lowest_value",
        )


def _against_dates(report: EventReport, today: date, stored: AdverseEvent | None) -> None:
    """An answer that clears never beats a date: "within 72 hours: yes" beside days past the first date + 3."""
    question = names.WITHIN_72H.get(names.kind(report.term))
    if question is None or not report.qualifiers.get(question) or (stored and _told(stored) == _told(report)):
        return
    for begun, ended, over in grades.spans(report, 3, today):
        last = later(begun, 3)
        if ended <= last:
            continue
        what = f"grade {report.grade}" if report.steps else "the event"
        until = f"{what} ended on {shown(ended)}" if over else f"{what} is still going on"
        raise Refused(
            f"{QUESTIONS[question]}: yes cannot stand beside the dates. Within 72 hours of {shown(begun)} is by "
            f"{shown(last)}, and {until}. Correct the answer, or give the day on which grade {report.grade} ended.",
            field=question,
        )


def _told(event: AdverseEvent | EventReport) -> tuple[Any, ...]:
    """What the answer and the dates stand on."""
    question = names.WITHIN_72H.get(names.kind(event.term), "")
    return event.term, event.history, event.onset, event.ended_on, event.qualifiers.get(question)
