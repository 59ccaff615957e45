"""Every reachable state of a rule is tried, and a rule that breaks a promise never comes in force."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.engine import rule as engine
from escalation.engine import terms
from escalation.engine.rule import Count, Standing
from escalation.engine.terms import Rule, Variant
from escalation.protocol import check as safety_check
from escalation.protocol import services as protocol
from escalation.protocol.check import Unsafe, check
from tests import factories
from tests.escalation.engine.test_engine_properties import rules
from tests.soak import examples
from trial.models import ProtocolVersion
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused

D6 = Rule(Variant.D6)
RIGHT = engine.standing


@pytest.fixture(autouse=True)
def _forget():
    safety_check.checked.cache_clear()
    yield
    safety_check.checked.cache_clear()


def faulty(monkeypatch, change):
    """The engine with one fault: `change` of (right standing, counts) where it is not None."""
    monkeypatch.setattr(
        engine,
        "standing",
        lambda counts, rule, start=1, closed=None: (
            change(RIGHT(counts, rule, start, closed), counts) or RIGHT(counts, rule, start, closed)
        ),
    )


def skips(stand: Standing, counts) -> Standing | None:
    """Two levels up after 0/3."""
    here = stand.level > 1 and counts[stand.level - 1].evaluable == 0 and stand.level < len(counts)
    return Standing(stand.level + 1, 3) if here else None


def never_ends(stand: Standing, counts) -> Standing | None:
    return Standing(stand.level, 6) if stand.places == 0 and stand.level else None


def stops_on_three(stand: Standing, counts) -> Standing | None:
    three = stand.level and counts[stand.level - 1].evaluable == 3
    return Standing(stand.level, 0) if three and stand.places == 6 else None


def takes_seven(stand: Standing, counts) -> Standing | None:
    return Standing(stand.level, 7) if stand.places == 6 else None


def gives_up(stand: Standing, counts) -> Standing | None:
    return Standing(0, 0) if stand.places == 0 and stand.level == 1 else None


def leaves_the_start(stand: Standing, counts) -> Standing | None:
    return Standing(1, 3) if counts == (Count(0, 0),) * 4 else None


@pytest.mark.parametrize(
    ("change", "start", "promise", "path"),
    [
        (skips, 1, "level 3 is given although level 2 has 0 of 3 evaluable patients", ((1, 0, 3),)),
        (never_ends, 1, "level 1 has 6 evaluable patients and asks for no more", ((1, 0, 3), (2, 2, 3), (1, 0, 3))),
        (stops_on_three, 1, "level 1 is recommended on 3 evaluable patients", ((1, 1, 3),)),
        (takes_seven, 1, "level 1 is given to 7 patients, more than 6", ((1, 1, 3),)),
        (gives_up, 1, "no level is called tolerated although a lower one is open", ((1, 0, 3), (2, 2, 3), (1, 0, 3))),
        (leaves_the_start, 2, "level 1, below the start level, is given although level 2 is open", ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_promise_is_shown_by_the_shortest_path(monkeypatch, change, start, promise, path):
    faulty(monkeypatch, change)

    with pytest.raises(Unsafe) as broken:
        check(D6, 4, start)

    assert broken.value.promise.startswith(promise)
    assert broken.value.path == path


def test_a_failed_level_that_is_recommended_is_seen(monkeypatch):
    """A rule that forgets the closed level when it stands at the one above."""
    monkeypatch.setattr(engine, "standing", lambda counts, rule, start=1, closed=None: RIGHT(counts, rule, start, None))

    with pytest.raises(Unsafe, match="level 1 is given although level 1 has failed.*1:2/3"):
        check(D6, 1, 1)


def test_a_broken_promise_is_told_in_the_labels_of_the_ladder(monkeypatch):
    faulty(monkeypatch, skips)

    with pytest.raises(Unsafe) as broken:
        check(D6, 4, 1, ("-1", "1", "2", "3"))

    assert str(broken.value) == (
        "level 2 is given although level 1 has 0 of 3 evaluable patients; "
        "the shortest path that shows it (level:DLTs/patients): -1:0/3"
    )
    assert broken.value.path == ((1, 0, 3),)


@pytest.mark.parametrize(
    ("rule", "levels", "endings", "fewest_at_the_end"),
    [
        (D6, 4, 442, 6),
        (D6, 8, 16138, 6),
        (Rule(Variant.D3), 5, 922, 3),
        (Rule(Variant.N), 5, 187, 3),
        (Rule(Variant.ROLLING_SIX), 3, 43, 5),
    ],
    ids=str,
)
def test_the_endings_are_the_published_counts(rule, levels, endings, fewest_at_the_end):
    found = check(rule, levels, 1)

    assert (found.endings, found.most_at_a_level, found.by_patient) == (endings, 6, True)
    assert (found.fewest_before_escalating, found.fewest_at_the_end) == (3, fewest_at_the_end)


@settings(max_examples=examples(30))
@given(rules(), st.integers(1, 3), st.data())
def test_every_rule_that_the_settings_allow_keeps_all_promises(rule, levels, data):
    found = check(rule, levels, data.draw(st.integers(1, levels)))

    assert found.most_at_a_level <= rule.a + rule.b


@settings(max_examples=examples(20))
@given(rules(), st.integers(1, 3), st.data())
def test_states_taken_together_hide_nothing(rule, levels, data):
    """The same exhaustion with every count kept apart finds the same extremes."""
    start = data.draw(st.integers(1, levels))
    found = check(rule, levels, start)
    seen, ahead, most, at_end = set(), [((Count(0, 0),) * levels)], 0, None
    while ahead:
        counts = ahead.pop()
        if counts in seen:
            continue
        seen.add(counts)
        level, places = engine.standing(counts, rule, start)
        closed = engine.lowest_failed(counts, rule)
        assert level < closed
        if not places:
            if level:
                at_end = min(at_end or 99, counts[level - 1].evaluable)
            continue
        most = max(most, places)
        here = counts[level - 1]
        assert places > here.evaluable
        for size in range(1, places - here.evaluable + 1):
            for dlts in range(size + 1):
                after = Count(here.evaluable + size, here.dlts + dlts)
                ahead.append((*counts[: level - 1], after, *counts[level:]))

    assert (found.most_at_a_level, found.fewest_at_the_end) == (most, at_end)


def test_a_design_too_large_for_one_patient_at_a_time_is_checked_in_whole_cohorts():
    found = check(Rule(Variant.ROLLING_SIX), 8, 1)

    assert (found.by_patient, found.endings) == (False, 1531)


def test_a_design_that_cannot_be_checked_is_refused(monkeypatch):
    monkeypatch.setattr(safety_check, "MOST_STATES", 20)

    with pytest.raises(ValueError, match="more than 20 states and cannot be checked"):
        check(Rule(Variant.D6, a=4, b=4, c=3, d=2, e=4), 5, 1)


# The protocol


@pytest.mark.django_db
def test_the_result_is_stored_with_the_version_and_shown():
    study = factories.study(levels=4)
    client = Client()
    client.force_login(study.statistician)

    version = ProtocolVersion.objects.get(trial=study.trial)
    assert version.checked["endings"] == 442
    assert version.checked["engine_version"] == terms.VERSION
    page = client.get(reverse("escalation:protocol", args=[study.trial.code])).content.decode()
    assert "exhaustively checked: 442 endings" in re.sub(r"\s+", " ", page)


@pytest.mark.django_db
def test_a_rule_that_breaks_a_promise_is_refused_and_nothing_is_written(monkeypatch):
    study = factories.study(levels=3)
    faulty(monkeypatch, skips)

    with study.at(), pytest.raises(Refused) as refused:
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(variant="D3"),
            levels=factories.ladder(4),
            drugs=factories.DRUGS,
            criteria=["18 years or older"],
            reason="A fourth level.",
            by=study.medical_monitor,
        )

    assert refused.value.field == "settings"
    assert str(refused.value) == (
        "Settings: this rule cannot come in force: level 3 is given although level 2 has 0 of 3 evaluable patients; "
        "the shortest path that shows it (level:DLTs/patients): 1:0/3."
    )
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1
