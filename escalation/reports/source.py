"""What a report is made from: the answers of the pages' own query functions, all of one data cut.

`read` runs under `ledger.as_of` the cut. What is of today is asked before: later cuts, and consents withdrawn since.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from assessments.binomial import Proportion, proportion
from assessments.biomarker.models import Sample
from assessments.biomarker.queries import participants
from assessments.count.queries import PatientFacts
from assessments.endpoints import queue
from assessments.endpoints.models import EndpointRun
from assessments.endpoints.models import Kind as Run
from assessments.events.facts import EventFacts
from assessments.imwg.terms import settings_of
from assessments.response.queries import Course, timelines_read
from assessments.tables import queries as tables
from assessments.tables.adverse import ALL
from assessments.tables.beyond import InCycle
from assessments.tables.incidence import Followed, followed
from assessments.tables.later import in_cycles
from assessments.tables.page import Links
from assessments.tables.queries import Safety
from assessments.tables.rows import Emergent
from assessments.tables.summary import DltRate, dlt_rates
from patients.models import Consent
from trial.models import Trial
from trial.people.access import Scope
from trial.record.cuts import Cut
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
    def efficacy(self) -> list[EndpointRun]:
        return self._runs(Run.EFFICACY)

    @cached_property
    def biomarker(self) -> list[EndpointRun]:
        return self._runs(Run.BIOMARKER)

    def _runs(self, kind: str) -> list[EndpointRun]:
        """The analyses of this very cut under each set of settings: those that are stored are of other moments."""
        if not self.n:
            return []
        cut = Cut(self.trial.pk, self.cut.record, self.cut.on, self.cut.hash)
        return queue.of_cut(cut, kind, import_string(settings.ANALYSES)[kind])

    @cached_property
    def courses(self) -> list[Course]:
        """Every treated patient's disease, by first dose, as the Response page derives it."""
        treated = [f.patient for f in self.here.facts]
        return timelines_read(treated, self.scope.days, settings_of(self.here.protocol.settings))

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
        safety=tables.safety(trial.pk, scope.days),
        holds=held.spells(view.here),
    )


def consents_of_who_left(trial: UUID) -> frozenset[UUID]:
    """The consents to the sub-study of the patients who have withdrawn it by today: they stand in no later analysis."""
    left = [one.patient.slot_id for one in participants(trial) if not one.analysed]
    rows = Consent.objects.filter(trial=trial, kind=Consent.Kind.BIOMARKER, slot__in=left)
    return frozenset(rows.values_list("pk", flat=True))


def last_cut(trial: UUID) -> DataCut | None:
    """The last one that any meeting froze."""
    return DataCut.objects.filter(trial=trial, voided=False).select_related("meeting").order_by("record").last()


def left_out(without: Collection[UUID]) -> int:
    """Of how many patients rows of the sub-study are left out; asked of today's record."""
    return Sample.objects.filter(pk__in=without).values("patient").distinct().count()
