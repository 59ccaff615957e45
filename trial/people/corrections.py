"""Verbs that correct names: of a site, of a person, of the trial."""

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
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Site:
    """Code, name and time zone of a site as they should stand. A new zone says when its days end; no date moves.

    rev: the row's number on the corrector's screen; a later one refuses.
    """
    asked = (site, rev, reason, code, name, time_zone)
    with ledger.action(
        trial, by=by, may=May.MANAGE_PEOPLE, verb="site.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Site.objects.get(pk=site, trial=trial)
        if act.earlier:
            return row
        corrections.check(act, row, f"Site {row.code}", seen=rev, reason_for="a correction")
        if (row.code, row.name, row.time_zone) == (code, name, time_zone):
            raise Refused("Site: this is recorded already.", field="name")
        if not name.strip() or not code.strip():
            raise Refused("Name: a site has a code and a name.", field="name" if code.strip() else "code")
        if Site.objects.filter(trial=trial, code=code).exclude(pk=row.pk).exists():
            raise Refused(f"Code: this trial has a site {code} already.", field="code")
        if not clock.is_zone(time_zone):
            raise Refused(f"Time zone: {time_zone} is unknown; write it like Europe/Vienna.", field="time_zone")
        row.code, row.name, row.time_zone = code, name, time_zone
        row.save()
        act.result(row.pk)
        return row


def correct_trial(
    *,
    trial: UUID,
    title: str,
    disease: str,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Trial:
    """Title and disease of a trial as they should stand; its code is in every address and stays."""
    asked = (trial, rev, reason, title, disease)
    with ledger.action(
        trial, by=by, may=May.MANAGE_PEOPLE, verb="trial.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Trial.objects.get(pk=trial)
        if act.earlier:
            return row
        corrections.check(act, row, "The trial", seen=rev, reason_for="a correction")
        if not title.strip():
            raise Refused("Title: a trial has one.", field="title")
        if (row.title, row.disease) == (title, disease):
            raise Refused("Title: this is recorded already.", field="title")
        row.title, row.disease = title, disease
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
