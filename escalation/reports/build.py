"""A report of a data cut, from its contents to its bytes. Two builds of one cut are the same bytes.

For a worker or a command, outside of any transaction: the record is read as of the cut.
"""

import gc
from collections.abc import Callable, Collection
from uuid import UUID

from assessments.biomarker.queries import hidden
from trial.models import Trial
from trial.paper import document
from trial.paper.document import Document, Section
from trial.record import cuts, ledger
from trial.record.cuts import Cut

from .. import words
from ..meetings import queries as meetings
from ..meetings.models import DataCut
from ..protocol.draft import doses_illustrative
from . import contents, summary
from .audience import Kind
from .source import Source, Today, consents_of_who_left, last_cut, left_out, read

Progress = Callable[[int, str], None]


def build(
    *, trial: Trial, cut: DataCut, kind: str, progress: Progress, without: Collection[UUID] | None = None
) -> bytes:
    """The PDF. without: rows that nobody may read any more; asked of today's record when not given."""
    found = made(trial=trial, cut=cut, kind=Kind(kind), progress=progress, without=without)
    gc.collect()  # what it was made from: to set the pages takes as much memory again
    return document.pdf(found)


def made(
    *, trial: Trial, cut: DataCut, kind: Kind, progress: Progress, without: Collection[UUID] | None = None
) -> Document:
    progress(5, "Reading the record as of the cut")
    before = meetings.cut_before(cut.meeting)
    today = now(trial, cut, kind, without)
    with ledger.as_of(trial.pk, cut.record, without=today.without):
        source = read(trial, cut, before, kind, today)
        progress(25, "Counting")
        sections: list[Section] = []
        every = contents.sections(kind)
        for k, make in enumerate(every):
            if section := make(source):
                sections.append(section)
            progress(25 + 45 * (k + 1) // len(every), "Tables and figures")
        found = Document(
            code=source.trial.code,
            title=kind.label,
            subject=source.trial.title,
            about=about(cut),
            on=words.shown(cut.on),
            at=cut.at,
            session=kind.session,
            marks=marks(source),
            first=summary.blocks(source),
            sections=sections,
            contents=bool(sections),
        )
    progress(75, "Setting the pages")
    return found


def now(trial: Trial, cut: DataCut, kind: Kind, without: Collection[UUID] | None) -> Today:
    if without is None:
        without = hidden(trial.pk) if kind.holds_sub_study else ()
    last = last_cut(trial.pk)
    return Today(
        later=last if last and last.record > cut.record else None,
        holds=cuts.holds(Cut(trial.pk, cut.record, cut.on, cut.hash)),
        without=frozenset(without) | (consents_of_who_left(trial.pk) if kind.holds_sub_study else frozenset()),
        withdrawn=left_out(without),
    )


def about(cut: DataCut) -> str:
    return f"Cut {cut.number} of meeting {cut.meeting.number}, record no. {cut.record}, read on {words.shown(cut.on)}"


def marks(source: Source) -> list[str]:
    """What stands on every page."""
    trial, later = source.trial, source.today.later
    shipped = trial.illustrative or doses_illustrative(source.here.protocol.levels)
    said = [trial.label or ("Simulated trial: no real data" if trial.simulated else "")]
    said += ["illustrative doses and settings" if shipped else ""]
    found = [" · ".join(part for part in said if part)] if any(said) else []
    if later is not None:
        found.append(f"Not the last cut: {_named(later)} was frozen on {words.shown(later.on)}")
    return found


def _named(cut: DataCut) -> str:
    return f"cut {cut.number} of meeting {cut.meeting.number} (record no. {cut.record})"
