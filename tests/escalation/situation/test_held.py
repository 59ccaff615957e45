"""How long a level took nobody because it was held: for a suspected DLT, a changed basis, and the whole trial."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.decisions.holding import hold
from escalation.situation import held
from tests import factories
from tests.rest import ask

pytestmark = pytest.mark.django_db


def test_each_hold_of_a_level_ends_with_what_lifted_it_and_no_day_counts_twice():
    study = factories.study().open()
    one, *_ = study.cohort(3)
    opened = study.today
    second = study.sign()  # level 2
    study.later(2)
    late = study.event(one, onset_on=one.treatment.first_dose_on + timedelta(days=10))
    study.later(3)
    study.verdict(late, study.investigator)
    study.later(1)
    study.verdict(late, study.medical_monitor)  # a DLT of a patient whom decision 1 had without one
    with study.at():
        hold(trial=study.trial.pk, reason="A look at all data first.", by=study.medical_monitor)
    study.later(5)

    first, upper = held.by_level(study.situation())
    assert (first.level, first.days_held, first.spells) == ("1", 0, [])  # level 1 had no open cohort by then
    assert (upper.level, upper.days_open, upper.days_held) == ("2", 11, 9)
    assert [(one.kind, one.until) for one in upper.spells if one.until is None] == [("basis", None), ("stop", None)]

    third = study.sign()
    study.later(4)
    with CaptureQueriesContext(connection) as made:
        again, upper = held.by_level(study.situation())
    at = [opened + timedelta(days=days) for days in (2, 6, 11)]
    assert [(one.kind, one.since, one.until, one.decision, one.events) for one in upper.spells] == [
        ("suspected", at[0], at[1], None, [late.number]),
        ("basis", at[0], at[2], third.number, ()),  # from the suspicion on
        ("stop", at[1], at[2], third.number, ()),
    ]
    assert f"basis of decision {second.number} had changed: patient 001 was no DLT" in upper.spells[1].because
    assert (upper.days_open, upper.days_held) == (11, 9), "closed since, and no day of it is held any more"
    assert again.days_open == (opened - one.treatment.first_dose_on).days + 4 and again.days_held == 0
    assert len(made) <= 6
    told = {one["level"]: one for one in ask(study.dsmb, "safety/", study).json()["levels_held"]}
    assert told["2"]["days_held"] == 9 and told["2"]["spells"][0]["events"] == [late.number]
    assert ask(study.other_coordinator, "safety/", study).json()["levels_held"][1]["spells"][0]["events"] == []
