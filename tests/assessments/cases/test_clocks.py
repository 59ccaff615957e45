"""The clocks of a serious event, on days that were counted by hand on a calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.cases import clocks
from assessments.cases.clocks import Kind, News, Report, Submission


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def news(number: int, received: str, *, since: str = "", **but: bool) -> News:
    """A serious event that nobody expected and somebody holds related."""
    how = {"serious": True, "unexpected": True, "related": True} | but
    return News(number, at(since or received), at(received), **how)


def due(found: list[clocks.Clock]) -> list[tuple[str, str]]:
    """Of each clock its kind and, where it is in UTC, the last day on which it is kept."""
    return [(c.kind.value, f"{c.due_at - timedelta(seconds=1):%Y-%m-%d}") for c in found]


# ---- what the rules say, each with its source ----


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # ICH E2A III.B.1: fatal or life-threatening, 7 calendar days, "within 8 additional calendar days" the rest.
        ({"fatal": True}, [("seven", "2027-03-08"), ("complete", "2027-03-16")]),
        ({"life_threatening": True}, [("seven", "2027-03-08"), ("complete", "2027-03-16")]),
        # ICH E2A III.B.2, 21 CFR 312.32(c)(1), Regulation 536/2014 art. 42(2)(b): 15 calendar days.
        ({}, [("fifteen", "2027-03-16")]),
        # ICH E2A II: expedited are those that are serious, unexpected and an adverse drug reaction; all three.
        ({"serious": False}, []),
        ({"unexpected": False, "fatal": True}, []),
        ({"related": False, "fatal": True}, []),
    ],
)
def test_one_receipt(how, expected):
    assert due(clocks.of_authority([news(1, "2027-03-01T09:00", **how)], [], "UTC")) == expected


def test_a_case_that_turns_out_fatal_has_seven_days_of_its_own():
    """Regulation 536/2014 art. 42(2)(c): not later than seven days after the sponsor became aware of that."""
    found = clocks.of_authority([news(1, "2027-03-01T09:00"), news(2, "2027-03-10T18:00", fatal=True)], [], "UTC")

    assert due(found) == [("fifteen", "2027-03-16"), ("seven", "2027-03-17"), ("complete", "2027-03-25")]


@pytest.mark.parametrize(
    ("zone", "first", "due"),
    [
        ("UTC", "2027-03-01T00:00", "2027-03-02T00:00"),
        ("Asia/Tokyo", "2027-02-28T15:00", "2027-03-01T15:00"),
        ("America/New_York", "2027-03-01T05:00", "2027-03-02T05:00"),
    ],
)
def test_a_day_without_an_hour_counts_from_its_first_instant_at_the_site(zone, first, due):
    (clock,) = clocks.of_site([Report(1, clocks.began(date(2027, 3, 1), zone), by_day=True)])

    assert (clock.started_at, clock.due_at, clock.by_day) == (at(first), at(due), True)


@pytest.mark.parametrize("first", [{"serious": False}, {"unexpected": False}, {"related": False}])
def test_what_qualifies_later_counts_from_the_receipt_of_that_news(first):
    found = clocks.of_authority([news(1, "2027-02-01T09:00", **first), news(2, "2027-03-01T09:00")], [], "UTC")

    assert due(found) == [("fifteen", "2027-03-16")]


def test_life_threatening_then_fatal_begins_again_and_the_same_news_twice_does_not():
    grave = news(1, "2027-03-01T09:00", life_threatening=True)
    dead = {"life_threatening": True, "fatal": True}

    found = clocks.of_authority(
        [grave, news(2, "2027-03-03T09:00", **dead), news(3, "2027-03-04T09:00", **dead)], [], "UTC"
    )

    assert [(c.kind, c.number) for c in found] == [
        (Kind.SEVEN, 1), (Kind.COMPLETE, 1), (Kind.SEVEN, 2), (Kind.COMPLETE, 2),
    ]  # fmt: skip


def test_the_day_of_the_receipt_is_that_of_the_sponsors_calendar():
    """23:30 in New York is the next day in UTC, and the receipt's day is 0 there, not here."""
    found = clocks.of_authority([news(1, "2027-06-02T03:30", fatal=True)], [], "America/New_York")

    assert found[0].due_at == at("2027-06-09T04:00")  # midnight in New York after 8 June, 7 days after 1 June


def test_clocks_that_are_put_forward_take_no_day_and_no_hour_away():
    """Europe/Vienna, night of 27 to 28 March 2027: a day of 23 hours."""
    [fifteen] = clocks.of_authority([news(1, "2027-03-20T09:00")], [], "Europe/Vienna")
    [site] = clocks.of_site([Report(1, at("2027-03-27T20:00"))])

    assert fifteen.due_at == at("2027-04-04T22:00")  # midnight in Vienna, summer time
    assert site.due_at - site.started_at == timedelta(hours=24)


# ---- kept, late, stopped ----


