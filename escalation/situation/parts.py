"""What is read of a trial to say where it stands, in one statement, and the models that are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments.count import queries as count
from assessments.count.queries import Records
from patients.models import Cohort, Patient, PatientStanding, Slot, Treatment
from trial import protocol_settings
from trial.models import Dose, DoseLevel, LadderStep, ProtocolVersion
from trial.queries import Protocol
from trial.record import rows
from trial.record.rows import Made, Row, Rows

from ..models import BasisChanged, DataCut, Decision, Ending, Hold, Meeting

# In the order in which they point to one another.
TABLES = (*count.TABLES, LadderStep, Meeting, DataCut, Decision, Ending, BasisChanged, Hold)
BESIDE = (Slot, PatientStanding)  # no model of the situation is made of them: see `Situation.taken` and `slots`

# Which version of each decision's row lies in the database. A decision is never updated, so another one says that it
# was, past the program; and unlike a hash of what is stored it costs a page nothing.
VERSIONS = "ARRAY(SELECT xmin::text || ctid::text FROM escalation_decision WHERE trial_id = {} ORDER BY number)"


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a trial at one moment."""

    rows: Rows
    stored: Sequence[str]  # which version of the row of each decision was read

    def same(self, other: "Read") -> bool:
        """Whether all that models are made of is the same, row by row."""
        return all(self.rows[model] == other.rows[model] for model in TABLES)


@dataclass(frozen=True, slots=True)
class Parts:
    """The models made of them."""

    protocol: Protocol
    records: Records  # what the facts follow from
    cohort: Cohort | None  # the open one of the escalation
    outside: Sequence[Cohort]  # the open ones outside the count
    paper: Sequence[Cohort]  # levels opened outside the system, in order
    paper_rev: int  # number of the last change of any of them, taken back ones too; 0 without any
    decisions: Sequence[Decision]  # all, withdrawn ones too, in order, with their endings
    stops: Sequence[Hold]  # of the whole trial, by a person or the rule, not lifted
    basis_changes: Sequence[BasisChanged]  # of signed decisions, all of them, in order


def read(trial: UUID) -> Read:
    return Read(*rows.read(trial, (*TABLES, *BESIDE), VERSIONS.format("%(trial)s")))


def made_of(said: Rows) -> Parts | None:
    """None before the protocol is written."""
    made = Made({model: said[model] for model in TABLES})
    records = count.records_of(made)
    protocol = _protocol(made, records)
    if protocol is None:
        return None
    on_paper = [c for c in made.all(Cohort) if c.paper_on]
    still_open = [c for c in made.all(Cohort) if c.closed_at is None and not c.voided]
    return Parts(
        protocol=protocol,
        records=records,
        cohort=next((c for c in still_open if c.role is None), None),
        outside=sorted((c for c in still_open if c.role), key=lambda c: c.number),
        paper=sorted((c for c in on_paper if not c.voided), key=lambda c: (c.paper_on, c.number)),
        paper_rev=max((c.rev for c in on_paper), default=0),
        decisions=sorted(made.all(Decision), key=lambda d: d.number),
        stops=[hold for hold in made.all(Hold) if hold.lifted_by_id is None],
        basis_changes=sorted(made.all(BasisChanged), key=lambda change: change.rev),
    )


def _protocol(made: Made, records: Records) -> Protocol | None:
    """The version in force: the last one."""
    version = max(made.all(ProtocolVersion), key=lambda v: v.number, default=None)
    if version is None:
        return None
    steps = sorted((s for s in made.all(LadderStep) if s.version_id == version.pk), key=lambda s: s.position)
    for level in made.all(DoseLevel):
        rows.prefetched(level, "doses", records.planned.get(level.pk, []), Dose)
    return Protocol(version, protocol_settings.from_json(version.settings), [step.dose_level for step in steps])


def slots(said: Rows, state: Slot.State) -> list[Slot]:
    """Slots in that state, in order."""
    found = [rows.make(Slot, row) for row in said[Slot].values() if row["state"] == state]
    return sorted(found, key=lambda slot: slot.number)


def taken(said: Rows, cohort: Cohort, on: date) -> int:
    """Slots granted or enrolled in an open escalation cohort, not yet dosed."""
    # of an earlier escalation cohort of the same level too: they start in the open one's places
    level = str(cohort.dose_level_id)
    alike = {row["id"] for row in said[Cohort].values() if row["role"] is None and row["dose_level_id"] == level}
    treated = {row["patient_id"] for row in said[Treatment].values() if not row["voided"]}
    dosed = {row["slot_id"] for row in said[Patient].values() if row["id"] in treated}

    def takes(slot: Row) -> bool:
        if slot["state"] == Slot.State.GRANTED:
            return bool(slot["cohort_id"] == str(cohort.pk) and (slot["held_until"] or "") >= on.isoformat())
        return slot["state"] == Slot.State.ENROLLED and slot["cohort_id"] in alike and slot["id"] not in dosed

    return sum(not slot["voided"] and takes(slot) for slot in said[Slot].values())
