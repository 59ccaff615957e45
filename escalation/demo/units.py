"""The demo trial by trial. Each is a unit, stored whole or not at all: a process that is killed leaves no half of one.

What is there is seen from the record alone, so a process that is started again goes on where the last one was.
"""

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import InterfaceError, OperationalError, connection, connections, transaction

from trial.local.progress import Progress
from trial.models import Trial, User
from trial.processes import die_with_parent

from . import build, cast, replay
from .published import Published, read
from .stage import people

LOCK = 20261129  # with a unit's place the key of its advisory lock; no other code takes any


class Busy(Exception):
    """Another process is playing this trial."""


AGAIN = (Busy, OperationalError, InterfaceError, BrokenProcessPool)  # no fault of the trial: to be tried again
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unit:
    """One trial of the demo: the study, or a published trial that is replayed."""

    place: int
    code: str
    published: Published | None = None

    def is_there(self) -> bool:
        if self.published is None:
            return Trial.objects.filter(code=self.code).exists()
        return bool(replay.existing(self.published, cast.DEMO))

    def play(self) -> str:
        """Store the trial, all of it; what came of it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, self.place])
            if not cursor.fetchone()[0]:
                raise Busy(f"Another process is building {self.code}.")
            if self.is_there():
                return f"{self.code} is there"
            persons = people(cast.DEMO, "")  # all have their accounts
            if self.published is None:
                build.play(persons)
                return f"{self.code}, in mid-course"
            played = replay.play(self.published, persons, again=True)
            return f"{played.trial.code}, {played.parted or 'replayed to its published conclusion'}"


def units() -> list[Unit]:
    """The study first: it is what the demo is about."""
    published = publications()
    return [Unit(0, build.CODE), *(Unit(k, replay.code_of(trial), trial) for k, trial in enumerate(published, 1))]


def publications() -> list[Published]:
    return read((settings.BASE_DIR / "docs" / "published_trials.json").read_bytes())


def missing() -> list[Unit]:
    return [unit for unit in units() if not unit.is_there()]


def so_far(todo: Sequence[Unit]) -> Progress:
    of = len(units())
    return Progress(of - len(todo), of)


def build_missing(
    todo: Sequence[Unit], *, processes: int, tell: Callable[[Progress, str], object] = lambda so_far, came: None
) -> Progress:
    """Play what is missing, `processes` trials beside each other; none waits for another's lock.

    tell: called after each unit with how far it is and what came of the unit. One that cannot be played is left out
    and named. Raises one of AGAIN when the database is gone or a process was killed.
    """
    progress = so_far(todo)
    for came, why in _played(todo, processes):
        left_out = (*progress.left_out, why) if why else progress.left_out
        progress = Progress(progress.built + (not why), progress.of, left_out)
        tell(progress, came or f"nothing of {why}")
    return progress


def _played(todo: Sequence[Unit], processes: int) -> Iterator[tuple[str, str]]:
    """Of each unit, as it ends: what came of it, or why it is left out."""
    if processes == 1 or len(todo) < 2:
        yield from map(_play, todo)
        return
    context = get_context("fork")
    again: Exception | None = None
    with ProcessPoolExecutor(min(processes, len(todo)), mp_context=context, initializer=_begin(os.getpid())) as pool:
        for ended in as_completed([pool.submit(_play, unit) for unit in todo]):
            try:
                yield ended.result()
            except AGAIN as why:  # the others end first
                again = why
    if again:
        raise again


def _begin(parent: int) -> Callable[[], None]:
    def in_the_process() -> None:
        for inherited in connections.all(initialized_only=True):
            inherited.connection = None  # the parent's, and its socket: neither used nor closed here
        os.nice(5)  # pages that people wait for come first
        if ask := die_with_parent(signal.SIGKILL, parent):
            ask()

    return in_the_process


def _play(unit: Unit) -> tuple[str, str]:
    try:
        return unit.play(), ""
    except AGAIN:
        raise
    except Exception as why:  # it must not keep the others from being built
        logger.exception("%s was left out of the demo", unit.code)
        return "", f"{unit.code}: {str(why).strip().splitlines()[0] if str(why).strip() else type(why).__name__}"


def open_accounts(password: str) -> None:
    people(cast.DEMO, password)


def logins(password: str) -> str:
    """The log-ins that work, a line each, for people to read."""
    emails = {person.email(cast.DEMO): person for person in cast.CAST}
    stored = dict(User.objects.filter(email__in=emails, is_active=True).values_list("email", "password"))
    known = any(check_password(password, one) for one in list(stored.values())[:1])  # each takes a quarter of a second
    said = f"all with the password {password}" if known else "with the password that they were given"
    lines = [f"  {email:<30} {person.does}" for email, person in emails.items() if email in stored]
    return "\n".join([f"Demo log-ins, {said}", *lines])
