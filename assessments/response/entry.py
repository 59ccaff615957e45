"""What may be entered at a visit, and writing it: one row an answer, the entered value beside the canonical one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from patients.models import Consent, Patient
from trial.record.ledger import Act
from trial.refusals import Refused

from .assembly import AROUND_DAYS
from .models import DiseaseAssessment, Measurement
from .parameters import PARAMETERS, SAMPLES, canonical

State = Measurement.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as entered. entered: the value, or the limit that it is below; answer: of what is no number."""

    parameter: str
    sampled_on: date
    state: str = State.VALUE
    entered: Decimal | None = None
    unit: str = ""
    answer: str = ""


def check(act: Act, patient: Patient, visit_on: date, answers: Sequence[Answer]) -> None:
    """Refuse, by name, what cannot be: wrong units, impossible values, samples out of their time."""
    if not answers:
        raise Refused("Nothing is entered: give at least one result, or say that it was not done.")
    seen: set[str] = set()
    for answer in answers:
        if answer.parameter not in PARAMETERS:
            raise Refused(f"Parameter: {answer.parameter!r} is none of a disease assessment.")
        if answer.parameter in seen:
            raise Refused(f"{PARAMETERS[answer.parameter].label}: given twice.", field=answer.parameter)
        seen.add(answer.parameter)
        _check_value(answer)
    _check_days(act, patient, visit_on, answers)


def _check_value(answer: Answer) -> None:
    known, name = PARAMETERS[answer.parameter], answer.parameter
    if answer.state not in State.values:
        raise Refused(f"{known.label}: {answer.state!r} is no answer.", field=name)
    if answer.state == State.NOT_DONE:
        if answer.entered is not None or answer.answer:
            raise Refused(f"{known.label}: not done, and a result as well; choose one.", field=name)
        return
    if not known.units:
        if answer.answer not in known.answers or answer.entered is not None or answer.state != State.VALUE:
            raise Refused(f"{known.label}: answer {' or '.join(known.answers)}.", field=name)
        return
    if answer.entered is None:
        word = "the limit" if answer.state == State.BELOW else "the value"
        raise Refused(f"{known.label}: {word} is missing.", field=name)
    if answer.state == State.BELOW and (known.whole or answer.entered <= 0):
        word = "is counted, and never below a limit." if known.whole else "the limit must be above 0."
        raise Refused(f"{known.label}: {word}", field=name)
    if int(answer.entered.as_tuple().exponent) < -4:
        raise Refused(f"{known.label}: at most four decimals.", field=name)
    try:
        canonical(name, answer.entered, answer.unit)
    except ValueError as fault:
        raise Refused(str(fault), field=name) from None


def _check_days(act: Act, patient: Patient, visit_on: date, answers: Sequence[Answer]) -> None:
    days = {"visit_on": ("Visit", visit_on)}
    for answer in answers:
        sample = PARAMETERS[answer.parameter].sample
        label = SAMPLES[sample]
        field = f"{sample}_on"
        if field in days and days[field][1] != answer.sampled_on:
            raise Refused(f"{label}: the results of one sample have one date.", field=field)
        days[field] = label, answer.sampled_on
    consents = Consent.objects.filter(slot=patient.slot, kind=Consent.Kind.TRIAL, voided=False).order_by("given_on")
    given = [(consent.given_on, consent.withdrawn_on) for consent in consents]
    follow_up = getattr(patient, "follow_up", None)
    died = follow_up.died_on if follow_up else None
    anchor = days.get("serum_on", days["visit_on"])[1]
    for field, (label, on) in days.items():
        said = f"{label}: {on:%-d %b %Y}"
        if on > act.clinical_date:
            raise Refused(f"{said} is in the future.", field=field)
        if not any(start <= on for start, _ in given):
            since = f" ({given[0][0]:%-d %b %Y})" if given else ""
            raise Refused(f"{said} is before the patient's consent{since}.", field=field)
        if not any(start <= on and (end is None or on <= end) for start, end in given):
            raise Refused(f"{said} is after the consent was withdrawn.", field=field)
        if died and on > died:
            raise Refused(f"{said} is after the patient's death ({died:%-d %b %Y}).", field=field)
        if abs((on - anchor).days) > AROUND_DAYS:
            what = "serum sample" if "serum_on" in days else "visit"
            raise Refused(
                f"{said} is more than {AROUND_DAYS} days from the {what} ({anchor:%-d %b %Y}); "
                "enter it as an assessment of its own.",
                field=field,
            )


def differs(answers: Sequence[Answer], stored: Mapping[str, Measurement]) -> bool:
    """Whether an answer that is stored would be changed or taken back."""
    given = {answer.parameter: answer for answer in answers}
    return any(
        name not in given or _columns(given[name]) != _stored(row) for name, row in stored.items() if not row.voided
    )


def write(assessment: DiseaseAssessment, answers: Sequence[Answer], stored: Mapping[str, Measurement]) -> None:
    """Store the answers; rows that say the same already are left alone."""
    given = {answer.parameter: answer for answer in answers}
    for name, row in stored.items():
        if name not in given and not row.voided:
            row.voided = True
            row.save()
    for name, answer in given.items():
        row = stored.get(name) or Measurement(trial_id=assessment.trial_id, assessment=assessment, parameter=name)
        columns = _columns(answer)
        if name in stored and not row.voided and _stored(row) == columns:
            continue
        row.sampled_on, row.state, row.entered, row.unit, row.answer = columns
        row.canonical = None if answer.entered is None else canonical(name, answer.entered, answer.unit)
        row.voided = False
        row.save()


Columns = tuple[date, str, Decimal | None, str, str]


def _columns(answer: Answer) -> Columns:
    unit = answer.unit if answer.entered is not None else ""
    return answer.sampled_on, str(answer.state), answer.entered, unit, answer.answer


def _stored(row: Measurement) -> Columns:
    return row.sampled_on, row.state, row.entered, row.unit, row.answer
