"""What was read of a trial, kept in this process for as long as the head of its chain stays the same.

Audited rows change only in an action, and every action moves the head: what was read under one head is what would be
read again. An entry is asked for by the head that the ledger shows now, so a stale one is never found; a head that was
rolled back never comes again. It serves pages and consequences; enrolment and signing read the rows themselves.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
PEOPLE = "SELECT head FROM trial_ledger WHERE trial_id IS NULL"  # names, accounts; settings.STAMPS names it


class Kept(Generic[Value]):
    """The last value of each trial with its head, of the `most` trials asked for last.

    What is made for one reader is kept of trial and reader, under a head with all that his own view follows from.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._values: OrderedDict[Hashable, tuple[str, Value]] = OrderedDict()

    def get(self, trial: Hashable, head: str) -> Value | None:
        """What was kept under `head`, None for nothing or for another head."""
        with self._lock:
            if trial not in self._values:
                return None
            self._values.move_to_end(trial)
            under, value = self._values[trial]
            return value if under == head else None

    def last(self, trial: Hashable) -> Value | None:
        """What was kept last, under whatever head: to compare with what is read now, never to answer with."""
        with self._lock:
            return self._values[trial][1] if trial in self._values else None

    def put(self, trial: Hashable, head: str, value: Value) -> None:
        with self._lock:
            self._values[trial] = (head, value)
            self._values.move_to_end(trial)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
