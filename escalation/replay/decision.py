"""The replay of a signed decision: is what was stored what the record, the protocol then and the engine then give?

The facts are read again as of the number before the decision's own, which is the state that the signing service
read under its lock, on the clinical date of that action, by the version of the rules that the decision names. Rebuilt
are the engine's inputs, the protocol version in force, the answer of the engine that the decision names, and whether
the outcome was one that could be decided. What the rules and the engine of today say stands beside it, where they are
others, and decides nothing.

A decision about patients outside the count (expansion, backfill) was recommended by no engine: of it the inputs are
rebuilt, with the running DLT rates of every level, and whether its rules allowed it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from assessments.count import queries as assessments
from assessments.dlt import version as rules
from trial import clock
from trial.models import Signature, Trial
from trial.record import ledger
from trial.refusals import Refused

from .. import engines
from ..decisions import services as decisions
from ..engine import terms as engine
from ..models import Decision, OutsideDecision
from ..outside import choices as outside_choices
from ..outside import queries as outside
from ..outside import services as outside_services
from ..situation import choices, queries
from ..situation import situation as standing
from ..situation.situation import Outcome, Situation
from ..stored import answer as stored_answer
from ..stored import inputs as stored_inputs

DESIGN = ("variant", "levels", "start", "settings", "closed_by_committee")


@dataclass(frozen=True, slots=True)
class Input:
    """One patient in the inputs, or one part of the design: as stored and as rebuilt, None where it is missing."""

    name: int | str  # the patient's number, or the part of the design
    stored: Any
    rebuilt: Any

    @property
    def same(self) -> bool:
        return bool(self.stored == self.rebuilt)


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision beside its replay. It holds when there is no difference."""

    code: str  # "3", or "E1" for one outside the count
    number: int  # the record number as of which it was replayed
    on: date  # the clinical date then
    engine_version: str
    rules_version: str  # of the rules from event to count
    protocol: int | None  # the version in force then; None: no protocol was written
    patients: Sequence[Input]
    design: Sequence[Input]
    stored: Mapping[str, Any] | None  # the engine's answer as signed, empty if unreadable; None outside the count
    replayed: Mapping[str, Any] | None  # what the engine of that version answers to the stored inputs
    today: Mapping[str, Any] | None  # what the present engine answers to them, when its version is another
    patients_today: Sequence[Input]  # stored beside the rules of today, when their version is another
    rates: Sequence[outside.Rate]  # rebuilt, outside the count alone
    differences: Sequence[str]  # a sentence each
    notes: Sequence[str]  # what this replay does not cover, and why
    unreadable: str = ""  # why its stored inputs cannot be read; then nothing of them is compared

    @property
    def holds(self) -> bool:
        return not self.differences


def replay(d: Decision) -> Replay:
    """The replay of a decision of the escalation, proposed and withdrawn ones too. Outermost transaction."""
    stored = stored_answer.readable(d.recommendation) or {}
    if wrong_shape := stored_inputs.fault(d.inputs):
        return _unreadable(d, str(d.number), wrong_shape, engine_version=d.engine_version, stored=stored)
    with ledger.as_of(d.trial_id, d.rev - 1):
        here = _here(d)
        wrong = _refusal(here, d) if here else []
    notes = []
    if d.engine_version != engine.VERSION:
        notes.append("Whether its outcome was among those that could be decided is said by the present engine alone.")
    stored_with = _tried(d.engine_version, d.inputs)
    today = _tried(engine.VERSION, d.inputs) if d.engine_version != engine.VERSION else None
    if d.engine_version not in engines.ANSWERS:
        wrong.append(f"Engine {d.engine_version}, that it was made with, is not kept here: its answer is not replayed.")
    elif unreadable := stored_answer.fault(d.recommendation):
        wrong.append(f"The stored answer cannot be read: {unreadable}.")
    elif stored_with != d.recommendation:
        wrong.append(_answers(d.recommendation, stored_with, d.engine_version))
    return _replay(
        d,
        str(d.number),
        here,
        [*wrong, *_bound(d, decisions.content_hash(d), engine_version=d.engine_version)],
        notes,
        engine_version=d.engine_version,
        stored=stored,
        replayed=stored_with,
        today=today,
    )


