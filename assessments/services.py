"""Adverse events, DLT verdicts and the confirmation of evaluability."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients.models import Patient, Treatment
from patients.services import mine
from trial import protocol_settings
from trial import queries as ground
from trial.models import Drug, User
from trial.record import ledger, stale
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May, Role
from trial.services import next_number

from . import queries, terms
from .dlt import event as dlt
from .models import AdverseEvent, DltVerdict, Evaluability, Relation

DEGREES = set(Relation.Degree.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """What a reporter says of an event. relations: degree by drug id; a missing drug is a missing answer."""

    term: str
    grade: int
    onset_on: date
    ended_on: date | None = None
    specified: str = ""
    relations: Mapping[UUID, str]
    qualifiers: Mapping[str, bool | None]
    suspected: bool = False
    delays_cycle_2: bool = False
    doses_missed: bool = False
    serious: bool = False
    aware_on: date | None = None


def report_event(*, trial: UUID, patient: UUID, report: EventReport, by: User, key: UUID | None = None) -> AdverseEvent:
    """Report an adverse event. Inside the window it may become a suspected DLT, which stops enrolment there."""
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.report", key=key, asked=(patient, *_asked(report))
    ) as act:
        if act.earlier:
            return AdverseEvent.objects.get(pk=act.earlier)
        row = Patient.objects.get(pk=patient, trial=trial)
        mine(act, row.site_id)
        _check(act, row, report)
        event = AdverseEvent(
            trial_id=trial,
            number=next_number(AdverseEvent, trial),
            patient=row,
            reported_by=by,
            reported_at=act.now,
        )
        _write(event, report)
        act.result(event.pk)
        return event


def correct_event(
    *, trial: UUID, event: UUID, report: EventReport, rev: int, reason: str, by: User, key: UUID | None = None
) -> AdverseEvent:
    """Correct an event, with a reason. When term, grade, dates or relation change, the readers judge it again.

    rev: the row's number on the corrector's screen; a later one refuses and names who changed it.
    """
    with ledger.action(
        trial,
        by=by,
        may=May.REPORT_EVENT,
        verb="event.correct",
        reason=reason,
        key=key,
        asked=(event, rev, *_asked(report)),
    ) as act:
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial, voided=False)
        if act.earlier:
            return row
        mine(act, row.patient.site_id)
        stale.check(act, row.code, now=row.rev, seen=rev)
        if not reason.strip():
            raise Refused("Reason: a correction needs one.", field="reason")
        _check(act, row.patient, report)
        _write(row, report)
        act.result(row.pk)
        return row


def void_event(*, trial: UUID, event: UUID, reason: str, by: User, key: UUID | None = None) -> AdverseEvent:
    """Take back an event that was reported by mistake; it stays in the record, voided, with the reason."""
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.void", reason=reason, key=key, asked=(event, reason)
    ) as act:
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial)
        if act.earlier:
            return row
        mine(act, row.patient.site_id)
        if not reason.strip():
            raise Refused("Reason: voiding an event needs one.", field="reason")
        row.voided = True
        row.save()
        act.result(row.pk)
        return row


def reader_of(
    act_role: str,
    *,
    site: UUID | None,
    patient_site: UUID,
    second: bool,
    third: bool,
    dsmb: bool,
    first_given: bool = False,
) -> str:
    """Which reader a person is for a patient's event, from role, site and what he is named for; "" for none.

    An investigator of the patient's site who is named third reader is that once a colleague gave the first verdict.
    """
    if act_role == Role.MEDICAL_MONITOR:
        return DltVerdict.Reader.SECOND
    if dsmb:
        return DltVerdict.Reader.THIRD
    if act_role != Role.INVESTIGATOR:
        return ""
    if site == patient_site:
        return DltVerdict.Reader.THIRD if third and first_given else DltVerdict.Reader.FIRST
    if second:
        return DltVerdict.Reader.SECOND
    return DltVerdict.Reader.THIRD if third else ""


def give_verdict(
    *,
    trial: UUID,
    event: UUID,
    is_dlt: bool,
    criterion: str = "",
    reason: str,
    by: User,
    key: UUID | None = None,
) -> DltVerdict:
    """One reader's verdict. Two who agree adjudicate the event; when they differ a third person does.

    The second reader answers without seeing the first verdict; "not a DLT" needs two as well.
    """
    with ledger.action(
        trial, by=by, may=_reading_right(by, trial), verb="verdict.give", reason=reason, key=key,
        asked=(event, is_dlt, criterion, reason),
    ) as act:  # fmt: skip
        if act.earlier:
            return DltVerdict.objects.get(pk=act.earlier)
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial, voided=False)
        facts = _event_facts(act, row)
        reader = reader_for(act, facts)
        _may_read(facts, reader, by)
        if not reason.strip():
            raise Refused("Reason: a verdict needs one.", field="reason")
        if is_dlt and not criterion:
            raise Refused("Criterion: say which criterion makes it a DLT.", field="criterion")
        if is_dlt and criterion not in dlt.CRITERIA:
            raise Refused(f"Criterion: {criterion!r} is none; known are {', '.join(dlt.CRITERIA)}.", field="criterion")
        verdict = DltVerdict.objects.create(
            trial_id=trial,
            event=row,
            round=row.round,
            reader=reader,
            by=by,
            is_dlt=is_dlt,
            criterion=criterion if is_dlt else "",
            reason=reason,
            given_at=act.now,
        )
        act.result(verdict.pk)
        return verdict


def _reading_right(by: User, trial: UUID) -> May:
    """The right that this person's role reads with; the ledger checks it again under the lock."""
    role = ground.members(trial).filter(user=by).values_list("role", flat=True).first()
    rights: dict[str, May] = {Role.MEDICAL_MONITOR: May.READ_SECOND, Role.DSMB: May.READ_THIRD}
    return rights.get(role or "", May.READ_FIRST)


