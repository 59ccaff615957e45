"""Notices of clocks: half of a time is over, all of it is over. A tick asks; each is owed once."""

from datetime import datetime
from uuid import UUID

from trial import clock, notices
from trial.models import NoticeKind, Trial, User
from trial.people.services import people_with
from trial.roles import May

from . import queries
from .case import Case
from .clocks import Clock, Kind


def watch(trial: UUID) -> None:
    """Owe what is to be told by now. A clock whose start was corrected is another clock, and told of anew."""
    row = Trial.objects.get(pk=trial)
    now = clock.now(simulated=row.simulated)
    told = [
        (case, timed.clock, _key(case, timed.clock, now))
        for case in queries.cases(trial)
        for timed in case.clocks
        if timed.clock.running and now >= timed.clock.half_at
    ]
    known = notices.known(key for _, _, key in told)
    for case, running, key in told:
        if key not in known:
            _post(row, case, running, key, now)


def _key(case: Case, running: Clock, now: datetime) -> str:
    what = "due" if running.over(now) else "half"
    return f"case-{what}-{case.event.pk}-{running.kind}-{running.number}-{running.due_at:%Y%m%d%H%M}"


def _post(trial: Trial, case: Case, running: Clock, key: str, now: datetime) -> None:
    over = running.over(now)
    what = running.rule.what
    notices.post(
        trial=trial,
        to=_people(trial, case, running, over=over),
        key=key,
        kind=NoticeKind.SAFETY,
        page=f"serious/{case.event.number}/",
        subject=f"{trial.code}: {case.code}, {'overdue' if over else 'half of the time is over'}: {what.lower()}",
        text=f"{what}: {running.rule.within}. {'This time is over' if over else 'Half of it is over'}, and nothing is "
        "recorded that was told.",
    )


def _people(trial: Trial, case: Case, running: Clock, *, over: bool) -> list[User]:
    sponsor = people_with(trial.pk, May.HANDLE_CASE)
    if running.kind is not Kind.SITE:
        return sponsor
    site = people_with(trial.pk, May.REPORT_EVENT, site=case.patient.site_id)
    return [*site, *sponsor] if over else site