def replay_outside(d: OutsideDecision) -> Replay:
    """The replay of a decision about patients outside the count. Outermost transaction."""
    version = _basis(d.basis).get("engine", "")
    if wrong_shape := stored_inputs.fault(d.inputs):
        return _unreadable(d, d.code, wrong_shape, engine_version=version)
    rates: list[outside.Rate] = []
    wrong: list[str] = []
    notes = ["No engine recommends outside the count: replayed are its inputs, the running rates and its rules."]
    with ledger.as_of(d.trial_id, d.rev - 1):
        here = _here(d)
        if here and version == engine.VERSION:
            rates = outside.rates(here, outside.decisions(d.trial_id))
            try:
                position = here.protocol.position(d.dose_level_id) or 0
                outside_choices.check(here, outside.places(here), rates, d.act, d.role, position)
            except Refused as refusal:
                wrong.append(f"It could not be decided on the state then: {refusal}")
    if version != engine.VERSION:
        notes.append(f"It was made with engine {version or '?'}; whether its rules allowed it is not replayed.")
    bound = _bound(d, outside_services.content_hash(d), engine_version=version)
    return _replay(d, d.code, here, [*wrong, *bound], notes, engine_version=version, rates=rates)


def of(trial: UUID, decision: UUID) -> Replay | None:
    """The replay of the decision with this id, of either kind; None when the trial has none."""
    for row in queries.decisions(trial):
        if row.pk == decision:
            return replay(row)
    return next((replay_outside(row) for row in outside.decisions(trial) if row.pk == decision), None)


def every(trial: UUID) -> Iterator[Replay]:
    """The replays of all decisions of a trial: those of the escalation in order, then those outside the count."""
    for decision in queries.decisions(trial):
        yield replay(decision)
    for other in outside.decisions(trial):
        yield replay_outside(other)


def _here(d: Decision | OutsideDecision) -> Situation | None:
    """The state that the signing service read; inside `as_of`."""
    trial = Trial.objects.filter(pk=d.trial_id).first()
    if trial is None:
        return None
    today = clock.today(d.proposed_at, trial.time_zone)
    return queries.situation(trial, today, number=d.rev - 1, reading=rules.reading_of(d.rules_version) or rules.TODAY)


def _replay(
    d: Decision | OutsideDecision,
    code: str,
    here: Situation | None,
    wrong: Sequence[str],
    notes: Sequence[str],
    *,
    engine_version: str,
    stored: Mapping[str, Any] | None = None,
    replayed: Mapping[str, Any] | None = None,
    today: Mapping[str, Any] | None = None,
    rates: Sequence[outside.Rate] = (),
) -> Replay:
    patients, design = _patients(d.inputs, here.inputs if here else {}), _design(d.inputs, here.inputs if here else {})
    differences = [*_rebuilt(d, here, patients, design), *wrong]
    version = rules.of_stored(d.rules_version)
    if rules.reading_of(version) is None:
        differences.append(f"Rules {version}, that its patients were derived by, are not kept here: read by today's.")
    return Replay(
        code=code,
        number=d.rev - 1,
        on=here.on if here else clock.clinical_date(d.proposed_at, "UTC"),
        engine_version=engine_version,
        rules_version=version,
        protocol=here.protocol.version.number if here else None,
        patients=patients,
        design=design,
        stored=stored,
        replayed=replayed,
        today=today,
        patients_today=_patients(d.inputs, _by_today(here)) if here and version != rules.VERSION else [],
        rates=rates,
        differences=differences,
        notes=notes,
    )


def _unreadable(
    d: Decision | OutsideDecision,
    code: str,
    wrong: str,
    *,
    engine_version: str,
    stored: Mapping[str, Any] | None = None,
) -> Replay:
    """A replay that ends where it begins: at inputs whose shape somebody has broken."""
    with ledger.as_of(d.trial_id, d.rev - 1):
        here = _here(d)
    return Replay(
        code=code,
        number=d.rev - 1,
        on=here.on if here else clock.clinical_date(d.proposed_at, "UTC"),
        engine_version=engine_version,
        rules_version=rules.of_stored(d.rules_version),
        protocol=here.protocol.version.number if here else None,
        patients=[],
        design=[],
        stored=stored,
        replayed=None,
        today=None,
        patients_today=[],
        rates=(),
        differences=[f"The stored inputs cannot be read: {wrong}."],
        notes=[],
        unreadable=wrong,
    )