def reader_for(act: Act, facts: queries.EventFacts) -> str:
    """Which reader the acting person is of the event; refused when he is none."""
    member = act.membership
    assert member is not None
    reader = reader_of(
        member.role,
        site=member.site_id,
        patient_site=facts.event.patient.site_id,
        second=member.second_reader,
        third=member.third_reader,
        dsmb=member.role == Role.DSMB,
        first_given=any(verdict.reader == DltVerdict.Reader.FIRST for verdict in facts.verdicts),
    )
    if not reader:
        raise Refused("You are not named to read DLTs of other sites.")
    return reader


def _may_read(facts: queries.EventFacts, reader: str, by: User) -> None:
    given = {verdict.reader: verdict for verdict in facts.verdicts}
    code = facts.event.code
    if facts.state in ("dlt", "not_dlt"):
        raise Refused(f"{code} is adjudicated already.")
    if not facts.in_review:
        raise Refused(f"{code} is not suspected to be a DLT; the investigator can ask for verdicts in the event.")
    if reader in given:
        raise Refused(f"{code}: the {given[reader].get_reader_display().lower()}'s verdict is given already.")
    if any(verdict.by_id == by.pk for verdict in facts.verdicts):
        raise Refused(f"{code}: you have read it already; the readers are different people.")
    if reader == DltVerdict.Reader.THIRD and len(given) < 2:
        raise Refused(f"{code}: the third reader answers only when the first two differ.")


