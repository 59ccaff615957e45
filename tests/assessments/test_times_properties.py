"""What must hold for the times of every course (docs/domain.md, section 8)."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from assessments import times
from assessments.imwg.terms import Assessment, PdSource, Response, ResponseSettings
from tests.assessments.imwg.test_imwg_properties import START, days, given_responses, settings


@st.composite
def timelines(draw: st.DrawFn) -> times.Timeline:
    course = draw(st.lists(given_responses, max_size=6))
    last = max((one.date for one in course), default=START)
    death = draw(st.none() | st.integers(0, 60).map(lambda n: last + timedelta(n)))
    return times.Timeline(
        start_of_therapy=START,
        assessments=tuple(course),
        new_therapy_date=draw(st.none() | days),
        death_date=death,
        death_cause=draw(st.sampled_from([None, *times.CAUSES])),
        last_contact_date=draw(st.none() | days),
        alive=tuple(draw(st.lists(st.builds(times.Alive, days, st.just("onset of AE 1")), max_size=2))),
    )


ENDPOINTS = ("ttp", "pfs", "ttr", "dor", "os")


@given(timelines(), settings, st.integers(0, 120), st.integers(0, 60))
@example(
    times.Timeline(start_of_therapy=START, death_date=START + timedelta(64)),
    ResponseSettings(missed_assessments=2),
    64,
    0,
)
def test_a_later_cut_off_never_turns_an_event_back(timeline, rules, first, more):
    early, late = (
        times.times(replace(timeline, data_cutoff=START + timedelta(first + extra)), rules) for extra in (0, more)
    )

    for name in ENDPOINTS:
        one, other = getattr(early, name), getattr(late, name)
        if one is not None and one.event:
            assert other is not None and other.event and other.on == one.on


@given(timelines(), settings)
def test_times_are_never_negative_and_fit_together(timeline, rules):
    found = times.times(timeline, rules)

    assert all(getattr(found, name) is None or getattr(found, name).days >= 0 for name in ENDPOINTS)
    assert found.pfs.days <= found.os.days or not found.os.event
    assert (found.dor is None) == (not found.ttr.event)
    assert not found.ttp.event or found.pfs.event or rules.ttp_myeloma_death == "event"
    if found.dor is not None and found.ttp.event and found.ttp.stands_on == "assessment":
        assert found.dor.on == found.ttp.on
    assert found.os.event == (timeline.death_date is not None)


@given(timelines(), settings, st.randoms())
def test_the_order_of_records_does_not_matter_to_times(timeline, rules, chance: Random):
    turned = list(timeline.assessments)
    chance.shuffle(turned)

    assert times.times(replace(timeline, assessments=tuple(turned)), rules) == times.times(timeline, rules)


@given(timelines(), settings)
def test_nothing_is_known_after_the_last_day_alive(timeline, rules):
    """So that no figure shows a patient after the day at which OS ends."""
    found = times.times(timeline, rules)

    assert all(getattr(found, name) is None or getattr(found, name).on <= found.os.on for name in ENDPOINTS)


@given(timelines(), settings, st.integers(1, 100))
def test_the_death_from_myeloma_stands_as_a_second_progression(timeline, rules, later):
    """What a laboratory PD on the day of the death would confirm, the death confirms."""
    rules = replace(rules, pd_confirmation=True, ttp_myeloma_death="censor", dor_death="censor")
    on = max((one.date for one in timeline.assessments), default=START) + timedelta(later)
    died = replace(timeline, death_date=on, death_cause="progression")
    second = Assessment(date=on, response=Response.PD, pd_source=PdSource.LABORATORY)
    assessed = replace(timeline, death_date=None, assessments=(*timeline.assessments, second))
    by_death, by_value = times.times(died, rules), times.times(assessed, rules)

    for name in ("ttp", "ttr", "dor"):
        one, other = getattr(by_death, name), getattr(by_value, name)
        assert (one and (one.event, one.on)) == (other and (other.event, other.on))


@given(timelines(), settings)
def test_another_cause_never_makes_a_progression_earlier(timeline, rules):
    of_myeloma = times.times(replace(timeline, death_cause="progression"), rules)
    another = times.times(replace(timeline, death_cause="other"), rules)

    assert not another.ttp.event or (of_myeloma.ttp.event and of_myeloma.ttp.on <= another.ttp.on)
    assert of_myeloma.os == another.os
