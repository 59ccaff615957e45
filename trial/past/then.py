"""The trial as it was, for somebody who reads it today: one way there for pages and endpoints.

Rights, and what may not be read, are those of today. Tables, record, day and site are those of then; what a meeting
froze is read on the day and by the rules of its cut, as its members read it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from .. import clock, queries
from ..models import Site, Trial
from ..people.access import Frozen, Scope
from ..record import ledger


def hidden(today: Scope) -> frozenset[UUID]:
    """The rows that this person may not read today: then he sees them neither."""
    shut: frozenset[UUID] = import_string(settings.SHUT)(today.trial.pk, today.user)
    gone: frozenset[UUID] = import_string(settings.PAST["hidden"])(today.trial.pk)
    return shut | gone


@contextmanager
def read(today: Scope, moment: int | Frozen, *, without: frozenset[UUID]) -> Iterator[Scope]:
    """Outermost: inside, the trial is as it was at that number or cut, and the reader the one given.

    today: the reader as he is. without: what is `hidden` from him.
    """
    cut = moment if isinstance(moment, Frozen) else None
    number = moment.record if isinstance(moment, Frozen) else moment
    today = replace(today, withheld=import_string(settings.PAST["withheld"])(today))
    with ledger.as_of(today.trial.pk, number, without=without):
        trial = Trial.objects.get(pk=today.trial.pk)
        member = today.membership
        if member is not None and member.site is not None:
            member.site = Site.objects.filter(pk=member.site.pk).first() or member.site
        days = clock.Today(cut.on, cut.at) if cut else _days(trial, number)
        yield replace(today, trial=trial, membership=member, days=days, past=number, cut=cut)


def _days(trial: Trial, number: int) -> clock.Today:
    event = queries.events(trial.pk).get(number=number)
    on = import_string(settings.PAST["day_of"])(trial, event)
    return clock.Today(on, None if trial.simulated else event.at)  # a simulated trial's actions are of no real hour