def confirm_evaluability(
    *,
    trial: UUID,
    patient: UUID,
    state: str,
    missed_because: str = "",
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Evaluability:
    """The investigator confirms what the record derives: no DLT and evaluable, or not evaluable.

    missed_because: why doses are short, needed then. What was missed for related toxicity is criterion N4: its event
    says so first and is read, for a patient with a DLT is never replaced.
    """
    with ledger.action(
        trial, by=by, may=May.CONFIRM_EVALUABILITY, verb="evaluability.confirm", reason=reason, key=key,
        asked=(patient, state, missed_because, reason),
    ) as act:  # fmt: skip
        if act.earlier:
            return Evaluability.objects.get(pk=act.earlier)
        row = Patient.objects.get(pk=patient, trial=trial)
        mine(act, row.site_id)
        derived = queries.one(trial, row.number, act.clinical_date)
        assert derived is not None and act.trial is not None
        ready = queries.confirmable(derived, act.clinical_date)
        if not derived.dosed:
            raise Refused(f"Patient {row.code} has not had a first dose.")
        if ready != state:
            wanted = Evaluability.State(state).label.lower()
            raise Refused(
                f"Patient {row.code} cannot be confirmed as {wanted}: {derived.because}",
                field="state",
            )
        because = _why_short(derived, missed_because)
        stored = Evaluability.objects.filter(patient=row).first()
        if stored and stored.state == state and stored.missed_because == because and not stored.voided:
            raise Refused(f"Patient {row.code} is confirmed already: {stored.get_state_display().lower()}.")
        if stored and not reason.strip():
            raise Refused("Reason: a correction needs one.", field="reason")
        stored = stored or Evaluability(trial_id=trial, patient=row)
        stored.missed_because = because
        stored.state, stored.by, stored.confirmed_on, stored.voided = state, by, act.clinical_date, False
        stored.simulated = act.trial.simulated and not derived.doses
        stored.save()
        act.result(stored.pk)
        return stored


def _why_short(facts: queries.PatientFacts, said: str) -> str | None:
    """The cause that is stored; refused when it is missing, or when an event must name it first."""
    if facts.enough_drug is not False:
        return None
    if said not in Evaluability.Missed.values:
        raise Refused("Doses are short: say why they were missed.", field="missed_because")
    settings = protocol_settings.from_json(facts.patient.treatment.protocol.settings)
    named = any(e.event.doses_missed and 1 <= e.onset_day <= settings.window_days for e in facts.events)
    if said == Evaluability.Missed.TOXICITY and settings.criteria["N4"] and not named:
        raise Refused(
            "Doses missed for related toxicity are DLT criterion N4: mark the adverse event that doses were missed "
            "for it. It is then read, and the patient is not replaced before.",
            field="missed_because",
        )
    return said


def _asked(report: EventReport) -> tuple[object, ...]:
    return (
        report.term, report.grade, report.onset_on, report.ended_on, report.specified,
        sorted((str(k), v) for k, v in report.relations.items()), sorted(report.qualifiers.items()),
        report.suspected, report.delays_cycle_2, report.doses_missed, report.serious, report.aware_on,
    )  # fmt: skip


def _check(act: Act, patient: Patient, report: EventReport) -> None:
    treatment = Treatment.objects.filter(patient=patient).first()
    if not terms.soc(report.term):
        raise Refused(f"Term: {report.term!r} is not in the CTCAE list; choose one.", field="term")
    if "specify" in report.term.lower() and not report.specified.strip():
        raise Refused("Specify: say in words what the event was.", field="specified")
    if report.grade not in range(1, 6):
        raise Refused(f"Grade: {report.grade} is not a CTCAE grade; it goes from 1 to 5.", field="grade")
    if report.grade not in terms.grades(report.term):
        raise Refused(f"Grade: {report.term} has no grade {report.grade} in CTCAE.", field="grade")
    if report.onset_on > act.clinical_date:
        raise Refused(f"Onset: {report.onset_on:%-d %b %Y} is in the future.", field="onset_on")
    if report.suspected and treatment is None:
        raise Refused("DLT: the patient has not had a first dose, so no event can be a DLT.", field="suspected")
    if report.suspected and treatment and report.onset_on < treatment.first_dose_on:
        raise Refused(
            f"Onset: {report.onset_on:%-d %b %Y} is before the first dose "
            f"({treatment.first_dose_on:%-d %b %Y}); a DLT begins in the window.",
            field="onset_on",
        )
    if report.ended_on and report.ended_on < report.onset_on:
        raise Refused(
            f"End: {report.ended_on:%-d %b %Y} is before the onset ({report.onset_on:%-d %b %Y}). "
            "Leave it empty while the event is ongoing.",
            field="ended_on",
        )
    if report.ended_on and report.ended_on > act.clinical_date:
        raise Refused(f"End: {report.ended_on:%-d %b %Y} is in the future.", field="ended_on")
    if report.aware_on and report.aware_on > act.clinical_date:
        raise Refused(f"Aware on: {report.aware_on:%-d %b %Y} is in the future.", field="aware_on")
    if report.aware_on and report.aware_on < report.onset_on:
        raise Refused(
            f"Aware on: {report.aware_on:%-d %b %Y} is before the onset ({report.onset_on:%-d %b %Y}).",
            field="aware_on",
        )
    if unknown := sorted(report.qualifiers.keys() - set(dlt.QUALIFIERS)):
        raise Refused(f"Qualifiers: {unknown[0]!r} is none; known are {', '.join(dlt.QUALIFIERS)}.", field="qualifiers")
    drugs = set(Drug.objects.filter(trial=act.ledger.trial_id).values_list("pk", flat=True))
    for drug, degree in report.relations.items():
        if drug not in drugs or degree not in DEGREES:
            raise Refused("Relation: choose one of the answers for a drug of this trial.", field="relations")


JUDGED = ("term", "grade", "onset_on", "ended_on", "qualifiers", "suspected", "delays_cycle_2", "doses_missed")


def _write(event: AdverseEvent, report: EventReport) -> None:
    event.doses_missed = bool(event.doses_missed)  # null: reported before it was asked
    before = None if event._state.adding else ([getattr(event, name) for name in JUDGED], _relations(event))
    event.term, event.soc = report.term, terms.soc(report.term) or ""
    event.specified, event.grade = report.specified.strip(), report.grade
    event.onset_on, event.ended_on = report.onset_on, report.ended_on
    event.qualifiers = dict(report.qualifiers)
    event.suspected, event.delays_cycle_2 = report.suspected, report.delays_cycle_2
    event.doses_missed = report.doses_missed
    event.serious, event.aware_on = report.serious, report.aware_on
    after = ([getattr(event, name) for name in JUDGED], dict(report.relations))
    if before is not None and before != after and event.verdicts.filter(round=event.round).exists():
        event.round += 1
    event.save()
    stored = {relation.drug_id: relation for relation in Relation.objects.filter(event=event)}
    for drug in stored.keys() | report.relations.keys():
        row = stored.get(drug) or Relation(trial_id=event.trial_id, event=event, drug_id=drug)
        degree = report.relations.get(drug)
        if row.degree == (degree or row.degree) and row.voided == (degree is None) and drug in stored:
            continue
        row.degree, row.voided = degree or row.degree, degree is None
        row.save()


def _relations(event: AdverseEvent) -> dict[UUID, str]:
    return {r.drug_id: r.degree for r in Relation.objects.filter(event=event, voided=False)}


def _event_facts(act: Act, event: AdverseEvent) -> queries.EventFacts:
    derived = queries.one(event.trial_id, event.patient.number, act.clinical_date)
    assert derived is not None
    found = next((facts for facts in derived.events if facts.event.pk == event.pk), None)
    if found is None:
        raise Refused(f"{event.code}: the patient has not had a first dose.")
    return found
