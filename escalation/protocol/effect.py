"""What an amendment would do today: the patients still in their window, and the recommendation under it.

The window, the fraction and the criteria of a patient are those of the version in force at his first dose. An amendment
may include patients whose window still runs, and then lists them
(docs/decisions/2026-11-25-patients-of-an-amendment.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from assessments.count import queries as assessments
from assessments.count.queries import PatientFacts
from assessments.events import sight
from patients import queries as patients
from patients.models import Patient
from trial.models import DoseLevel
from trial.people.access import Scope
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused

from .. import engines, words
from ..situation import queries
from ..situation.situation import Situation, with_labels

OF_A_PATIENT = {  # settings that hold for a patient from his first dose
    "window_days": "the DLT window",
    "fraction": "enough drug",
    "criteria": "the DLT criteria",
    "exception_grade": "the exceptions of criterion N1",
    "haematological": "the haematological terms",
    "ctcae_version": "the CTCAE version",
}


@dataclass(frozen=True, slots=True)
class Turned:
    """A patient whom the amendment would include, as he counts now and as he would."""

    was: PatientFacts
    now: PatientFacts


@dataclass(frozen=True, slots=True)
class Effect:
    """The recommendation now and under the amendment, in words; and the patients that it would include."""

    was: str
    because: str
    now: str
    now_because: str
    patients: Sequence[Turned]

    @property
    def same(self) -> bool:
        return (self.was, self.because) == (self.now, self.now_because)


def in_window(here: Situation) -> list[PatientFacts]:
    """Patients whose DLT window still runs and whose outcome is open: those whom an amendment may include."""
    return [
        f
        for f in here.facts
        if f.outcome in ("pending", "suspected") and f.window_ends_on is not None and here.on <= f.window_ends_on
    ]


def checked(here: Situation, answers: Mapping[UUID, bool]) -> list[PatientFacts]:
    """The patients to include. Refused unless exactly those still in their window were answered for."""
    waiting = {f.patient.pk: f for f in in_window(here)}
    if new := next((f for pk, f in waiting.items() if pk not in answers), None):
        raise Refused(
            f"Patient {new.patient.code} is in the DLT window and was not asked about. "
            "What you typed is kept: say whether the amendment includes that patient.",
            field=f"patient_{new.patient.number}",
        )
    codes = {f.patient.pk: f.patient.code for f in here.facts}
    if gone := next((pk for pk in answers if pk not in waiting), None):
        raise Refused(
            f"Patient {codes.get(gone, '')} is not in the DLT window any more and cannot be included. "
            "What you typed is kept: read it and send it again."
        )
    return [f for pk, f in waiting.items() if answers[pk]]


def included(scope: Scope, here: Situation) -> dict[UUID, list[Patient | None]]:
    """The patients that each amendment includes, by the version's id; None for one whom this reader may not know."""
    known = {f.patient.pk for f in here.facts if sight.numbered(scope, f)}
    return {
        version: [row.patient if row.patient_id in known else None for row in rows]
        for version, rows in patients.amended(here.trial.pk).items()
    }


def mixed(was: ProtocolSettings, now: ProtocolSettings) -> str:
    """Why an opened trial cannot change its CTCAE version; "" where it does not."""
    if now.ctcae_version == was.ctcae_version:
        return ""
    return (
        f"CTCAE version: the trial grades by version {was.ctcae_version} since it opened; "
        "grades of two versions are never mixed in one trial."
    )


def differing(here: Situation, settings: ProtocolSettings) -> list[str]:
    """What the amendment would change for a patient whom it includes, in words; nothing when it makes no difference."""
    names = {name for name, _, _ in here.protocol.settings.differences(settings)}
    return [said for name, said in OF_A_PATIENT.items() if name in names]


def effect(
    here: Situation, settings: ProtocolSettings, labels: Sequence[str], included: Collection[UUID]
) -> Effect | None:
    """Where the trial would stand today under the amendment; None if its ladder lacks a level with patients.

    labels: of the new ladder, lowest first. included: ids of patients still in their window.
    """
    known = {level.label: level for level in here.protocol.levels}
    protocol = replace(
        here.protocol, settings=settings, levels=[known.get(label) or DoseLevel(label=label) for label in labels]
    )
    facts = assessments.derived(assessments.under(here.records, settings, included), here.today)
    if any(f.dosed and protocol.position(f.level.pk) is None for f in facts):
        return None
    inputs = queries.engine_inputs(protocol, facts, queries.closed_by_committee(protocol, here.in_force))
    advice = engines.recommend(inputs)
    old = [level.label for level in here.protocol.levels]
    return Effect(
        was=words.advised(here.advice.action, here.advice.level, old, _six(here.protocol.settings)),
        because=here.because,
        now=words.advised(advice.action, advice.level, labels, _six(settings)),
        now_because=with_labels(advice.because, labels),
        patients=[
            Turned(was, now)
            for was in here.facts
            for now in facts
            if was.patient.pk == now.patient.pk and was.patient.pk in included
        ],
    )


def _six(settings: ProtocolSettings) -> int:
    return settings.a + settings.b
