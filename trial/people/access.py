"""Which trial a person may see, as whom, and which sites' patients. Every read starts here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from .. import clock
from ..models import Membership, Site, Trial, User
from ..record import ledger
from ..roles import May, Role, allows
from . import entry
from .entry import Entry


@dataclass(frozen=True, slots=True)
class Scope:
    """A person in a trial. `site` None sees all sites."""

    trial: Trial
    user: User
    role: str
    membership: Membership | None
    today: date  # the trial's clinical date

    @property
    def site(self) -> Site | None:
        return self.membership.site if self.membership else None

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    def may(self, right: May) -> bool:
        return allows(self.role, right)

    def sees(self, site_id: UUID) -> bool:
        """Whether patient records of that site are open to this person."""
        return self.may(May.READ_PATIENTS) and (self.site is None or self.site.pk == site_id)

    def need(self, right: May) -> None:
        """Raise PermissionDenied with a sentence when the role lacks `right`."""
        if not self.may(right):
            raise PermissionDenied(f"As {self.role_label} you may not {right.label}.")


def scope(user: User, trial: str | UUID, right: May = May.READ) -> Scope:
    """The person's scope in the trial (code or id). 404 for a stranger, PermissionDenied without `right`."""
    return entered(entry.by_person(user, trial), right)


def entered(found: Entry, right: May = May.READ) -> Scope:
    """`scope` from what was read at the door."""
    role = found.membership.role if found.membership else found.account_role
    if found.trial is None or not role:
        raise Http404("No such trial.")
    here = Scope(found.trial, found.user, role, found.membership, today(found.trial))
    here.need(right)
    return here


def scope_in(trial: Trial, user: User) -> Scope | None:
    """The person's scope in a trial that was read already, None for a stranger. Its rights are the caller's to ask."""
    membership = ledger.current_membership(user, trial)
    role = membership.role if membership else ledger.installation_role(user)
    return Scope(trial, user, role, membership, today(trial)) if role else None


def person(request: HttpRequest) -> User:
    """Who is signed in; every page but the log-in needs somebody (LoginRequiredMiddleware)."""
    assert isinstance(request.user, User)
    return request.user


def installation_may(user: User, right: May) -> bool:
    """Whether the person's installation role has `right`, in no trial."""
    role = ledger.installation_role(user)
    return bool(role) and allows(role, right)


def enter(request: HttpRequest, trial: str, right: May = May.READ) -> Scope:
    """`scope` for a page: the signed-in person's, left on the request for the frame, with where the record stood."""
    found = entry.by_person(person(request), trial)
    here = entered(found, right)
    request.scope, request.stamp = here, found.stamp  # type: ignore[attr-defined]
    return here


def today(trial: Trial) -> date:
    """The trial's clinical date."""
    return clock.clinical_date(clock.now(simulated=trial.simulated), trial.time_zone)


def trials(user: User) -> QuerySet[Trial]:
    """The trials a person is a member of; an administrator sees all (their names, not their data)."""
    if ledger.installation_role(user):
        return Trial.objects.filter(voided=False)
    mine = Q(pk__in=Membership.objects.filter(user=user, until=None, voided=False).values("trial"))
    return Trial.objects.filter(mine, voided=False)


def members(trial: UUID, *, rights: Sequence[May], site: UUID | None = None) -> QuerySet[Membership]:
    """Members whose role has one of `rights`, at `site` or at all sites."""
    roles = [role for role in Role if role != Role.ADMINISTRATOR and any(allows(role, r) for r in rights)]
    found = Membership.objects.filter(trial=trial, role__in=roles, until=None, voided=False, user__is_active=True)
    if site is not None:
        found = found.filter(Q(site=None) | Q(site=site))
    return found.select_related("user", "site")