def test_the_site_has_24_hours_and_the_last_moment_is_in_time():
    aware = at("2027-03-01T09:00")
    reports = [Report(1, aware, at("2027-03-02T09:00")), Report(2, aware, at("2027-03-02T09:01"))]

    in_time, late = clocks.of_site(reports)

    now = at("2027-04-01T00:00")
    assert not in_time.late(now)
    assert late.late(now)
    assert in_time.half_at == at("2027-03-01T21:00")


def test_the_last_minute_of_the_seventh_day_is_in_time_and_midnight_is_not():
    case = [news(1, "2027-03-01T09:00", fatal=True)]
    for moment, late in (("2027-03-08T23:59", False), ("2027-03-09T00:00", True)):
        seven, rest = clocks.of_authority(case, [Submission(1, at(moment))], "UTC")
        assert seven.late(at(moment)) is late
        assert rest.running, "it was not said to be complete"


def test_one_complete_report_keeps_every_clock_whose_news_is_in_it():
    case = [news(1, "2027-03-01T09:00"), news(2, "2027-03-04T09:00", fatal=True)]

    fifteen, seven, rest = clocks.of_authority(case, [Submission(1, at("2027-03-05T12:00"))], "UTC")
    assert (fifteen.running, seven.running, rest.running) == (False, True, True)

    found = clocks.of_authority(case, [Submission(2, at("2027-03-05T12:00"), complete=True)], "UTC")
    assert not any(clock.running for clock in found)


def test_a_downgrade_stops_what_runs_and_nothing_that_has_run_out():
    fatal = news(1, "2027-03-01T09:00", fatal=True)
    expected = {"unexpected": False, "fatal": True}

    seven, rest = clocks.of_authority(
        [fatal, news(2, "2027-03-01T09:00", since="2027-03-11T12:00", **expected)], [], "UTC"
    )
    assert seven.late(at("2027-03-11T12:00"))
    assert rest.stopped_at == at("2027-03-11T12:00")

    found = clocks.of_authority([fatal, news(2, "2027-03-01T09:00", since="2027-03-05T12:00", **expected)], [], "UTC")
    assert [clock.stopped_at for clock in found] == [at("2027-03-05T12:00")] * 2
    assert not any(clock.late(at("2028-01-01T00:00")) for clock in found)


def test_a_case_that_is_less_grave_than_it_seemed_keeps_its_fifteen_days():
    case = [news(1, "2027-03-01T09:00", life_threatening=True), news(2, "2027-03-04T09:00")]

    found = clocks.of_authority(case, [], "UTC")

    assert due([clock for clock in found if clock.running]) == [("fifteen", "2027-03-16")]


def test_the_site_owes_nothing_any_more_once_the_event_is_not_serious():
    early, over = clocks.of_site(
        [Report(1, at("2027-03-02T09:00")), Report(2, at("2027-03-01T09:00"))], at("2027-03-02T10:00")
    )

    assert early.stopped_at == at("2027-03-02T10:00")
    assert over.running and over.late(at("2027-03-02T10:00"))


# ---- whatever comes ----

MOMENTS = st.integers(0, 3 * 365 * 1440).map(lambda minutes: at("2026-01-01T00:00") + timedelta(minutes=minutes))
ZONES = st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Pacific/Auckland", "Africa/Cairo"])
CASES = st.lists(
    st.builds(
        lambda number, since, before, how: News(number, since, since - before, *how),
        st.integers(1, 9),
        MOMENTS,
        st.timedeltas(timedelta(), timedelta(days=3)),
        st.tuples(*[st.booleans()] * 5),
    ),
    max_size=5,
    unique_by=lambda one: one.number,
)


@given(CASES, st.lists(st.builds(Submission, st.integers(1, 9), MOMENTS, st.booleans()), max_size=3), ZONES)
def test_every_clock_is_whole_whatever_comes(case, sent, zone):
    found = clocks.of_authority(case, sent, zone)

    assert found == clocks.of_authority(case[::-1], sent[::-1], zone), "the order of entry means nothing"
    assert len({(clock.kind, clock.number) for clock in found}) == len(found)
    for clock in found:
        length = clock.due_at - clock.started_at
        days = clock.rule.days
        assert timedelta(days=days, hours=-1) < length <= timedelta(days=days + 1, hours=1)
        assert clock.started_at < clock.half_at < clock.due_at
        assert clock.stopped_at is None or (clock.met_at is None and clock.stopped_at < clock.due_at)
    expedited = {one.received_at for one in case if one.expedited}
    assert {clock.started_at for clock in found} <= expedited


@given(CASES, ZONES)
def test_a_case_that_is_one_to_be_told_now_has_a_clock_that_is_not_stopped(case, zone):
    last = max(case, key=lambda one: (one.since, one.number), default=None)

    found = clocks.of_authority(case, [], zone)

    if last is not None and last.expedited:
        kinds = {clock.kind for clock in found if clock.stopped_at is None}
        assert kinds & ({Kind.SEVEN} if last.gravity else {Kind.FIFTEEN, Kind.COMPLETE})
