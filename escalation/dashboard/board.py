"""The dashboard: where the trial stands on one screen, made of the parts of the other pages by their own functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from assessments.tables.queries import Safety

from ..display import cards
from ..display.ladder import ladder_figure
from ..display.ladder_table import ladder_table
from ..display.reader import View
from ..display.trial_page import headline, next_change, on_record, steps, where
from ..display.types import BlockedRow, Link, RecommendationCard
from ..meetings import queries as meetings
from ..meetings.models import Meeting
from ..meetings.page import MeetingRow, meeting_row
from ..outstanding import blocked
from .changed import Changed, changed
from .levels import COUNTS, BoardLevel, level_rows

ROOM = 150  # pixels for the steps of the ladder, so that the table below it is in sight
WIDTH = 778
STEPS = (25, 38)  # from level to level, at least and at most


@dataclass(frozen=True, slots=True)
class Board:
    url: str
    pulse_url: str
    seen: str
    headline: str
    next_change: str
    where: str
    as_of: datetime | None
    changed: Changed
    drugs: str
    ladder: SafeString
    ladder_table: SafeString
    recommendation: RecommendationCard
    levels: Sequence[BoardLevel]  # the highest first
    counts: Sequence[str]  # names of columns
    bands: Sequence[str]
    blocked: Sequence[BlockedRow]
    in_window: int
    meeting: MeetingRow | None  # the open one
    met: MeetingRow | None  # the last that has ended
    primary: Link | None
    others: Sequence[Link]


def board(
    view: View, safety: Safety, outcomes: Mapping[int, str], *, seen: str, as_of: datetime | None, visited: int
) -> Board:
    """safety, outcomes: as the Safety pages read them for this reader. visited: the record he saw on his last visit."""
    levels, patients = cards.ladder(view)
    bands, rows = level_rows(view, safety, outcomes)
    opened, met = _meetings(view)
    primary, others = steps(view)
    return Board(
        url=view.url("escalation:dashboard"),
        pulse_url=view.url("escalation:pulse"),
        seen=seen,
        headline=headline(view),
        next_change=next_change(view),
        where=where(view),
        as_of=as_of,
        changed=changed(view, visited),
        drugs=view.drugs,
        ladder=ladder_figure(levels, patients, as_of=on_record(view), width=WIDTH, step=_step(len(levels))),
        ladder_table=ladder_table(levels, patients),
        recommendation=cards.recommendation(view),
        levels=rows,
        counts=list(COUNTS.values()),
        bands=bands,
        blocked=blocked.rows(view.scope, here=view.here, signatures=view.record.signatures),
        in_window=blocked.in_window(view.here),
        meeting=opened,
        met=met,
        primary=primary,
        others=others,
    )


def _step(levels: int) -> float:
    least, most = STEPS
    return max(least, min(most, ROOM / max(levels, 1)))


def _meetings(view: View) -> tuple[MeetingRow | None, MeetingRow | None]:
    """The open one, and the last that has ended."""
    ladders = {d.protocol.number: view.record.ladders.get(d.protocol_id, ()) for d in view.record.decisions}
    every = list(meetings.meetings(view.here.trial.pk)) if view.here.read.rows[Meeting] else []
    opened = next((one for one in every if one.closed_at is None), None)
    met = next((one for one in every if one.closed_at is not None), None)

    def row(one: Meeting | None) -> MeetingRow | None:
        return meeting_row(view.scope, one, view.here, ladders) if one else None

    return row(opened), row(met)
