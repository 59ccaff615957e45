"""Asking for a paper: what is wanted, of which cut of the record. The file itself: trial/paper/artifacts.py.

A request is machinery: it moves no number and needs no ledger, only the right to read what it asks for.
"""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest

from patients.models import Patient
from trial import numbers
from trial import queries as ground
from trial.models import Artifact, Trial, User
from trial.paper import artifacts
from trial.paper.artifacts import Asked
from trial.people import access
from trial.record import cuts
from trial.record.cuts import Cut
from trial.refusals import Refused

from ..meetings import queries as meetings
from ..situation import queries
from . import casebook, kinds
from .audience import Kind
from .kinds import PDF


def ask(
    *, trial: str | UUID, kind: str, by: User, of: str = "", cut: int | None = None, http: HttpRequest | None = None
) -> Artifact:
    """Ask for a paper; the one that is there, or waits, if it was asked for before.

    of, cut: as `wanted`. Raises as that, and PermissionDenied for who may not have it, which is recorded.
    """
    scope = access.scope(by, trial)
    asked = wanted(scope.trial, kind, of=of, cut=cut, responses=scope.reads_responses)
    return artifacts.request(by=by, http=http, **asked)


def wanted(trial: Trial, kind: str, *, of: str = "", cut: int | None = None, responses: bool = True) -> Asked:
    """What a paper is.

    of: the patient of a casebook, the decision of a signature page, the protocol version of a decision table, by
    number; empty: the version in force. cut: of a report, by the number of the record that it ends with.
    responses: whether they, and the sub-study, are in a casebook.
    Raises Http404 for what the trial does not have, Refused for a kind that there is not.
    """
    match kind:
        case Kind.SUMMARY | Kind.OPEN | Kind.CLOSED:
            return _report(trial, Kind(kind), cut)
        case kinds.CASEBOOK:
            return _casebook(trial, _number(of, "patient"), responses=responses)
        case kinds.DECISION_TABLE:
            return _decision_table(trial, _number(of, "protocol version") if of else None)
        case kinds.SIGNATURE_PAGE:
            return _signature_page(trial, _number(of, "decision"))
    raise Refused(f"Kind: {kind} is none; there are {', '.join(kinds.PAPERS)}.", field="kind")


def _number(of: str, what: str) -> int:
    found = numbers.whole(of)
    if found is None:
        raise Http404(f"No such {what}." if of else f"Give the number of the {what}.")
    return found


def _report(trial: Trial, kind: Kind, record: int | None) -> Asked:
    """Of a cut that a meeting froze. One that is not the last says so on each page: it is built anew for that."""
    frozen = meetings.data_cut(trial.pk, record) if record is not None else None
    cuts = meetings.cuts(trial.pk)
    if frozen is None:
        there = f"there are {', '.join(str(cut.record) for cut in cuts)}" if cuts else "a meeting freezes one"
        asked = "A report is of a data cut" if record is None else f"{trial.code} has no data cut no. {record}"
        raise Http404(f"{asked}: {there}.")
    last = cuts[0]
    return Asked(
        kind=kind.value,
        key="last" if last.record == frozen.record else f"before {last.record}",
        cut=Cut(trial.pk, frozen.record, frozen.on, frozen.hash),
        cut_name=f"meeting {frozen.meeting.number}, cut {frozen.number}",
        title=kind.label,
        filename=f"{trial.code}-{kind.label.lower().replace(' ', '-')}-{frozen.record}.pdf",
        media_type=PDF,
        sub_study=kind.holds_sub_study,
    )


def _casebook(trial: Trial, number: int, *, responses: bool) -> Asked:
    patient = Patient.objects.filter(trial=trial, number=number, voided=False).first()
    if patient is None:
        raise Http404("No such patient.")
    return Asked(
        kind=kinds.CASEBOOK,
        key=casebook.key(patient.code, str(patient.site_id), responses=responses),
        cut=cuts.latest(trial, access.today(trial)),
        title=f"Casebook of patient {patient.code}{'' if responses else ', without responses'}",
        filename=f"{trial.code}-casebook-{patient.code}.pdf",
        media_type=PDF,
        sub_study=responses,
    )


def _decision_table(trial: Trial, number: int | None) -> Asked:
    """Of a version as it was written: it never changes."""
    protocol = ground.protocol(trial.pk, number, with_doses=False)
    if protocol is None:
        raise Http404("No such protocol version.")
    version = protocol.version
    return Asked(
        kind=kinds.DECISION_TABLE,
        key=str(version.number),
        cut=_then(trial, version.in_force_from, version.written_on),
        title=f"Decision table of protocol version {version.number}",
        filename=f"{trial.code}-decision-table-{version.number}.pdf",
        media_type=PDF,
    )


def _signature_page(trial: Trial, number: int) -> Asked:
    """Of a decision as it ended, or as it waits."""
    decision = queries.decision(trial.pk, number)
    if decision is None:
        raise Http404("No such decision.")
    ending = getattr(decision, "ending", None)
    return Asked(
        kind=kinds.SIGNATURE_PAGE,
        key=str(number),
        cut=_then(trial, ending.rev, ending.on) if ending else cuts.latest(trial, access.today(trial)),
        title=f"Signature page of decision {number}",
        filename=f"{trial.code}-decision-{number}-signatures.pdf",
        media_type=PDF,
    )


def _then(trial: Trial, number: int, on: date) -> Cut:
    event = ground.events(trial.pk).get(number=number)
    return Cut(trial.pk, number, on, event.hash)
