"""What may be entered at a visit, and writing it: one row an answer, the entered value beside the canonical one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from patients import days as calendar
from patients.consent import queries as consents
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.models import Patient
from trial import plausible, protocol_settings
from trial import queries as ground
from trial.record.ledger import Act
from trial.refusals import Implausible, Refused

from .assembly import AROUND_DAYS
from .models import DiseaseAssessment, Measurement
from .parameters import IMAGED, PARAMETERS, SAMPLES, canonical

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """What is said of a visit beside its answers.

    standard_of_care: what was sampled before the consent was not sampled for the study.
    unusual: why unlikely values stand. stands: by parameter, the same of a value that is stored and stays, corrected.
    """

    standard_of_care: bool = False
    unusual: str = ""
    stands: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is stored beside answers, by parameter.

    baseline_until: of a sample from before the consent the last day of a first dose whose baseline it may be.
    unusual: why an unlikely value stands.
    """

    baseline_until: Mapping[str, date]
    unusual: Mapping[str, str | None]


def check(
    act: Act,
    patient: Patient,
    visit_on: date,
    answers: Sequence[Answer],
    said: Besides,
    stored: Mapping[str, Measurement],
    was: date | None = None,
) -> Checked:
    """Refuse, by name, what cannot be: wrong units, impossible values, samples out of their time.

    stored, was: measurements and day of the assessment that is corrected; what stands already is not asked about again.
    """
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
    recorded = {f"{PARAMETERS[row.parameter].sample}_on": row.sampled_on for row in stored.values() if not row.voided}
    if was:
        recorded["visit_on"] = was
    until = _check_days(act, patient, visit_on, answers, said.standard_of_care, recorded)
    return Checked(until, _unusual(answers, said, stored))


def _unusual(answers: Sequence[Answer], said: Besides, stored: Mapping[str, Measurement]) -> Mapping[str, str | None]:
    """Of each unlikely value the reason why it stands. Raises Implausible when one has none."""
    found: dict[str, str | None] = {}
    asked, why = {}, said.unusual
    for answer in answers:
        name, known, row = answer.parameter, PARAMETERS[answer.parameter], stored.get(answer.parameter)
        if answer.entered is None:
            continue
        same = (answer.entered, str(answer.state), answer.unit)
        if row and not row.voided and (row.entered, row.state, row.unit) == same:
            found[name] = row.unusual and _reworded(row.unusual, said.stands.get(name), name)
        elif wrong := plausible.wrong(name, canonical(name, answer.entered, answer.unit)):
            found[name] = why.strip()
            typed = f"{answer.entered.normalize():f} {answer.unit}".rstrip()
            asked[name] = f"{known.label}: {typed}; {wrong}. Correct it, or say below why it stands."
    if asked and not why.strip():
        raise Implausible(asked)
    return found


def _reworded(was: str, now: str | None, name: str) -> str:
    try:
        return plausible.reworded(was, now, PARAMETERS[name].label)
    except ValueError as fault:
        raise Refused(str(fault), field=f"stands_{name}") from None


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


def _check_days(
    act: Act,
    patient: Patient,
    visit_on: date,
    answers: Sequence[Answer],
    standard_of_care: bool,
    recorded: Mapping[str, date],
) -> Mapping[str, date]:
    """recorded: the days as stored. One that stays is not held against a withdrawal that was entered after it."""
    days = {"visit_on": ("Visit", visit_on)}
    for answer in answers:
        sample = PARAMETERS[answer.parameter].sample
        label = SAMPLES[sample]
        field = f"{sample}_on"
        if field in days and days[field][1] != answer.sampled_on:
            raise Refused(f"{label}: the results of one sample have one date.", field=field)
        days[field] = label, answer.sampled_on
    given = consents.given(patient.slot_id)
    left = withdrawn.of(patient.slot_id)
    anchor, site = days.get("serum_on", days["visit_on"])[1], calendar.at(act, patient.site_id)
    before = {field for field, (_, on) in days.items() if given is None or on < given}
    for field, (label, on) in days.items():
        said = f"{label}: {on:%-d %b %Y}"
        site.check(on, label, field=field)
        if field in before and not (standard_of_care and given):
            since = f" ({given:%-d %b %Y})" if given else ""
            raise Refused(
                f"{said} is before the patient's consent{since}. Samples taken for the study come after it; results of "
                "standard of care may be baseline: say so above.",
                field=field,
            )
        if recorded.get(field) != on and (over := left.since(Covers.VISITS, on)):
            raise Refused(
                f"{said} is after the patient withdrew from study visits and samples ({over:%-d %b %Y}).", field=field
            )
        calendar.within_life(patient, on, label, field=field)
        if abs((on - anchor).days) > AROUND_DAYS:
            what = "serum sample" if "serum_on" in days else "visit"
            raise Refused(
                f"{said} is more than {AROUND_DAYS} days from the {what} ({anchor:%-d %b %Y}); "
                "enter it as an assessment of its own.",
                field=field,
            )
    if standard_of_care and not before:
        raise Refused(
            f"Samples from before the consent: there are none, the consent is of {given:%-d %b %Y}.",
            field="standard_of_care",
        )
    return _baseline_until(act, patient, answers, before) if before else {}


