"""What is new to a reader: rows whose `rev` is above the record number that he saw on his last visit to the trial."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from .. import ids
from ..models import Visit
from .access import Scope

PAUSE = timedelta(minutes=30)  # after which the next page begins a new visit
OFTEN = timedelta(minutes=1)

_SEEN = """
    INSERT INTO trial_visit AS v (id, user_id, trial_id, number, before, at) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (user_id, trial_id) DO UPDATE SET
        before = CASE WHEN v.at < %s THEN v.number ELSE v.before END,
        number = greatest(v.number, excluded.number), at = excluded.at
    RETURNING before
"""


def seen(scope: Scope, number: int) -> int:
    """The number that the person had seen before this visit; on the first this one: nothing is new then.

    number: of the record when the page was entered, so that what is written while it is made is new the next time.
    """
    if scope.past is not None:
        return scope.past  # nothing is new there, and reading it is no visit
    now = timezone.now()
    known = Visit.objects.filter(user=scope.user, trial=scope.trial).first()
    if known and known.number >= number and now - known.at < OFTEN:
        return known.before
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [ids.new(), scope.user.pk, scope.trial.pk, number, number, now, now - PAUSE])
        (before,) = cursor.fetchone()
    return int(before)
