"""Where the trial stands, computed from the records on each read: one function for pages, API and services."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.db.models import Q
from django.db.models.expressions import RawSQL

from assessments.count import queries as assessments
from assessments.count.queries import PatientFacts
from assessments.dlt.version import TODAY, Reading
from patients.models import Cohort, Slot
from trial import queries as ground
from trial.models import AuditEvent, Ledger, ProtocolVersion, Signature, Trial
from trial.people import access
from trial.people.entry import Stamp
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.record import ledger
from trial.record.kept import Kept
from trial.refusals import Refused

from ..engine import terms as engine
from ..engines import recommend
from ..models import BasisChanged, Decision, Hold
from ..stored import answer as stored_answer
from .changes import grouped, unanswered
from .situation import Held, Situation


def rule_of(settings: ProtocolSettings) -> engine.Rule:
    """The engine's rule of a protocol version."""
    return engine.Rule(
        variant=engine.Variant(settings.variant),
        a=settings.a,
        b=settings.b,
        c=settings.c,
        d=settings.d,
        e=settings.e,
        early_stop=settings.early_stop,
    )


def engine_inputs(protocol: Protocol, facts: Sequence[PatientFacts], closed_by_committee: int | None) -> dict[str, Any]:
    """The engine's input as stored with a decision; patients carry their number and dose level besides."""
    s = protocol.settings
    return {
        "variant": s.variant,
        "levels": len(protocol.levels),
        "start": s.start,
        "settings": {"a": s.a, "b": s.b, "c": s.c, "d": s.d, "e": s.e, "early_stop": s.early_stop},
        "closed_by_committee": closed_by_committee,
        "patients": [
            {
                "patient": f.patient.number,
                "dose_level": str(f.level.pk),
                "level": protocol.position(f.level.pk),
                "outcome": f.outcome,
                "role": f.patient.role,
            }
            for f in facts
            if f.dosed
        ],
    }


def closed_by_committee(protocol: Protocol, in_force: Sequence[Decision]) -> int | None:
    """The lowest level that a decision in force closed, by its position on this version's ladder."""
    closed = [p for d in in_force if d.closes_id and (p := protocol.position(d.closes_id))]
    return min(closed, default=None)


READS = {  # tables: while none of them is written, what was read of them holds
    "protocol": {
        "trial_protocolversion",
        "trial_ladderstep",
        "trial_doselevel",
        "trial_dose",
        "trial_drug",
    },
    "records": {
        "trial_trial",
        "trial_site",
        "trial_drug",
        "trial_doselevel",
        "trial_dose",
        "trial_protocolversion",
        "patients_patient",
        "patients_cohort",
        "patients_treatment",
        "patients_dosetaken",
        "assessments_adverseevent",
        "assessments_relation",
        "assessments_dltverdict",
        "assessments_evaluability",
    },
    "decisions": {
        "trial_doselevel",
        "trial_protocolversion",
        "patients_cohort",
        "escalation_decision",
        "escalation_ending",
        "escalation_datacut",
        "escalation_meeting",
    },
    "cohort": {"patients_cohort", "trial_doselevel"},
    "basis_changes": {"escalation_basischanged", "escalation_decision", "patients_patient"},
    "stops": {"escalation_hold"},
}
_kept: Kept[Situation] = Kept(most=64)


def situation(
    trial: Trial,
    on: date,
    *,
    number: int | None = None,
    was: Situation | None = None,
    wrote: frozenset[str] = frozenset(),
    reading: Reading = TODAY,
) -> Situation | None:
    """Where the trial stands on the clinical date `on`; None before its protocol is written.

    reading: of the rules from event to count; another one than today's for what was read by that, a replay or a cut.
    was, wrote: a situation read before, and the tables written since: what they did not touch is not read again.
    A flat number of queries, however many patients there are.
    """

    def holds(part: str) -> bool:
        return was is not None and not wrote & READS[part]

    protocol = was.protocol if was and holds("protocol") else ground.protocol(trial.pk)
    if protocol is None:
        return None
    records = was.records if was and holds("records") else assessments.records(trial.pk)
    # versions before rows: what is changed between the two reads is seen at the next look
    stored = was.stored if was and holds("decisions") else _stored(trial.pk)
    every = was.decisions if was and holds("decisions") else decisions(trial.pk)
    cohort = was.cohort if was and holds("cohort") else _open_cohort(trial.pk)
    basis_changes = was.basis_changes if was and holds("basis_changes") else _basis_changes(trial.pk)
    stops = was.stops if was and holds("stops") else list(Hold.objects.filter(trial=trial, lifted_by=None))
    facts = assessments.derived(records, on, reading)
    in_force = [d for d in every if getattr(d, "ending", None) and d.ending.in_force]
    inputs = engine_inputs(protocol, facts, closed_by_committee(protocol, in_force))
    advice = recommend(inputs)
    changes = unanswered(basis_changes, in_force)
    return Situation(
        trial=trial,
        on=on,
        number=ledger.number_of(trial.pk) if number is None else number,
        protocol=protocol,
        records=records,
        facts=facts,
        inputs=inputs,
        advice=advice,
        cohort=cohort,
        taken=_taken(cohort, on) if cohort else 0,
        decisions=every,
        stored=stored,
        in_force=in_force,
        proposed=next((d for d in every if not getattr(d, "ending", None)), None),
        stops=stops,
        holds=_holds(every, stops, changes, facts, protocol),
        basis_changes=basis_changes,
        changes=changes,
    )