def _baseline_until(act: Act, patient: Patient, answers: Sequence[Answer], before: set[str]) -> Mapping[str, date]:
    """Of each result from before the consent the last day of a first dose within the screening window."""
    treatment = getattr(patient, "treatment", None)
    protocol = ground.protocol(act.trial_id, with_doses=False)
    assert protocol is not None  # a patient was enrolled under one
    version = treatment.protocol if treatment else protocol.version
    settings = protocol_settings.from_json(version.settings)
    soonest, dosed = (treatment.first_dose_on, True) if treatment else (calendar.at(act, patient.site_id).today, False)
    found = {}
    for answer in answers:
        sample = PARAMETERS[answer.parameter].sample
        if f"{sample}_on" not in before:
            continue
        days = settings.screening_imaging_days if sample in IMAGED else settings.screening_days
        said = f"{SAMPLES[sample]}: {answer.sampled_on:%-d %b %Y}"
        if days is None:
            raise Refused(
                f"{said} is before the consent; protocol version {version.number} takes no baseline from before it.",
                field=f"{sample}_on",
            )
        last = answer.sampled_on + timedelta(days=days)
        if last < soonest:
            what = f"the first dose ({soonest:%-d %b %Y})" if dosed else "any first dose that is still to come"
            raise Refused(
                f"{said} is more than {days} days before {what}: outside the screening window of protocol version "
                f"{version.number}.",
                field=f"{sample}_on",
            )
        found[answer.parameter] = last
    return found


def differs(answers: Sequence[Answer], checked: Checked, stored: Mapping[str, Measurement]) -> bool:
    """Whether an answer that is stored would be changed or taken back."""
    given = {answer.parameter: answer for answer in answers}
    return any(
        name not in given or _columns(given[name], checked) != _stored(row)
        for name, row in stored.items()
        if not row.voided
    )


def write(
    assessment: DiseaseAssessment,
    answers: Sequence[Answer],
    checked: Checked,
    stored: Mapping[str, Measurement],
) -> None:
    """Store the answers; rows that say the same already are left alone."""
    given = {answer.parameter: answer for answer in answers}
    for name, row in stored.items():
        if name not in given and not row.voided:
            row.voided = True
            row.save()
    for name, answer in given.items():
        row = stored.get(name) or Measurement(trial_id=assessment.trial_id, assessment=assessment, parameter=name)
        columns = _columns(answer, checked)
        if name in stored and not row.voided and _stored(row) == columns:
            continue
        for column, value in columns.items():
            setattr(row, column, value)
        row.canonical = None if answer.entered is None else canonical(name, answer.entered, answer.unit)
        row.voided = False
        row.save()


def _columns(answer: Answer, checked: Checked) -> dict[str, Any]:
    return {
        "sampled_on": answer.sampled_on,
        "state": str(answer.state),
        "entered": answer.entered,
        "unit": answer.unit if answer.entered is not None else "",
        "answer": answer.answer,
        "baseline_until": checked.baseline_until.get(answer.parameter),
        "unusual": checked.unusual.get(answer.parameter),
    }


def _stored(row: Measurement) -> dict[str, Any]:
    names = ("sampled_on", "state", "entered", "unit", "answer", "baseline_until", "unusual")
    return {name: getattr(row, name) for name in names}
