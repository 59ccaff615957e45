"""Asking for an export of a trial's data sets, and building it: of the record as it stands, or of any cut of it."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string

from trial import queries as ground
from trial.models import Artifact, Trial, User
from trial.paper import artifacts, building
from trial.paper.artifacts import Builder, Progress
from trial.people import access
from trial.people.access import Scope
from trial.record import access_events, cuts, ledger
from trial.record.cuts import Cut
from trial.refusals import Refused
from trial.roles import May

from ..meetings import queries as meetings
from ..reports.page import DATASETS
from ..situation import history
from . import package, shape
from .capsule.answers import answers
from .formats import lines
from .package import FORMATS, Export, Format
from .reading import Reading
from .shape import Dataset, Source

LONGEST = 40  # of a name that nobody knows, as it is said back
RIGHT = May.READ_EFFICACY  # responses and times of all cohorts are in them


def request(*, trial: UUID, format: str, number: int | None, by: User, http: HttpRequest | None = None) -> Artifact:
    """Ask for all data sets in one format. number: of the record that the cut ends with; None: as it stands now.

    Raises Refused for an unknown format and a number that the trial's record does not have; as `artifacts.request`.
    """
    chosen = format_of(format)
    scope = access.scope(by, trial)
    cut, name = cut_of(scope.trial, number)
    return artifacts.request(
        kind=DATASETS,
        key=chosen.code,
        cut=cut,
        cut_name=name,
        by=by,
        title=f"Data sets, {chosen.label}",
        filename=filename(scope.trial, cut, chosen),
        media_type="application/zip",
        sub_study=True,
        http=http,
    )


def format_of(code: str) -> Format:
    if code not in FORMATS:
        raise Refused(f"Format: choose one of {', '.join(FORMATS)}; {code!r} is none.", field="format")
    return FORMATS[code]


def filename(trial: Trial, cut: Cut, format: Format) -> str:
    return f"{trial.code}-datasets-{cut.number}-{format.code}.zip"


def cut_of(trial: Trial, number: int | None) -> tuple[Cut, str]:
    """The cut that ends with that action, and its name where a meeting froze it.

    Raises Refused for a number that this trial's record does not have.
    """
    if number is None:
        return cuts.latest(trial, access.today(trial)), ""
    event = ground.events(trial.pk).filter(number=number).first()
    if event is None:
        head = ledger.number_of(trial.pk)
        raise Refused(f"Cut: {trial.code} has the record numbers 1 to {head}; {number} is none of them.", field="cut")
    frozen = meetings.frozen(trial.pk, number)
    on = frozen.on if frozen else history.date_of(trial, event)
    return Cut(trial.pk, number, on, event.hash), frozen.words if frozen else ""


def admit(scope: Scope, what: str, http: HttpRequest) -> None:
    """Raise PermissionDenied for who may not have data sets, and record what he asked for."""
    if not scope.may(RIGHT):
        access_events.record(access_events.FILE_REFUSED, user=scope.user, request=http, trial=scope.trial, detail=what)
    scope.need(RIGHT)


def offered(scope: Scope) -> Sequence[Dataset]:
    """Every data set with its variables; no row is read."""
    return shape.datasets(shape.source(scope.trial, scope.days, sbcma=True))


def may(scope: Scope, artifact: Artifact) -> bool:
    return scope.may(RIGHT)


def build(artifact: Artifact, out: BinaryIO, progress: Progress) -> None:
    """Without the rows that were left out when it was asked for; what was withdrawn since ends it (trial/paper)."""
    withdrawn = shape.left_the_sub_study(artifact.trial_id)
    with ledger.as_of(artifact.trial_id, artifact.number, without=artifacts.left_out(artifact)):
        trial = Trial.objects.get(pk=artifact.trial_id)
        of = shape.source(trial, artifact.on, sbcma=True, withdrawn=withdrawn)
        package.write(export(of, artifact.cut), format_of(artifact.key), out, progress)


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the command, and what it is, for the person and for the record of access."""

    path: Path
    said: str


def to_file(trial: Trial, format: str, number: int | None, path: Path | None, *, say: Progress) -> Written:
    """Write an export by hand: whole, or not at all. path: None puts it into the working folder under its own name.

    Raises Refused as `request`.
    """
    chosen = format_of(format)
    cut, name = cut_of(trial, number)
    target = path or Path(filename(trial, cut, chosen))
    half = target.with_name(f".{target.name}.part")
    try:
        with half.open("wb") as out, shape.shown(trial, cut.on, number=cut.number, sbcma=True) as of:
            package.write(export(of, name), chosen, out, say)
        with half.open("rb") as built:
            digest = hashlib.file_digest(built, "sha256").hexdigest()
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    said = f"Data sets, {chosen.label}, record number {cut.number}, SHA-256 {digest}"
    access_events.record(access_events.FILE_TAKEN, user=None, trial=trial, detail=f"{said}, by manage.py export")
    return Written(target, said)


def single(scope: Scope, name: str, http: HttpRequest) -> tuple[str, BinaryIO]:
    """One data set of the record as it stands, as Dataset-JSON: a name for the file, and the file, which is gone when
    it is closed. It is whole before the first byte is sent; who took it is recorded.

    Raises PermissionDenied, recorded; Http404, with the names that there are, for one that no data set has.
    """
    names = [one.name for one in offered(scope)]
    known = name in names
    admit(scope, f"Data set {name}" if known else "Data sets", http)
    if not known:
        called = name if name.isalnum() and len(name) <= LONGEST else "of that name"
        raise Http404(f"There is no data set {called}. There are {', '.join(names)}.")
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response that sends it closes it
    with shape.shown(scope.trial, scope.days, sbcma=True) as of, tempfile.TemporaryFile() as rows:
        dataset = next(one for one in shape.datasets(of) if one.name == name)
        about = package.about(of, _at(of), settings.RELEASE)
        file.writelines(FORMATS["json"].pieces(lines.write(dataset, rows), about))
    file.seek(0)
    said = f"Data set {name}, {FORMATS['json'].label}, record number {of.number}"
    access_events.record(access_events.FILE_TAKEN, user=scope.user, request=http, trial=scope.trial, detail=said)
    return f"{scope.trial.code}-{name.lower()}-{of.number}.json", file


def export(of: Source, cut: str) -> Export:
    """All data sets of the record that is shown here, and the program's answers to it."""
    _without_hurry()
    reading = Reading(of)
    return Export(
        source=of,
        at=_at(of),
        cut=cut,
        release=settings.RELEASE,
        datasets=shape.datasets(of, reading),
        answers=answers(reading, import_string(settings.EFFICACY)),
    )


def _without_hurry() -> None:
    """Rows are written between two statements: on a busy machine longer than a transaction may wait else."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{building.LONGEST}'")


def _at(of: Source) -> datetime:
    """When the last action in it happened."""
    return ground.events(of.trial.pk).get(number=of.number).at


artifacts.register(DATASETS, Builder("Data sets", build, may))
