"""Whom a page is made for and what it is made from: one reader before one situation."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.urls import reverse

from assessments.count.queries import PatientFacts
from assessments.events import sight
from patients.models import Patient
from trial.people.access import Scope

from .. import words
from ..engine import terms as engine
from ..situation import queries
from ..situation.history import Record
from ..situation.situation import Situation

ELSEWHERE = "–"  # stands for the number of another site's patient, before its coordinators


@dataclass(frozen=True)
class View:
    """One reader before one situation: what each part of the page is made from."""

    scope: Scope
    here: Situation
    record: Record
    number: int  # the record's number that is shown
    live: bool = True  # False: a packet, read as of its cut; no actions
    today: Situation | None = None  # where the trial stands now, for what of the past may be shown now

    @cached_property
    def labels(self) -> list[str]:
        return [level.label for level in self.here.protocol.levels]

    @property
    def six(self) -> int:
        return self.here.protocol.settings.a + self.here.protocol.settings.b

    @property
    def rule(self) -> engine.Rule:
        return queries.rule_of(self.here.protocol.settings)

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.scope.trial.code, *args])

    def level(self, position: int | None) -> str:
        return words.level(self.labels, position)

    def doses(self, position: int) -> str:
        doses = list(self.here.protocol.level(position).doses.all())
        return " / ".join(_amount(d.amount) for d in doses if d.amount is not None)

    @cached_property
    def unit(self) -> str:
        units = {d.unit for level in self.here.protocol.levels for d in level.doses.all() if d.unit}
        return units.pop() if len(units) == 1 else ""

    @cached_property
    def drugs(self) -> str:
        doses = self.here.protocol.levels[0].doses.all() if self.here.protocol.levels else []
        return " / ".join(d.drug.name for d in doses)

    def patient(self, f: PatientFacts) -> str:
        return f.patient.code if sight.numbered(self.scope, f) else ELSEWHERE

    def patient_url(self, patient: Patient) -> str:
        return self.url("patients:patient", patient.code) if self.scope.sees(patient.site_id) else ""

    def pending(self, position: int | None = None, *, outside: bool = False) -> list[PatientFacts]:
        """Who is pending in the count; outside: patients of expansion and backfill too."""
        found = self.here.facts if position is None else self.here.facts_at(position)
        return [f for f in found if f.outcome in ("pending", "suspected") and (outside or f.counted)]

    def said(self, sentence: str) -> str:
        """A sentence of the trial without the numbers that this reader may not know."""
        return sight.veiled(sentence, self.scope, self.here.facts)

    def names(self, found: Sequence[PatientFacts]) -> str:
        named = [self.patient(f) for f in found if self.patient(f) != ELSEWHERE]
        other = len(found) - len(named)
        return ", ".join(named + ([words.count(other, "other")] if other else []))


def _amount(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
