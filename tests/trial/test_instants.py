"""Day and time of a place, where clocks are put forward and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial import instants

ZONES = ["UTC", "Europe/Vienna", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe"]


@pytest.mark.parametrize(
    ("typed", "zone", "expected"),
    [
        ("14 Mar 2026 16:30", "Europe/Vienna", "2026-03-14T15:30"),
        ("2026-07-14 16:30", "Europe/Vienna", "2026-07-14T14:30"),
        ("2026-07-14T9:05", "America/New_York", "2026-07-14T13:05"),
        ("2026-10-25 02:30 +02:00", "Europe/Vienna", "2026-10-25T00:30"),  # the first of two
        ("25 Oct 2026 02:30 +01:00", "Europe/Vienna", "2026-10-25T01:30"),
    ],
)
def test_read(typed, zone, expected):
    assert instants.read(typed, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("14 Mar 2026", "write day and time like"),
        ("14/03/2026 16:30", "write a date like"),
        ("14 Mar 2026 24:00", "no time of the day"),
        ("2026-03-29 02:30", "the clocks were put forward"),
        ("2026-10-25 02:30", r"twice on that day: write \+02:00 or \+01:00"),
        ("2026-07-14 16:30 +01:00", r"is \+02:00 on that day, not \+01:00"),
    ],
)
def test_refused(typed, says):
    with pytest.raises(ValueError, match=says):
        instants.read(typed, "Europe/Vienna")


@given(st.integers(0, 2 * 365 * 1440), st.sampled_from(ZONES))
def test_what_a_field_shows_is_read_as_the_same_minute(minutes, zone):
    minute = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)

    assert instants.read(instants.typed(minute, zone), zone) == minute


def test_every_minute_of_the_night_in_which_clocks_are_put_back():
    begun = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    for minutes in range(0, 240, 15):
        at = begun + timedelta(minutes=minutes)
        assert instants.read(instants.typed(at, "Europe/Vienna"), "Europe/Vienna") == at
