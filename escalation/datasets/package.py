"""An export: a zip with the data sets in one format, what their variables mean, how to load them, and the capsule.

Written piece by piece, in flat memory, without a clock: two exports of one record are the same bytes.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from .capsule import answers, scripts
from .definition import Dataset, Source, Variable
from .formats import dataset_json, lines, separated, transport
from .formats.dataset_json import About
from .formats.lines import Lines
from .words import dictionary, readme

SYSTEM = "Escalate"
Say = Callable[[int, str], None]  # percent, and what is being done, in words


@dataclass(frozen=True, slots=True)
class Format:
    """suffix: of the files. pieces: of one file."""

    code: str
    label: str
    suffix: str
    pieces: Callable[[Lines, About], Iterator[bytes]]


FORMATS: Mapping[str, Format] = {
    one.code: one
    for one in (
        Format("json", "CDISC Dataset-JSON 1.1", "json", dataset_json.pieces),
        Format("csv", "CSV", "csv", lambda rows, about: separated.pieces(rows)),
        Format("xpt", "SAS transport (XPT) version 5", "xpt", lambda rows, about: transport.pieces(rows, about.at)),
    )
}


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds. cut: its name, empty for the record as it stood. at: of the last action in it.

    answers: the program's own, which the capsule is compared with.
    """

    source: Source
    at: datetime
    cut: str
    release: str
    datasets: Sequence[Dataset]
    answers: answers.Answers

    @property
    def about(self) -> About:
        return about(self.source, self.at, self.release)


def about(source: Source, at: datetime, release: str) -> About:
    trial = source.trial
    return About(trial.code, source.number, at, trial.sponsor or trial.title, SYSTEM, release)


def write(export: Export, format: Format, out: BinaryIO, say: Say) -> None:
    with zipfile.ZipFile(_Onward(out), "w") as archive:
        package = _Package(archive, export.at)
        for place, dataset in enumerate(export.datasets):
            say(90 * place // len(export.datasets), f"{dataset.name}, {place + 1} of {len(export.datasets)} data sets")
            _dataset(package, export, format, dataset)
        say(90, "The capsule")
        for name, text in scripts.files().items():
            package.add(f"capsule/{name}", [text.encode()])
        package.add("capsule/rule.csv", separated.table(answers.RULE, export.answers.rule))
        package.add("capsule/answers.json", [export.answers.text().encode()])
        say(95, "Dictionary and manifest")
        package.add("dictionary.csv", separated.table(dictionary.NAMES, dictionary.rows(export.datasets)))
        package.add("dictionary.html", [dictionary.page(export.source, export.datasets).encode()])
        package.add("README.txt", [_readme(export, format, package.empty).encode()])
        package.add("manifest.json", [_manifest(export, format, package.files).encode()])


def _dataset(package: "_Package", export: Export, format: Format, dataset: Dataset) -> None:
    with tempfile.TemporaryFile() as file:
        rows = lines.write(dataset, file)
        said = {"dataset": dataset.name, "rows": rows.records, "variables": [v.name for v in dataset.variables]}
        package.add(file_of(dataset.name, format), format.pieces(rows, export.about), said)
        package.empty += [(dataset, variable) for variable in rows.empty]
        if format.code != "csv" and dataset.name in scripts.READS:  # the scripts need no library to read these
            package.add(f"capsule/data/{dataset.name.lower()}.csv", separated.pieces(rows), said)


def file_of(dataset: str, format: Format) -> str:
    return f"data/{dataset.lower()}.{format.suffix}"


class _Onward:
    """What a zip writes to without going back: the same bytes into a file, a table or a socket."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()

    def close(self) -> None:
        """Whoever opened it closes it."""


@dataclass
class _Package:
    """files: for the manifest. empty: the variables without a value."""

    archive: zipfile.ZipFile
    at: datetime
    files: list[dict[str, Any]] = field(default_factory=list)
    empty: list[tuple[Dataset, Variable]] = field(default_factory=list)

    def add(self, name: str, pieces: Iterable[bytes], said: Mapping[str, Any] | None = None) -> None:
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self.files.append({"file": name, **(said or {}), "bytes": size, "sha256": digest.hexdigest()})


def _readme(export: Export, format: Format, empty: Sequence[tuple[Dataset, Variable]]) -> str:
    said = {"source": export.source, "at": export.at, "cut": export.cut, "datasets": export.datasets, "format": format}
    return readme.text(said, empty)


def _manifest(export: Export, format: Format, files: Sequence[Mapping[str, Any]]) -> str:
    source, trial = export.source, export.source.trial
    said = {
        "trial": trial.code,
        "title": trial.title,
        "note": trial.label,
        "illustrative": trial.illustrative,
        "simulated": trial.simulated,
        "record": source.number,
        "hash": source.hash,
        "on": source.on.isoformat(),
        "last_action_at": export.at.isoformat(timespec="seconds"),
        "cut": export.cut or None,
        "format": format.label,
        "program": f"{SYSTEM} {export.release}",
        "files": files,
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"
