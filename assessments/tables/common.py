"""What safety pages and endpoints share: the record that they are asked of, as it stands before the reader."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import EventFacts
from escalation.situation import held
from escalation.situation.situation import Situation
from trial.people.access import Scope
from trial.record import ledger

from . import queries
from .behind import Behind, Wanted, behind
from .beyond import InCycle
from .incidence import Followed, followed
from .later import in_cycles
from .queries import Safety
from .rows import Emergent
from .summary import days_held


@dataclass(frozen=True)
class Record:
    """One moment of the record, as far as this reader sees its patients."""

    scope: Scope
    here: Situation | None
    number: int
    safety: Safety
    facts: Sequence[PatientFacts]
    holds: Sequence[held.Spell]

    @property
    def on(self) -> date:
        return self.safety.on

    @cached_property
    def outcomes(self) -> Mapping[int, str]:
        """How each patient counts, in the engine's words."""
        return {f.patient.number: f.outcome for f in self.facts}

    @cached_property
    def dlts(self) -> list[tuple[PatientFacts, EventFacts]]:
        """Adjudicated and suspected DLTs."""
        return [(f, e) for f in self.facts for e in f.events if e.state in ("dlt", "suspected")]

    @cached_property
    def followed(self) -> Mapping[int, Followed]:
        mine: dict[int, list[Emergent]] = {}
        for event in self.safety.emergent:
            mine.setdefault(event.event.patient, []).append(event)
        return {one.number: followed(one, mine.get(one.number, [])) for one in self.safety.patients}

    def behind(self, wanted: Wanted) -> list[Behind]:
        """The patients of a number, with the events that put them there."""
        safety = self.safety
        return behind(wanted, safety.patients, safety.emergent, self.outcomes, self.followed, self.beyond)

    @cached_property
    def beyond(self) -> Sequence[InCycle]:
        """Each patient in each cycle after his DLT window."""
        return in_cycles(self.facts, self.safety.patients, self.on)

    @cached_property
    def levels_held(self) -> list[held.OfLevel]:
        """Of each level the holds while a cohort of it was open, without what this reader may not know."""
        found = held.by_level(self.here) if self.here else []
        return [one._replace(spells=[self._veiled(spell) for spell in one.spells]) for one in found]

    def _veiled(self, spell: held.Spell) -> held.Spell:
        every = self.here.facts if self.here else ()
        said = spell._replace(because=sight.veiled(spell.because, self.scope, every))
        mine = spell.patient is None or any(f.patient.number == spell.patient for f in self.facts)
        return said if mine else said._replace(patient=None, events=())

    @property
    def days_held(self) -> int:
        return days_held([(one.since, one.until) for one in self.holds], self.on)


def record(scope: Scope, here: Situation | None, *, table: Collection[str] | None = None) -> Record:
    """here: where the trial stands; None: nobody asks how patients count, or of holds. table: of `queries.safety`."""
    site, number = scope.site.pk if scope.site else None, ledger.number_of(scope.trial.pk)
    safety = queries.safety(scope.trial.pk, scope.days, site, table=table)
    if here is None:
        return Record(scope, None, number, safety, [], [])
    facts = [f for f in here.facts if scope.sees(f.patient.site_id)]
    holds = [one._replace(because=sight.veiled(one.because, scope, here.facts)) for one in held.spells(here)]
    return Record(scope, here, number, safety, facts, holds)
