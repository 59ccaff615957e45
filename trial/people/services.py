"""Verbs of people: accounts, sites and memberships."""

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from .. import clock, notices
from ..models import Account, Membership, Site, User
from ..record import ledger
from ..record.ledger import Act
from ..refusals import Refused
from ..roles import ONE_SITE, May, Role
from . import access, sessions


def open_account(
    *, email: str, name: str, password: str, role: str = "", by: User | None, key: UUID | None = None
) -> User:
    """Open a log-in account. by: an administrator, or None for what no person opens.

    password: given by an administrator it lets its owner do one thing: choose another. "" sends a link to choose one.
    """
    asked = (email, name, role)
    with ledger.action(None, by=by, may=May.MANAGE_PEOPLE, verb="account.open", key=key, asked=asked) as act:
        if act.earlier:
            return User.objects.get(pk=act.earlier)
        user = _open(act, email=email, name=name, password=password, role=role, given=bool(by and password))
        if not password:
            notices.post_one_time(
                user,
                key=f"account-{user.pk}",
                subject="An account was opened for you",
                text=f"You sign in as {user.email}. Choose your password by the link, within a day; it works once.",
            )
        return user


def open_first_administrator(*, email: str, name: str, password: str) -> User:
    """Open the account by which an installation begins. Raises ValidationError for a password that is too weak.

    Refuses while there is an administrator: he opens all others.
    """
    with ledger.action(None, by=None, may=None, verb="account.open") as act:
        if other := administrators().first():
            raise Refused(
                f"There is an administrator already, {other.name}: he opens the others, on the page Accounts."
            )
        try:
            validate_email(email)
        except ValidationError:
            raise Refused(f"E-mail: {email} is not an address like name@example.org.", field="email") from None
        if not name.strip():
            raise Refused("Name: an account has one.", field="name")
        validate_password(password, User(email=email, name=name))
        return _open(act, email=email, name=name, password=password, role=Role.ADMINISTRATOR, given=False)


def _open(act: Act, *, email: str, name: str, password: str, role: str, given: bool) -> User:
    """given: whether somebody else chose the password."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(f"E-mail: there is an account with the address {email} already.", field="email")
    user = User.objects.create_user(email, password or None, name=name, must_change_password=given)
    Account.objects.create(user=user, name=name, email=user.email, role=role)
    act.result(user.pk)
    return user


def administrators() -> QuerySet[Account]:
    """Open accounts that administer this installation."""
    return Account.objects.filter(role=Role.ADMINISTRATOR, open=True, voided=False, user__is_active=True)


def close_account(*, user: UUID, reason: str, by: User) -> None:
    """Close an account: it can no longer sign in, and its memberships give no rights."""
    with ledger.action(None, by=by, may=May.MANAGE_PEOPLE, verb="account.close", reason=reason):
        if not reason.strip():
            raise Refused("Reason: closing an account needs one.", field="reason")
        account = Account.objects.get(user=user)
        if account.role == Role.ADMINISTRATOR and not administrators().exclude(user=user).exists():
            raise Refused("This is the only administrator: open another one first, else nobody could open an account.")
        account.open = False
        account.save()
        User.objects.filter(pk=user).update(is_active=False)
        sessions.end_all(user)


def add_site(
    *,
    trial: UUID,
    code: str,
    name: str,
    time_zone: str = "UTC",
    country: str = "",
    by: User | None,
    key: UUID | None = None,
) -> Site:
    asked = (code, name, time_zone, *([country] if country else []))
    with ledger.action(trial, by=by, may=May.MANAGE_PEOPLE, verb="site.add", key=key, asked=asked) as act:
        if act.earlier:
            return Site.objects.get(pk=act.earlier)
        if Site.objects.filter(trial=trial, code=code).exists():
            raise Refused(f"Code: this trial has a site {code} already.", field="code")
        if not clock.is_zone(time_zone):  # every date of its patients is read by it
            raise Refused(f"Time zone: {time_zone} is unknown; write it like Europe/Vienna.", field="time_zone")
        site = Site.objects.create(
            trial_id=trial, code=code, name=name, time_zone=time_zone, country=country.strip() or None
        )
        act.result(site.pk)
        return site


def add_member(
    *,
    trial: UUID,
    user: UUID,
    role: str,
    site: UUID | None = None,
    principal: bool = False,
    second_reader: bool = False,
    third_reader: bool = False,
    by: User | None,
    key: UUID | None = None,
) -> Membership:
    """Give a person a role in the trial; one at a time, at one site for investigators and coordinators."""
    asked = (user, role, site, principal, second_reader, third_reader)
    with ledger.action(trial, by=by, may=May.MANAGE_PEOPLE, verb="member.add", key=key, asked=asked) as act:
        if act.earlier:
            return Membership.objects.get(pk=act.earlier)
        if by is not None and by.pk == user:
            raise Refused("Person: nobody gives himself a role; another administrator does it.", field="user")
        if role in ONE_SITE and site is None:
            raise Refused(f"Site: {Role(role).label} works at one site; choose it.", field="site")
        if role not in ONE_SITE and site is not None:
            raise Refused(f"Site: {Role(role).label} has all sites; leave it empty.", field="site")
        if site is not None and not Site.objects.filter(pk=site, trial=trial).exists():
            raise Refused("Site: it is not a site of this trial.", field="site")
        if Membership.objects.filter(trial=trial, user=user, until=None, voided=False).exists():
            raise Refused("Person: has a role in this trial already; end that one first.", field="user")
        if principal:
            if role != Role.INVESTIGATOR:
                raise Refused("Principal: only an investigator can be the principal one.", field="principal")
            if Membership.objects.filter(trial=trial, site=site, principal=True, until=None, voided=False).exists():
                raise Refused("Principal: this site has its principal investigator already.", field="principal")
        member = Membership.objects.create(
            trial_id=trial,
            user_id=user,
            role=role,
            site_id=site,
            principal=principal,
            second_reader=second_reader,
            third_reader=third_reader,
            since=act.clinical_date,
        )
        act.result(member.pk)
        return member


def end_membership(*, trial: UUID, membership: UUID, reason: str, by: User) -> None:
    with ledger.action(trial, by=by, may=May.MANAGE_PEOPLE, verb="member.end", reason=reason) as act:
        if not reason.strip():
            raise Refused("Reason: ending a membership needs one.", field="reason")
        member = Membership.objects.get(pk=membership, trial=trial)
        if member.until is None:
            member.until = max(act.clinical_date, member.since)
            member.save()


def people_with(trial: UUID, *rights: May, site: UUID | None = None) -> list[User]:
    """Members who have one of the rights, for notices."""
    return [member.user for member in access.members(trial, rights=rights, site=site)]