def under(act: ledger.Act) -> Situation:
    """The situation that a service re-reads under the lock of its action. Refused before the protocol is written."""
    assert act.trial is not None
    found = situation(act.trial, act.clinical_date, number=act.ledger.number)
    if found is None:
        raise Refused("The protocol is not written yet.")
    act.seen = found
    return found


def after(act: ledger.Act) -> Situation | None:
    """Where the trial stands after what the action wrote: read anew is what it touched.

    The rest is what the service read under this lock, or what was kept under the head that the lock still shows.
    """
    assert act.trial is not None
    seen = act.seen if isinstance(act.seen, Situation) else _known(act.trial.pk, act.ledger.head, None)
    return situation(act.trial, act.clinical_date, number=act.ledger.number, was=seen, wrote=act.wrote)


def keep(act: ledger.Act, here: Situation) -> None:
    """Keep the situation that the action leaves, under the head that will seal it."""
    left = replace(here, number=act.number)
    act.sealed = lambda head: _kept.put(left.trial.pk, head, left)


def here(scope: access.Scope, at: Stamp | None = None) -> Situation | None:
    """The trial today, for a page or an endpoint; read again only when the record has moved since.

    at: where the record stood when the request entered, if nothing was written in between; None asks anew.
    """
    trial, on = scope.trial, scope.today
    if ledger.in_the_past():
        return situation(trial, on)
    number, head, stored = (at.number, at.head, at.besides["decisions"]) if at else _head(trial.pk)
    known = _known(trial.pk, head, stored)
    if known and known.on == on:
        return known
    found = situation(trial, on, number=number, was=known)
    if found and ledger.head_of(trial.pk) == (number, head):  # nothing was written while it was read
        _kept.put(trial.pk, head, found)
    return found


# Which version of each decision's row lies in the database. A decision is never updated, so another one says that it
# was, past the program; and unlike a hash of what is stored it costs a page nothing.
_VERSIONS = "ARRAY(SELECT xmin::text || ctid::text FROM escalation_decision WHERE trial_id = {} ORDER BY number)"
STORED = _VERSIONS.format("t.id")  # read with the trial at the door (settings.STAMPS)


def _head(trial: UUID) -> tuple[int, str, list[str]]:
    """The number of the trial's last action, the hash that seals it, and the row versions of its decisions."""
    stored = RawSQL(_VERSIONS.format("trial_ledger.trial_id"), [])
    number, head, versions = Ledger.objects.values_list("number", "head", stored).get(trial=trial)
    return number, head, versions


def stamps(trials: Sequence[UUID]) -> dict[UUID, Stamp]:
    """Where the record of each of these trials stands, in one statement."""
    stored = RawSQL(_VERSIONS.format("trial_ledger.trial_id"), [])
    rows = Ledger.objects.filter(trial__in=trials).values_list("trial", "number", "head", stored)
    return {trial: Stamp(number, head, {"decisions": versions}) for trial, number, head, versions in rows}


def _stored(trial: UUID) -> list[str]:
    return _head(trial)[2]


def _known(trial: UUID, head: str, stored: Sequence[str] | None) -> Situation | None:
    """What was kept under this head, unless a decision has been changed behind the program's back since.

    stored: the row versions of the decisions now; None reads them.
    """
    known = _kept.get(trial, head)
    return known if known and (stored if stored is not None else _stored(trial)) == known.stored else None


def _taken(cohort: Cohort, on: date) -> int:
    granted = Q(state=Slot.State.GRANTED, held_until__gte=on)
    # of an earlier escalation cohort of the same level too: they start in the open one's places
    level = Q(cohort__trial=cohort.trial_id, cohort__dose_level=cohort.dose_level_id, cohort__role=None)
    enrolled = level & Q(state=Slot.State.ENROLLED, patient__treatment=None)
    return Slot.objects.filter(Q(granted, cohort=cohort) | enrolled, voided=False).count()


def decisions(trial: UUID) -> Sequence[Decision]:
    """All decisions in order, with their endings."""
    return list(
        Decision.objects.filter(trial=trial)
        .select_related("ending__cohort", "dose_level", "protocol", "proposed_by", "cut__meeting")
        .order_by("number")
    )


