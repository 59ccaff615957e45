"""Instants as people write and read them: day and time by the clock of a place. Pure (docs/domain.md, section 6)."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from . import dates

LIKE = "14 Mar 2026 16:30 or 2026-03-14 16:30"
_TYPED = re.compile(r"(.+?)[ T]+([0-9]{1,2}):([0-9]{2})(?: *([+-][0-9]{2}:[0-9]{2}))?")


def read(typed: str, zone: str) -> datetime:
    """Day and time at a place, by its time zone, as an instant in UTC. Raises ValueError: the rule that it breaks.

    A time that the clocks passed twice is told by its offset: 2026-10-25 02:30 +01:00.
    """
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        raise ValueError(f"write day and time like {LIKE}.")
    day, hour, minute, offset = dates.read(found[1]), int(found[2]), int(found[3]), found[4]
    if hour > 23 or minute > 59:
        raise ValueError(f"{found[2]}:{found[3]} is no time of the day; write it like {LIKE}.")
    here, place = datetime.combine(day, time(hour, minute)), ZoneInfo(zone)
    both = (here.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    may_be = sorted({at for at in both if at.astimezone(place).replace(tzinfo=None, fold=0) == here})
    if not may_be:
        raise ValueError(f"there was no {here:%H:%M} in {zone} on that day: the clocks were put forward.")
    by_offset = {_offset(at, place): at for at in may_be}
    if offset and offset not in by_offset:
        raise ValueError(f"{here:%H:%M} in {zone} is {' or '.join(by_offset)} on that day, not {offset}.")
    if not offset and len(may_be) > 1:
        raise ValueError(f"in {zone} it was {here:%H:%M} twice on that day: write {' or '.join(by_offset)} behind it.")
    return by_offset[offset] if offset else may_be[0]


def shown(at: datetime, zone: str) -> str:
    """As people read it: 14 Mar 2026 16:30 CET."""
    here = at.astimezone(ZoneInfo(zone))
    return f"{dates.shown(here.date())} {here:%H:%M %Z}"


def typed(at: datetime, zone: str) -> str:
    """As a field shows it to be changed: read again it is the same instant, to the minute."""
    place = ZoneInfo(zone)
    here = at.astimezone(place)
    twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{dates.shown(here.date())} {here:%H:%M}{f' {_offset(at, place)}' if twice else ''}"


def _offset(at: datetime, place: ZoneInfo) -> str:
    text = at.astimezone(place).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
