"""Verbs that correct names, and what stands beside them: of a site, of a person, of the trial."""

from uuid import UUID

from .. import clock
from ..models import Account, Site, Trial, User
from ..record import corrections, ledger
from ..refusals import Refused
from ..roles import May


def correct_site(
    *,
    trial: UUID,
    site: UUID,
    code: str,
    name: str,
    time_zone: str,
    country: str | None = None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Site:
    """Code, name, time zone, country of a site as they should stand. A new zone says when its days end; no date moves.

    country: None leaves it, "" says that it is not recorded. rev: the row's number on the corrector's screen; a later
    one refuses.
    """
    asked = (site, rev, reason, code, name, time_zone, *([country] if country else []))
    with ledger.action(
        trial, by=by, may=May.MANAGE_PEOPLE, verb="site.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Site.objects.get(pk=site, trial=trial)
        if act.earlier:
            return row
        corrections.check(act, row, f"Site {row.code}", seen=rev, reason_for="a correction")
        country = row.country if country is None else country.strip() or None
        if (row.code, row.name, row.time_zone, row.country) == (code, name, time_zone, country):
            raise Refused("Site: this is recorded already.", field="name")
        if not name.strip() or not code.strip():
            raise Refused("Name: a site has a code and a name.", field="name" if code.strip() else "code")
        if Site.objects.filter(trial=trial, code=code).exclude(pk=row.pk).exists():
            raise Refused(f"Code: this trial has a site {code} already.", field="code")
        if not clock.is_zone(time_zone):
            raise Refused(f"Time zone: {time_zone} is unknown; write it like Europe/Vienna.", field="time_zone")
        row.code, row.name, row.time_zone, row.country = code, name, time_zone, country
        row.save()
        act.result(row.pk)
        return row


def check_sponsor(sponsor: str | None, address: str | None) -> None:
    if (address or "").strip() and not (sponsor or "").strip():
        raise Refused("Sponsor: an address is somebody's; name the sponsor.", field="sponsor")


def correct_trial(
    *,
    trial: UUID,
    title: str,
    disease: str,
    sponsor: str | None = None,
    sponsor_address: str | None = None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Trial:
    """Title, disease and sponsor of a trial as they should stand; its code is in every address and stays.

    sponsor, sponsor_address: None leaves it, "" says that it is not recorded.
    """
    of_sponsor = [sponsor, sponsor_address] if sponsor or sponsor_address else []
    asked = (trial, rev, reason, title, disease, *of_sponsor)
    with ledger.action(
        trial, by=by, may=May.MANAGE_PEOPLE, verb="trial.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Trial.objects.get(pk=trial)
        if act.earlier:
            return row
        corrections.check(act, row, "The trial", seen=rev, reason_for="a correction")
        if not title.strip():
            raise Refused("Title: a trial has one.", field="title")
        sponsor = row.sponsor if sponsor is None else sponsor.strip() or None
        address = row.sponsor_address if sponsor_address is None else sponsor_address.strip() or None
        check_sponsor(sponsor, address)
        if (row.title, row.disease, row.sponsor, row.sponsor_address) == (title, disease, sponsor, address):
            raise Refused("Title: this is recorded already.", field="title")
        row.title, row.disease, row.sponsor, row.sponsor_address = title, disease, sponsor, address
        row.save()
        act.result(row.pk)
        return row


def correct_name(
    *, user: UUID, name: str, rev: int | None = None, reason: str, by: User, key: UUID | None = None
) -> Account:
    """A person's name: corrected by himself, or by an administrator. What was signed keeps the name of then.

    rev: of the account on the corrector's screen; a later one refuses.
    """
    may = None if by.pk == user else May.MANAGE_PEOPLE
    with ledger.action(
        None, by=by, may=may, verb="account.correct", reason=reason, key=key, asked=(user, rev, reason, name)
    ) as act:
        row = Account.objects.get(user=user)
        if act.earlier:
            return row
        now = f": the name is {row.name} now"
        corrections.check(act, row, "The account", seen=rev, besides=now, reason_for="a correction")
        if not name.strip():
            raise Refused("Name: an account has one.", field="name")
        if row.name == name:
            raise Refused(f"Name: {name} is recorded already.", field="name")
        row.name = name
        row.save()
        User.objects.filter(pk=user).update(name=name)
        act.result(row.pk)
        return row
