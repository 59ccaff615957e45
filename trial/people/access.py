"""Which trial a person may see, as whom, and which sites' patients. Every read starts here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from .. import clock
from ..models import Membership, Site, Trial, User
from ..record import who
from ..roles import READING, RIGHTS, May, Role, allows
from . import entry
from .entry import Entry


@dataclass(frozen=True, slots=True)
class Frozen:
    """A moment of the record that a meeting froze: the day and the rules by which it is read, and its name."""

    record: int
    on: date
    at: datetime
    rules: str | None  # version of the rules from event to count
    words: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A person in a trial. `site` None sees all sites.

    past: the record number as of which he reads, None for today. cut: the one that it is read as, None for none.
    withheld: rights that today leaves him not, nor then.
    """

    trial: Trial
    user: User
    role: str
    membership: Membership | None
    days: clock.Today
    past: int | None = None
    cut: Frozen | None = None
    withheld: frozenset[May] = frozenset()

    @property
    def today(self) -> date:
        """The trial's clinical date."""
        return self.days.on

    def today_at(self, site: Site) -> date:
        """The date in the site's own calendar: facts of its patients go by it."""
        return self.days.at(site.time_zone)

    @property
    def site(self) -> Site | None:
        return self.membership.site if self.membership else None

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    def may(self, right: May) -> bool:
        """By the rights of today, also in the past, where nothing is written."""
        left = self.past is None or (right in READING and right not in self.withheld)
        return left and allows(self.role, right)

    def sees(self, site_id: UUID) -> bool:
        """Whether patient records of that site are open to this person."""
        return self.may(May.READ_PATIENTS) and (self.site is None or self.site.pk == site_id)

    @property
    def reads_responses(self) -> bool:
        """Whether the responses of the patients whom this person sees are his: those of all sites are efficacy."""
        return self.site is not None or self.may(May.READ_EFFICACY)

    def need_responses(self) -> None:
        """Raise PermissionDenied where they are not."""
        if not self.reads_responses:
            self.need(May.READ_EFFICACY)

    def need(self, right: May) -> None:
        """Raise PermissionDenied with a sentence when the role lacks `right`."""
        if not self.may(right):
            raise PermissionDenied(f"As {self.role_label} you may not {right.label}.")


@dataclass(frozen=True, slots=True)
class Then:
    """A page of the past: its reader, what the frame shows of today, and whether rows are hidden from him."""

    scope: Scope
    recent: Sequence[Trial]
    hides: bool


def scope(user: User, trial: str | UUID, right: May = May.READ) -> Scope:
    """The person's scope in the trial (code or id). 404 for a stranger, PermissionDenied without `right`."""
    return entered(entry.by_person(user, trial), right)


def entered(found: Entry, right: May = May.READ) -> Scope:
    """`scope` from what was read at the door."""
    role = found.membership.role if found.membership else found.account_role
    if found.trial is None or not role:
        raise Http404("No such trial.")
    here = Scope(found.trial, found.user, role, found.membership, days(found.trial))
    here.need(right)
    return here


def scopes(user: User, trials: Sequence[Trial]) -> dict[UUID, Scope]:
    """The person's scope in each of these trials; a stranger's trial is left out. Rights are the caller's to ask."""
    mine = Membership.objects.filter(user=user, trial__in=trials, until=None, voided=False).select_related("site")
    account = who.open_account(user)
    if account is None:
        return {}
    members = {member.trial_id: member for member in mine}
    found = {}
    for trial in trials:
        member = members.get(trial.pk)
        if role := member.role if member else account.role:
            found[trial.pk] = Scope(trial, user, role, member, days(trial))
    return found


def person(request: HttpRequest) -> User:
    """Who is signed in; every page but the log-in needs somebody (middleware.SignedIn)."""
    assert isinstance(request.user, User)
    return request.user


def installation_rights(user: User) -> frozenset[May]:
    """What the person's installation role may, in no trial."""
    role = who.installation_role(user)
    return RIGHTS[role] if role else frozenset()


def installation_may(user: User, right: May) -> bool:
    return right in installation_rights(user)


def enter_installation(request: HttpRequest, right: May) -> User:
    """The signed-in person, for a page of the whole installation. PermissionDenied without `right` there."""
    reader = person(request)
    if not installation_may(reader, right):
        raise PermissionDenied(f"You may not {right.label} of the whole installation.")
    return reader


def enter(request: HttpRequest, trial: str, right: May = May.READ) -> Scope:
    """`scope` for a page: the signed-in person's, left on the request for the frame, with where the record stood."""
    then: Then | None = getattr(request, "then", None)
    if then is not None:  # trial.past.middleware has read who he is, before it went there
        then.scope.need(right)
        request.scope, request.stamp, request.entered = then.scope, None, None  # type: ignore[attr-defined]
        return then.scope
    found = entry.by_person(person(request), trial)
    here = entered(found, right)
    request.scope, request.stamp, request.entered = here, found.stamp, found.stamp  # type: ignore[attr-defined]
    _visited(request, here.trial.code)
    return here


RECENT, MOST_RECENT = "recent", 6


def _visited(request: HttpRequest, code: str) -> None:
    """The trials that a person visited last stand in his session, the latest first. A page's poll is no visit."""
    before = request.session.get(RECENT, [])
    if not request.path.endswith("/pulse/") and before[:1] != [code]:
        request.session[RECENT] = [code, *(c for c in before if c != code)][:MOST_RECENT]


def recent(request: HttpRequest, user: User) -> list[Trial]:
    """At most six trials to switch to: those visited last, then the first of the others."""
    codes = request.session.get(RECENT, [])
    found = list(trials(user).filter(code__in=codes)) if codes else []
    found.sort(key=lambda trial: codes.index(trial.code))
    if len(found) < MOST_RECENT:
        found += trials(user).exclude(code__in=codes)[: MOST_RECENT - len(found)]
    return found


def days(trial: Trial) -> clock.Today:
    """What day it is in the trial, and at each of its sites."""
    return clock.today(clock.now(simulated=trial.simulated), trial.time_zone)


def today(trial: Trial) -> date:
    """The trial's clinical date."""
    return days(trial).on


def trials(user: User) -> QuerySet[Trial]:
    """The trials a person is a member of; an administrator sees all (their names, not their data)."""
    account = who.open_account(user)
    if account is None:
        return Trial.objects.none()
    if account.role:
        return Trial.objects.filter(voided=False)
    mine = Q(pk__in=Membership.objects.filter(user=user, until=None, voided=False).values("trial"))
    return Trial.objects.filter(mine, voided=False)


def memberships(user: User) -> QuerySet[Membership]:
    """Those in force, with their trials."""
    return Membership.objects.filter(user=user, until=None, voided=False).select_related("trial")


def members(trial: UUID, *, rights: Sequence[May], site: UUID | None = None) -> QuerySet[Membership]:
    """Members whose role has one of `rights`, at `site` or at all sites."""
    roles = [role for role in Role if role != Role.ADMINISTRATOR and any(allows(role, r) for r in rights)]
    found = Membership.objects.filter(trial=trial, role__in=roles, until=None, voided=False, **who.OPEN)
    if site is not None:
        found = found.filter(Q(site=None) | Q(site=site))
    return found.select_related("user", "site")
