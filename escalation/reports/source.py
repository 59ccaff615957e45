"""What a report is made from: the answers of the pages' own query functions, all of one data cut.

`read` runs under `ledger.as_of` the cut. What is of today is asked before: later cuts, and consents withdrawn since.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from assessments.binomial import Proportion, proportion
from assessments.biomarker.models import Sample
from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from assessments.tables import queries as tables
from assessments.tables.adverse import ALL
from assessments.tables.beyond import InCycle
from assessments.tables.incidence import Followed, followed
from assessments.tables.later import in_cycles
from assessments.tables.page import Links
from assessments.tables.queries import Safety
from assessments.tables.rows import Emergent
from assessments.tables.summary import DltRate, dlt_rates
from trial.models import Trial
from trial.people.access import Scope
from trial.roles import May

from ..display.reader import View
from ..meetings.models import DataCut
from ..meetings.packet import Packet, packet, view_of
from ..situation import held
from ..situation.situation import Situation
from . import audience
from .audience import Kind

NO_LINKS = Links("", {})  # on paper a number opens nothing


@dataclass(frozen=True, slots=True)
class Today:
    """What a report of a past cut must say of today.

    later: the last cut, where it is another one. holds: whether the chain still has the cut's hash.
    without: rows that nobody may read any more. withdrawn: of how many patients they are.
    """

    later: DataCut | None
    holds: bool
    without: frozenset[UUID]
    withdrawn: int


@dataclass(frozen=True)
class Source:
    kind: Kind
    scope: Scope
    cut: DataCut
    before: DataCut | None  # what the members read the last time
    today: Today
    view: View
    packet: Packet
    safety: Safety
    holds: Sequence[held.Spell]

    @property
    def trial(self) -> Trial:
        return self.scope.trial

    @property
    def here(self) -> Situation:
        return self.view.here

    @property
    def n(self) -> int:
        """The safety set."""
        return self.safety.n[ALL]

    @cached_property
    def outcomes(self) -> Mapping[int, str]:
        return {f.patient.number: f.outcome for f in self.here.facts}

    @cached_property
    def dlts(self) -> list[tuple[PatientFacts, EventFacts]]:
        """Adjudicated and suspected DLTs."""
        return [(f, e) for f in self.here.facts for e in f.events if e.state in ("dlt", "suspected")]

    @cached_property
    def rates(self) -> Mapping[str, DltRate]:
        """Of each level that was treated, by its label: patients outside the count too."""
        found = dlt_rates(self.safety.patients, self.outcomes, self.safety.levels)
        return {one.level: one for one in found}

    def counted(self, position: int) -> Proportion:
        """DLTs of the evaluable in the count at a position of the ladder."""
        tally = self.here.tally(position)
        return proportion(tally.dlts, tally.evaluable)

    @cached_property
    def of_patient(self) -> Mapping[int, Sequence[Emergent]]:
        mine: dict[int, list[Emergent]] = {}
        for event in self.safety.emergent:
            mine.setdefault(event.event.patient, []).append(event)
        return mine

    @cached_property
    def followed(self) -> Sequence[Followed]:
        return [followed(one, self.of_patient.get(one.number, [])) for one in self.safety.patients]

    @cached_property
    def beyond(self) -> Sequence[InCycle]:
        return in_cycles(self.here.facts, self.safety.patients, self.safety.on)


def read(trial: Trial, cut: DataCut, before: DataCut | None, kind: Kind, today: Today) -> Source:
    """Under `as_of` the cut. before: the last cut of the meetings before."""
    scope = audience.reader(Trial.objects.get(pk=trial.pk), cut, kind)
    view = view_of(scope, cut)
    if audience.owed(scope.trial, cut, view.here):
        scope = replace(scope, withheld=frozenset({May.READ_FIRMNESS}))
        view = replace(view, scope=scope)
    return Source(
        kind=kind,
        scope=scope,
        cut=cut,
        before=before,
        today=today,
        view=view,
        packet=packet(view, cut, before),
        safety=tables.safety(trial.pk, cut.on),
        holds=held.spells(view.here),
    )


def left_out(without: Collection[UUID]) -> int:
    """Of how many patients rows of the sub-study are left out; asked of today's record."""
    return Sample.objects.filter(pk__in=without).values("patient").distinct().count()
