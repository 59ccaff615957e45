"""The protocol of the cut: its versions with what each changed, ladder, settings, DLT criteria."""

from assessments.dlt.criteria import CRITERIA as DLT_CRITERIA
from assessments.dlt.criteria import words as criterion_words
from trial.paper.document import Bullets, Column, Facts, Part, Row, Section, Table

from .. import words
from ..protocol import changes as versions
from ..protocol import words as settings_words
from ..protocol.changes import Snapshot
from .shapes import listed
from .source import Source

SETTINGS = ("rule", "window", "enrolment")  # groups of settings that a safety board goes by


def protocol(source: Source) -> Section:
    every = versions.snapshots(source.trial.pk)
    now = every[-1]
    assert now.version
    rows = []
    for was, one in zip([None, *every], every, strict=False):
        assert one.version
        differs = versions.changes(was, one) if was else []
        said = "; ".join(f"{line.label}: {line.was} → {line.value}" for line in differs)
        rows.append([str(one.version.number), words.shown(one.version.written_on), one.version.reason or "–", said])
    return Section(
        "Protocol and amendments",
        [
            listed("Versions of the protocol", ["No.", "In force from", "Reason+", "What it changed++"], rows),
            _ladder(now),
            Part("Settings in force", [Facts(_settings(now))]),
            Part("DLT criteria in force", [Bullets(_criteria(now))]),
        ],
    )


def _ladder(now: Snapshot) -> Table:
    assert now.version
    rows = [
        Row([level.label + (" (start)" if level.start else ""), *(_dose(d.amount, d.schedule) for d in level.doses)])
        for level in reversed(now.levels)
    ]
    return Table(
        f"Dose levels of version {now.version.number}, the highest first",
        [Column("Level"), *(Column(name, 1) for name in now.drugs)],
        rows,
    )


def _dose(amount: str, schedule: str) -> str:
    return ", ".join(part for part in (amount, schedule) if part)


def _settings(now: Snapshot) -> list[tuple[str, str]]:
    return [
        (one.label, one.value)
        for group, said in settings_words.said(now.settings)
        if group.key in SETTINGS
        for one in said
    ]


def _criteria(now: Snapshot) -> list[str]:
    on, version = now.settings.criteria, now.settings.ctcae_version
    return [f"{code}{'' if on[code] else ' (off)'}: {criterion_words(code, version)}." for code in DLT_CRITERIA]
