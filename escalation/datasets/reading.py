"""What several data sets take from the same queries and rules: read once for all of them, in flat memory.

Of every patient little is kept; events, doses and assessments are read for some patients at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from assessments.biomarker import queries as biomarker
from assessments.count import pieces
from assessments.count import queries as count
from assessments.count.queries import PatientFacts
from assessments.endpoints import settings_sets
from assessments.endpoints.inputs import COUNTED
from assessments.endpoints.settings_sets import PRIMARY
from assessments.events.facts import EventFacts
from assessments.events.sight import opened
from assessments.imwg.terms import Evaluation, ResponseSettings, settings_of
from assessments.models import DltVerdict
from assessments.response import queries as response
from assessments.response.derivation import Known, concluded, judged
from assessments.times import Times
from trial import queries as ground
from trial.models import Dose, Drug
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.record import ledger

from . import subjects
from .definition import Source
from .subjects import Subject

AT_ONCE = 50  # patients


@dataclass(frozen=True, slots=True)
class Finding:
    """An event that the count looked at: in the words of `dlt.event_state`, but for those that are none.

    verdicts: those that may be seen, which is none before the first two readers have answered.
    """

    number: int
    term: str
    state: str
    criterion: str  # of the verdicts, else of the rule; "" for none
    day: int  # of the study, of the onset
    because: str
    verdicts: Sequence[DltVerdict]


@dataclass(frozen=True, slots=True)
class Counted:
    """A patient as the count sees him. findings: by the number of the event."""

    outcome: str  # in the engine's words, or not_dosed
    because: str
    role: str  # escalation, or expansion or backfill outside the count
    window_days: int | None
    window_ends: date | None
    enough_drug: bool | None
    findings: Mapping[int, Finding]

    @property
    def evaluable(self) -> bool:
        """In the set "DLT-evaluable"."""
        return self.outcome in COUNTED

    @property
    def dlts(self) -> list[Finding]:
        """The adjudicated ones, by day."""
        return sorted((f for f in self.findings.values() if f.state == "dlt"), key=lambda f: (f.day, f.number))


@dataclass(frozen=True, slots=True)
class Disease:
    """What the assessments of a treated patient come to. times: by the name of the set of settings."""

    evaluation: Evaluation
    times: Mapping[str, Times]


class Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.trial = source.trial
        self.study = source.trial.code
        ledger.weigh()

    @cached_property
    def patients(self) -> list[Subject]:
        """Whoever was enrolled, in the order of the identifier."""
        return subjects.patients(self.source)

    @cached_property
    def treated(self) -> list[Subject]:
        """The safety set."""
        return [one for one in self.patients if one.treated]

    def everybody(self) -> list[Subject]:
        """And whoever was screened and not enrolled, in the same order."""
        return [*self.patients, *subjects.screened(self.source, self.patients)]

    def some(self, among: Sequence[Subject]) -> Iterator[dict[UUID, Subject]]:
        """A few patients at a time, by their ids, in order."""
        for k in range(0, len(among), AT_ONCE):
            yield {one.pk: one for one in among[k : k + AT_ONCE]}

    def analysed(self, some: Mapping[UUID, Subject]) -> set[UUID]:
        """Who of these is in the sub-study, and may be read."""
        if not self.source.sbcma:
            return set()
        return set(biomarker.analysed(self.trial.pk, list(some))) - set(self.source.withdrawn)

    @cached_property
    def protocol(self) -> Protocol | None:
        return ground.protocol(self.trial.pk)

    @cached_property
    def settings(self) -> ProtocolSettings:
        """In force; the defaults before the first version."""
        return self.protocol.settings if self.protocol else ProtocolSettings()

    @cached_property
    def drugs(self) -> list[Drug]:
        return ground.drugs(self.trial.pk)

    @cached_property
    def arms(self) -> Mapping[UUID, tuple[str, str]]:
        return subjects.arms(self.trial.pk)

    @cached_property
    def units(self) -> Mapping[UUID, Mapping[UUID, str]]:
        """The unit of each drug's dose, by dose level; a dose without an amount has none."""
        found: dict[UUID, dict[UUID, str]] = {}
        rows = Dose.objects.filter(trial=self.trial, voided=False).exclude(unit="")
        for level, drug, unit in rows.values_list("dose_level", "drug", "unit"):
            found.setdefault(level, {})[drug] = unit
        return found

    def position(self, level: UUID) -> int | None:
        """Of a dose level on the ladder in force."""
        return self.protocol.position(level) if self.protocol else None

    @cached_property
    def counted(self) -> Mapping[int, Counted]:
        """Every patient by number, as the escalation rule counts him."""
        found = {}
        for some in self.some(self.patients):
            records = pieces.of_window(self.trial.pk, list(some))
            for facts in count.derived(records, self.source.today, self.source.rules):
                found[facts.patient.number] = _counted(facts)
        return found

    @cached_property
    def disease(self) -> Mapping[int, Disease]:
        """Every treated patient by number, as endpoint runs read him: under the protocol's settings and beside them."""
        sets = {name: settings_of(said) for name, said in settings_sets.sets(self.settings).items()}
        found = {}
        for some in self.some(self.treated):
            for one in response.known([one.patient for one in some.values() if one.patient], self.source.on):
                found[one.patient.number] = self._disease(one, sets)
        return found

    def _disease(self, one: Known, sets: Mapping[str, ResponseSettings]) -> Disease:
        primary = sets[PRIMARY]
        own = judged(one, primary.of_categories)
        found = {}
        for name, settings in sets.items():
            alike = settings.of_categories == primary.of_categories
            found[name] = concluded(own if alike else judged(one, settings), self.source.on, settings)
        return Disease(found[PRIMARY].evaluation, {name: course.times for name, course in found.items()})


def _counted(facts: PatientFacts) -> Counted:
    return Counted(
        outcome=facts.outcome,
        because=facts.because,
        role=facts.patient.role,
        window_days=facts.window_days,
        window_ends=facts.window_ends_on,
        enough_drug=facts.enough_drug,
        findings={e.event.number: _finding(e) for e in facts.events if e.state != "none"},
    )


def _finding(e: EventFacts) -> Finding:
    seen = list(e.verdicts) if opened(e) else []
    said = [verdict.criterion for verdict in seen if verdict.is_dlt and verdict.criterion]
    criterion = ", ".join(dict.fromkeys(said)) or e.suggestion.criterion or ""
    return Finding(e.event.number, e.event.term, e.state, criterion, e.onset_day, e.suggestion.because, seen)
