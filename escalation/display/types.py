"""What the Trial page and its fragments show: plain data, no questions to the database.

Numbers arrive as people read them ("1/6", "day 16 of 28"). `tone` is "", "green", "amber" or "red", and never
alone: the word beside it says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One end of the bracket: what a way for the pending to turn out would give."""

    when: str  # "If neither has a DLT"
    then: str  # "0/3 → escalate to 4"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row of the rule in force."""

    evaluable: str  # "3"
    dlts: str  # "1"
    says: str  # "expand to 6"
    lit: bool = False  # the row that the level of the recommendation stands in


@dataclass(frozen=True, slots=True)
class FirmPart:
    """Verdicts of one level that would be others, and the patients among whom they are."""

    says: str  # "level 2: a DLT for 1 of the 5 without a DLT"
    patients: Sequence[Link]


@dataclass(frozen=True, slots=True)
class FirmWay:
    parts: Sequence[FirmPart]
    then: str  # "De-escalate to level 1"


@dataclass(frozen=True, slots=True)
class Firm:
    """How firm the recommendation is."""

    says: str  # "One other verdict would change it"
    ways: Sequence[FirmWay]
    few: bool  # to be read at a glance


@dataclass(frozen=True, slots=True)
class RecommendationCard:
    headline: str  # "Wait: 2 patients pending"
    because: str  # "0/1 DLT at level 3. Outcomes of 012 and 013 still change what follows."
    rule: str  # "n < 3 evaluable, x ≤ 1"
    variant: str  # "3+3, variant D6", "rolling six"
    engine: str  # "engine 1"
    tone: str = ""
    bracket: Sequence[Outlook] = ()
    closed: str = "no level"
    pending: str = ""  # "012 until 4 Dec 2026; 013: DLT suspected"
    enrolment: str = "open"  # open, held, closed
    enrolment_tone: str = "green"
    enrolment_because: str = ""  # "by suspected DLT, patient 012"
    slots: str = ""  # "2 free", "next opens on 14 Mar 2026 at the earliest"
    outside: str = ""  # "level 1: backfill 3/3"
    warnings: Sequence[str] = ()  # "outside the 3+3 table"
    rules: Sequence[RuleRow] = ()
    firm: Firm | None = None  # None: not for this reader


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A dose level with its counts of patients; a Link's url opens those patients."""

    label: str  # "3"
    doses: str  # "60 / 15 / 40"
    treated: Link
    evaluable: Link
    dlts: Link
    pending: Link
    replaced: Link
    says: str  # "1/6 tolerated", "wait for 012, 013", "not opened"
    tone: str = ""
    current: bool = False
    rate: str = ""  # "17 % (0–64)", with its exact interval, where one is shown
    paper: str = ""  # "2 entered from paper"


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A level opened on paper before the trial was brought in: taken outside the system, never recomputed here."""

    label: str
    on: date
    reference: str
    patients: int  # entered under it


@dataclass(frozen=True, slots=True)
class DecisionRow:
    number: int
    on: date
    basis: str  # "1/6 at level 2"
    recommended: str
    decided: str
    signed: int
    needed: int
    url: str = ""
    in_force: bool = True
    basis_changed: bool = False
    opening_corrected: bool = False  # since: it stood on the levels opened on paper as they were
    cautious: bool = False  # more cautious than recommended, with a reason
    reason: str = ""
    signers: str = ""  # "A. Berg (safety committee member), …", where they are shown


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A patient whose DLT window is not settled."""

    patient: str
    day: int
    days: int
    url: str = ""
    note: str = ""  # "window over: confirm no DLT", "DLT suspected"
    tone: str = ""
    over: date | None = None  # its last day, once that is past

    @property
    def reached(self) -> int:
        return max(0, min(self.day, self.days))


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """What must be entered, answered or adjudicated before a decision."""

    text: str
    owner: str
    url: str = ""
    due: date | None = None
    due_words: str = ""  # "due today" wins over the date
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    text: str
    at: datetime
    who: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class NewsRow:
    """A death or a serious event; on the dashboard whatever else has come in, too."""

    tag: str  # "death", "serious event"
    text: str
    url: str = ""
    new: bool = False  # to this reader, since his last visit
    tone: str = "amber"


@dataclass(frozen=True, slots=True)
class TrialPage:
    url: str  # this page: the live regions fetch it again
    pulse_url: str
    seen: str  # the token of what this page shows
    headline: str  # "Level 3 is open: 1 of 3 evaluable, 0 DLT, 2 pending"
    next_change: str  # "Next change no later than 16 Dec 2026, when patient 013 completes the window."
    where: str  # "Demo data · illustrative doses · protocol 1.2 · record no. 1 284"
    as_of: datetime | None  # None: the past of a simulated trial, whose actions happened at no real hour
    drugs: str  # "selinexor / ruxolitinib / methylprednisolone"
    dose_unit: str  # "mg"
    ladder: SafeString
    ladder_table: SafeString
    recommendation: RecommendationCard
    levels: Sequence[LevelRow]  # the highest first
    decisions: Sequence[DecisionRow] = ()
    paper: Sequence[PaperRow] = ()  # in order
    decisions_note: str = ""  # "3 in force, all decisions re-checked: same answer"
    windows: Sequence[WindowRow] = ()
    blocked: Sequence[BlockedRow] = ()
    besides: Sequence[BlockedRow] = ()  # open too, but no decision waits for it
    in_window: int = 0  # patients whose DLT window still runs
    events: Sequence[EventRow] = ()
    news: Sequence[NewsRow] = ()  # since the last decision
    news_since: str = ""  # "decision 3", "" before the first
    primary: Link | None = None  # the one next step of this person
    others: Sequence[Link] = field(default=())
