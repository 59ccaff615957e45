"""The papers that can be asked for: who may have each, and how it is built. Named by `settings.BUILDERS`."""

from collections.abc import Callable
from typing import BinaryIO
from uuid import UUID

from trial.models import Artifact, Trial
from trial.paper import artifacts
from trial.paper import document as paper
from trial.paper.artifacts import Builder, Progress
from trial.paper.document import Document
from trial.people.access import Scope
from trial.record import ledger
from trial.roles import May

from ..meetings import queries as meetings
from ..situation import queries
from . import audience, casebook, decision_table, signature_page
from .audience import Kind
from .build import build

CASEBOOK, DECISION_TABLE, SIGNATURE_PAGE = "casebook", "decision-table", "signature-page"
REPORTS = tuple(kind.value for kind in Kind)  # of a meeting's data cut
PAPERS = (*REPORTS, CASEBOOK, DECISION_TABLE, SIGNATURE_PAGE)
PDF = "application/pdf"


def _set(made: Callable[[Artifact], Document]) -> Callable[[Artifact, BinaryIO, Progress], None]:
    """A document read from the record of its cut, then set."""

    def build(artifact: Artifact, out: BinaryIO, progress: Progress) -> None:
        progress(10, "Reading the record of the cut")
        with ledger.as_of(artifact.trial_id, artifact.number, without=artifacts.left_out(artifact)):
            found = made(artifact)
        progress(60, "Setting the pages")
        out.write(paper.pdf(found))

    return build


def _report(artifact: Artifact, out: BinaryIO, progress: Progress) -> None:
    """A report of a meeting's cut, which reads it by itself."""
    trial = Trial.objects.get(pk=artifact.trial_id)
    cut = meetings.data_cut(trial.pk, artifact.number)
    assert cut is not None, "asked for only of a cut that there is"
    out.write(build(trial=trial, cut=cut, kind=artifact.kind, progress=progress, without=artifacts.left_out(artifact)))


def _reads_report(scope: Scope, artifact: Artifact) -> bool:
    return not _no_report(scope, artifact)


def _no_report(scope: Scope, artifact: Artifact) -> str:
    return audience.refusal(scope, Kind(artifact.kind), queries.here(scope))


def reads_casebook(scope: Scope, artifact: Artifact) -> bool:
    _, site, responses = casebook.parts(artifact.key)
    return scope.sees(UUID(site)) and (scope.reads_responses or not responses)


def _reads_trial(scope: Scope, artifact: Artifact) -> bool:
    return scope.may(May.READ)


def _reads_all_sites(scope: Scope, artifact: Artifact) -> bool:
    """A decision's reason may name any patient."""
    return scope.may(May.READ) and scope.site is None


def offered(scope: Scope, kind: str) -> bool:
    """Whether the person may have any of the kind."""
    if kind == CASEBOOK:
        return scope.may(May.READ_PATIENTS)
    return artifacts.builders()[kind].may(scope, Artifact(kind=kind))


for kind in Kind:
    artifacts.register(kind.value, Builder(kind.label, _report, _reads_report, because=_no_report))
artifacts.register(
    CASEBOOK, Builder("Patient casebook", _set(casebook.document), reads_casebook, patient=casebook.patient)
)
artifacts.register(DECISION_TABLE, Builder("Decision table", _set(decision_table.document), _reads_trial))
artifacts.register(SIGNATURE_PAGE, Builder("Signature page", _set(signature_page.document), _reads_all_sites))