def signatures(trial: UUID) -> dict[UUID, list[Signature]]:
    """Signatures by the id of what was signed."""
    found: dict[UUID, list[Signature]] = {}
    for signature in Signature.objects.filter(trial=trial).order_by("signed_at"):
        found.setdefault(signature.subject, []).append(signature)
    return found


def open_changes(trial: UUID, in_force: Sequence[Decision]) -> list[BasisChanged]:
    """Changes of a decision's basis that no later decision has answered."""
    return unanswered(_basis_changes(trial), in_force)


def _basis_changes(trial: UUID) -> list[BasisChanged]:
    """Every change of the basis of any decision, in order."""
    return list(BasisChanged.objects.filter(trial=trial).select_related("decision", "patient").order_by("rev"))


def _open_cohort(trial: UUID) -> Cohort | None:
    return (
        Cohort.objects.filter(trial=trial, closed_at=None, voided=False, role=None).select_related("dose_level").first()
    )


def _holds(
    every: Sequence[Decision],
    stops: Sequence[Hold],
    changes: Sequence[BasisChanged],
    facts: Sequence[PatientFacts],
    protocol: Protocol,
) -> list[Held]:
    held = [
        Held(
            f"The stored answer of decision {d.number} cannot be read: {wrong}. "
            "Enrolment is closed until it is looked into.",
            kind=Held.Kind.UNREADABLE,
            decision=d.number,
        )
        for d in every
        if (wrong := stored_answer.fault(d.recommendation))
    ]
    held += [Held(f"Enrolment is held: {stop.reason.rstrip('.')}.") for stop in stops]
    held += [Held(late.sentence, late.position, Held.Kind.BASIS) for late in grouped(changes, protocol)]
    for f in facts:
        if f.outcome == "suspected" and (at := protocol.position(f.level.pk)):
            held.append(
                Held(
                    f"Patient {f.patient.code} has a suspected DLT; it must be adjudicated first.",
                    at,
                    Held.Kind.SUSPECTED,
                )
            )
    return held


def why_closed(here: Situation) -> str:
    """One sentence: why no slot is free, with the earliest date on which one may open; "" when one is free."""
    if here.free:
        return ""
    if here.conclusion:
        return f"Escalation has ended with decision {here.conclusion.number}."
    if here.cohort is None or here.position is None:
        return "The trial is not open yet: decision 0 opens it." if not here.in_force else "No cohort is open."
    name = f"level {here.protocol.level(here.position).label}"
    if held := here.held_at(here.position):
        return held[0].sentence
    if here.advice.level != here.position or here.decision_due:
        return f"No slot is free at {name}: a decision is due. {here.because}"
    if here.startable and here.taken:
        return f"No slot is free at {name}: {here.taken} held for patients who have not started."
    if ends := [f for f in here.counted_at(here.position) if f.outcome == "pending" and f.window_ends_on]:
        last = max(ends, key=lambda f: f.window_ends_on or date.min)
        assert last.window_ends_on
        return (
            f"No slot is free at {name}. The next opens on {last.window_ends_on + timedelta(days=1):%-d %b %Y} at the "
            f"earliest: patient {last.patient.code} is on day {last.window_day} of {last.window_days}."
        )
    return f"No slot is free at {name}. {here.because}"


def since(trial: UUID, number: int) -> list[AuditEvent]:
    """What was written after `number`, for the sentence that says what changed."""
    return list(
        AuditEvent.objects.filter(ledger__trial=trial, number__gt=number).select_related("by").order_by("number")
    )


def decision(trial: UUID, number: int) -> Decision | None:
    """Decision `number` with its ending."""
    return next((d for d in decisions(trial) if d.number == number), None)


def basis_changes(decision: UUID) -> list[BasisChanged]:
    """Everything that has changed in the basis of a decision since it was signed."""
    return list(BasisChanged.objects.filter(decision=decision).select_related("patient").order_by("rev"))


def token(scope: access.Scope, at: Stamp | None = None) -> str:
    """Stands for what a page shows this reader: another number, day, release, role or site is another token.

    Take it before the page's other reads, so that what comes in between shows as a change. at: as for `here`.
    """
    parts = (
        scope.trial.pk,
        at.number if at else ledger.number_of(scope.trial.pk),
        scope.today,
        django_settings.RELEASE,
        scope.role,
        scope.site.pk if scope.site else "",
    )
    return hashlib.sha256(".".join(map(str, parts)).encode()).hexdigest()[:24]


def running() -> list[UUID]:
    """Trials with a protocol: those whose new day is settled."""
    written = ProtocolVersion.objects.values("trial")
    return list(Trial.objects.filter(voided=False, pk__in=written).values_list("pk", flat=True))
