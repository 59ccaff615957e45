"""The kinds of report, who may read each, and as whom its contents are read: one text for all its readers.

A report shows no more than the least of its readers may see. The open one goes to whoever reads the patients of all
sites; the closed one holds efficacy over all cohorts, and how firm the recommendation is, which its rights are asked
for (docs/decisions/2026-11-30-reports.md).
"""

from enum import StrEnum

from assessments.events import sight
from trial import clock
from trial.models import Trial, User
from trial.people.access import Scope
from trial.roles import May, Role

from ..models import DataCut
from ..situation.situation import Situation


class Kind(StrEnum):
    SUMMARY = "summary"
    OPEN = "open"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return {"summary": "Summary", "open": "Open report", "closed": "Closed report"}[self]

    @property
    def session(self) -> str:
        """What each of its pages is marked with."""
        return "closed" if self is Kind.CLOSED else "open"

    @property
    def holds_sub_study(self) -> bool:
        """Whether values of the sBCMA sub-study stand in it."""
        return self is Kind.CLOSED


VERDICT_FIRST = (
    "A DLT verdict is yours to give: the closed report says how firm the recommendation is. Give the verdict first."
)
RIGHTS = {
    Kind.SUMMARY: (May.READ_PATIENTS,),
    Kind.OPEN: (May.READ_PATIENTS,),
    Kind.CLOSED: (May.READ_PATIENTS, May.READ_EFFICACY, May.READ_FIRMNESS),
}


def may(scope: Scope, kind: Kind) -> bool:
    """Whether the person's role reads this kind: of all sites, for a report knows no others."""
    return scope.site is None and all(scope.may(right) for right in RIGHTS[kind])


def refusal(scope: Scope, kind: Kind, today: Situation | None) -> str:
    """Why this person may not read it now, "" when he may. today: where the trial stands."""
    if not may(scope, kind):
        return f"As {scope.role_label} you may not read the {kind.label.lower()}."
    if kind is Kind.CLOSED and today is not None and sight.owes(scope, today.facts):
        return VERDICT_FIRST
    return ""


# Of the roles that may read each kind, one with no more than the others: no reader of a DLT, and no voter.
READERS = {Kind.SUMMARY: Role.MONITOR, Kind.OPEN: Role.MONITOR, Kind.CLOSED: Role.STATISTICIAN}
OWING = (Role.DSMB, Role.MEDICAL_MONITOR)  # of those who read the closed one, who may owe a verdict


def reader(trial: Trial, cut: DataCut, kind: Kind) -> Scope:
    """As whom the contents are read, in the past of the cut."""
    return _scope(trial, cut, READERS[kind])


def owed(trial: Trial, cut: DataCut, here: Situation) -> bool:
    """Whether at the cut a verdict was open to a role that reads the closed report."""
    return any(sight.owes(_scope(trial, cut, role), here.facts) for role in OWING)


def _scope(trial: Trial, cut: DataCut, role: Role) -> Scope:
    return Scope(trial, User(), role, None, clock.Today(cut.on, cut.at), past=cut.record)
