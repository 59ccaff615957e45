"""What safety pages and endpoints share: the record that they are asked of, as it stands or as a meeting froze it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import EventFacts
from escalation.meetings.packet import reading
from escalation.models import DataCut
from escalation.situation import held
from escalation.situation import queries as situations
from escalation.situation.situation import Situation
from trial import clock
from trial.models import Trial
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
    """One moment of the record, as far as this reader sees its patients. cut: None of the record as it stands."""

    scope: Scope
    cut: DataCut | None
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

    @property
    def days_held(self) -> int:
        return days_held([(one.since, one.until) for one in self.holds], self.on)


def record(scope: Scope, here: Situation | None, cut: DataCut | None, *, whole: bool = True) -> Record:
    """Outermost transaction where a cut is asked for. here: where the trial stands.

    whole: no where events alone are counted; nobody then asks how patients count, of exposure or of holds.
    """
    site = scope.site.pk if scope.site else None
    trial = scope.trial
    if cut is None:
        number = ledger.number_of(trial.pk)
        safety = queries.safety(trial.pk, scope.today, site, exposure=whole)
        return _record(scope, None, number, safety, here)
    with ledger.as_of(trial.pk, cut.record):
        then = _then(trial, cut) if whole else None
        safety = queries.safety(trial.pk, cut.on, site, exposure=whole)
        return _record(scope, cut, cut.record, safety, then)


def _then(trial: Trial, cut: DataCut) -> Situation | None:
    return situations.situation(trial, clock.Today(cut.on, cut.at), number=cut.record, reading=reading(cut))


def _record(scope: Scope, cut: DataCut | None, number: int, safety: Safety, here: Situation | None) -> Record:
    if here is None:
        return Record(scope, cut, number, safety, [], [])
    facts = [f for f in here.facts if scope.sees(f.patient.site_id)]
    holds = [one._replace(because=sight.veiled(one.because, scope, here.facts)) for one in held.spells(here)]
    return Record(scope, cut, number, safety, facts, holds)
