"""What the pages and endpoints of papers show: what can be asked for, and how each that was asked for stands."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from trial.dates import shown
from trial.models import Artifact
from trial.paper import artifacts
from trial.paper.artifacts import State
from trial.people.access import Frozen, Scope
from trial.roles import May

from ..meetings import queries as meetings
from . import kinds

DATASETS = "datasets"  # the kind that a page of its own asks for (escalation/datasets)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper before one reader."""

    artifact: Artifact
    label: str
    state: str  # "waiting", "retrying", "building", "done", "failed", "withheld"
    why: str  # it failed, is tried again, or is no longer offered
    later: str  # of a report that is not of the last cut: which is
    url: str
    file_url: str  # "" where there is none to have
    again: str  # where it is asked for anew; "" where that gives the same file

    @property
    def of_data_sets(self) -> bool:
        return self.artifact.kind == DATASETS

    @property
    def about(self) -> str:
        """Of which cut: "meeting 1, cut 2, record no. 412"."""
        cut = self.artifact.cut
        return f"{f'{cut}, ' if cut else ''}record no. {self.artifact.number} of {shown(self.artifact.on)}"


def offered(scope: Scope) -> list[tuple[str, str]]:
    """The kinds that this person may ask for, with their words; whose of them is asked when he does."""
    found = artifacts.builders()
    return [(kind, found[kind].label) for kind in kinds.PAPERS if kinds.offered(scope, kind)]


def cuts(trial: UUID) -> list[tuple[str, str]]:
    """The frozen cuts, the last first, by the number of the record that each ends with."""
    marks = {0: " (last)"}
    return [(str(cut.record), f"{cut.words}{marks.get(k, '')}") for k, cut in enumerate(meetings.moments(trial))]


def rows(scope: Scope, of: Collection[str] = kinds.PAPERS) -> list[PaperRow]:
    """Every paper of these kinds that the reader may have, the last asked for first: as many queries, however many."""
    known: dict[tuple[str, str], bool] = {}

    def may(artifact: Artifact) -> bool:
        what = artifact.kind, artifact.key
        if what not in known:
            known[what] = artifacts.may(scope, artifact)
        return known[what]

    return shown_rows(scope, [artifact for artifact in artifacts.listed(scope, of) if may(artifact)])


def shown_rows(scope: Scope, found: Sequence[Artifact]) -> list[PaperRow]:
    """These as the pages show them. Whether the reader may have them is asked before."""
    if not found:
        return []
    withheld = artifacts.withheld(scope.trial.pk)
    last = next(iter(meetings.moments(scope.trial.pk)), None)
    return [_row(scope, artifact, withheld(artifact), last) for artifact in found]


def _row(scope: Scope, artifact: Artifact, withheld: str, last: Frozen | None) -> PaperRow:
    done = artifact.state == State.DONE
    state, why = str(artifact.state), ""
    if done and withheld:
        state, why = "withheld", withheld
    elif artifact.state == State.FAILED:
        why = artifact.last_error
    elif artifact.last_error and artifact.next_try_at > timezone.now():
        state, why = "retrying", artifact.last_error
    not_last = artifact.kind in kinds.REPORTS and last is not None and last.record != artifact.number
    here = [scope.trial.code, artifact.pk]
    return PaperRow(
        artifact=artifact,
        label=artifacts.builders()[artifact.kind].label,
        state=state,
        why=why,
        later=f"not the last cut: {last.words}, is" if not_last and last else "",
        url=reverse("escalation:paper", args=here),
        file_url=reverse("escalation:paper_file", args=here) if done and not withheld else "",
        again=_again(scope, artifact) if state in ("failed", "withheld") else "",
    )


def _again(scope: Scope, artifact: Artifact) -> str:
    if artifact.kind == DATASETS:
        return f"{reverse('escalation:datasets', args=[scope.trial.code])}#ask"
    if artifact.kind not in kinds.PAPERS or not scope.may(May.READ):
        return ""
    about = f"cut={artifact.number}" if artifact.kind in kinds.REPORTS else f"of={artifact.key.split()[0]}"
    return f"{reverse('escalation:papers', args=[scope.trial.code])}?kind={artifact.kind}&{about}#ask"


def token(found: Sequence[PaperRow]) -> str:
    """Stands for all that the rows show."""
    said = []
    for row in found:
        one, far = row.artifact, row.artifact.progress
        said.append((one.pk.hex, row.state, one.attempts, far.percent, far.step, row.later))
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