def _by_today(here: Situation) -> dict[str, Any]:
    """The inputs that the rules of today give to the same record."""
    facts = assessments.derived(here.records, here.today)
    return queries.engine_inputs(here.protocol, facts, queries.closed_by_committee(here.protocol, here.in_force))


def _patients(stored: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> list[Input]:
    was = {p.get("patient"): p for p in stored.get("patients", ())}
    now = {p.get("patient"): p for p in rebuilt.get("patients", ())}
    numbers = [*was, *(number for number in now if number not in was)]
    return [Input(number, was.get(number), now.get(number)) for number in numbers]


def _design(stored: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> list[Input]:
    return [Input(part, stored.get(part), rebuilt.get(part)) for part in DESIGN]


def _rebuilt(
    d: Decision | OutsideDecision, here: Situation | None, patients: Sequence[Input], design: Sequence[Input]
) -> Iterator[str]:
    """In what the inputs and the protocol differ from those of the record then."""
    if here is None:
        yield f"No protocol was in force as of record no. {d.rev - 1}."
        return
    for row in patients:
        if not row.same:
            yield f"Patient {str(row.name).zfill(3)}: stored {_entry(row.stored)}, rebuilt {_entry(row.rebuilt)}."
    for row in design:
        if not row.same:
            yield f"The protocol's {row.name}: stored {row.stored}, rebuilt {row.rebuilt}."
    alike = all(row.same for row in (*patients, *design))
    if alike and standing.inputs_hash(d.inputs) != here.inputs_hash:
        yield "The stored inputs are the same patients and settings, but not in the record's order and shape."
    if d.protocol_id != here.protocol.version.pk:
        yield f"Protocol version: stored {d.protocol.number}, in force then {here.protocol.version.number}."


def _entry(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "not there"
    return f"{entry.get('outcome')}, {entry.get('role')}, level at position {entry.get('level')}"


def _refusal(here: Situation, d: Decision) -> list[str]:
    """Whether the outcome could be decided on the state then, with the level that it closed."""
    if d.engine_version != engine.VERSION:
        return []
    try:
        choice = choices.choose(here, Outcome(d.outcome), d.position)
    except (Refused, ValueError) as refusal:
        return [f"It could not be decided on the state then: {refusal}"]
    closed = choices.closes(here, choice)
    if (closed and closed.pk) != d.closes_id:
        return ["The level that it closes is not the one that follows from the state then."]
    return []


def _tried(version: str, inputs: dict[str, Any]) -> engines.Answer | None:
    """The engine's answer; None when that engine is not kept, or cannot read inputs that somebody has spoilt."""
    try:
        return engines.answer(version, inputs)
    except ValueError:
        return None


def _answers(stored: Mapping[str, Any], replayed: Mapping[str, Any] | None, version: str) -> str:
    if replayed is None:
        return f"Engine {version} cannot read the stored inputs."
    parts = [part for part in sorted({*stored, *replayed}) if stored.get(part) != replayed.get(part)]
    said = "; ".join(f"{part}: stored {stored.get(part)}, replayed {replayed.get(part)}" for part in parts)
    return f"Engine {version} answers differently to the stored inputs: {said}."


def _basis(basis: str) -> dict[str, str]:
    """The parts of a basis token; empty for one that is none."""
    parts = basis.split(".")
    return dict(zip(("number", "date", "engine", "settings", "inputs"), parts, strict=True)) if len(parts) == 5 else {}


def _bound(d: Decision | OutsideDecision, content: str, *, engine_version: str) -> list[str]:
    """Whether basis, content hash and signatures are still bound to what is stored."""
    wrong = []
    said = _basis(d.basis)
    stored = (engine_version, str(d.protocol.number), standing.inputs_hash(d.inputs))
    if (said.get("engine"), said.get("settings"), said.get("inputs")) != stored:
        wrong.append("The basis that the signers saw is not that of the stored inputs, protocol version and engine.")
    if content != d.content:
        wrong.append("The stored content no longer has the hash that the signatures are bound to.")
    wrong += [
        f"The signature of {signature.name} is bound to another content."
        for signature in Signature.objects.filter(subject=d.pk).order_by("signed_at")
        if signature.content != d.content
    ]
    return wrong
