"""Holding all enrolment at once, in one step."""

from uuid import UUID

from trial.models import User
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May, Role

from ..models import Hold


def standing(trial: UUID) -> Hold | None:
    """The hold of a person that no decision has lifted yet."""
    return Hold.objects.filter(trial=trial, lifted_by=None, cause="", voided=False).order_by("rev").last()


def hold(*, trial: UUID, reason: str, by: User, key: UUID | None = None) -> Hold:
    """Hold all enrolment at once: a principal investigator or the medical monitor, in one step, with a reason."""
    with ledger.action(trial, by=by, may=May.HOLD, verb="trial.hold", reason=reason, key=key, asked=(reason,)) as act:
        if act.earlier:
            return Hold.objects.get(pk=act.earlier)
        if act.membership and act.membership.role == Role.INVESTIGATOR and not act.membership.principal:
            raise Refused("Hold: only a principal investigator or the medical monitor can hold enrolment.")
        if not reason.strip():
            raise Refused("Reason: a hold needs one.", field="reason")
        row = Hold.objects.create(trial_id=trial, reason=reason, by=by, since=act.now)
        act.result(row.pk)
        return row
