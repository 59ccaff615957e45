"""Published trials played through the services, on the real database."""

import copy
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assessments.models import AdverseEvent, Evaluability
from escalation.models import Ending
from escalation.situation import queries
from tests.escalation.demo.test_published import TRIALS
from trial.models import Signature, Trial, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def replay(tmp_path):
    """`manage.py replay` on a file of these trials: what it prints."""

    def run(*trials, **options):
        file = tmp_path / "trials.json"
        file.write_text(json.dumps(trials))
        run.printed = StringIO()
        call_command("replay", file, stdout=run.printed, **options)
        return run.printed.getvalue()

    return run


def a_trial(*cohorts, outcome="none_tolerated", mtd_level=None):
    """A short publication; cohorts as (level, patients, DLTs)."""
    trial = copy.deepcopy(TRIALS[1])
    trial["cohorts"] = [{"level": level, "n": n, "dlt": dlt} for level, n, dlt in cohorts]
    trial["published"] = {"outcome": outcome, "mtd_level": mtd_level}
    return trial


TOXIC = a_trial((1, 3, 2))  # its first level is too toxic


def test_the_trial_is_dated_to_end_today_and_never_after_now(replay):
    replay(TOXIC)

    endings = Ending.objects.order_by("decision__number")
    assert endings.last().on == datetime.now(UTC).date()
    assert all(ending.at <= datetime.now(UTC) for ending in endings)
    assert sorted(endings.values_list("at", flat=True)) == list(endings.values_list("at", flat=True))


def test_a_replay_says_that_it_is_one_and_no_more_than_the_publication(replay):
    printed = replay(TOXIC)

    trial = Trial.objects.get()
    assert (trial.simulated, trial.label) == (True, "Replay of: Int J Radiat Oncol Biol Phys; OSTI 20793337")
    assert set(Signature.objects.values_list("proof", flat=True)) == {"simulated"}
    assert "(proof: simulated)" in printed
    event = AdverseEvent.objects.first()
    assert (event.title, event.grade) == ("Investigations - Other, specify: not stated in the publication", 3)
    assert set(Evaluability.objects.values_list("simulated", flat=True)) == {True}


def test_nobody_can_sign_in_as_a_replay_s_people(replay):
    replay(TOXIC)

    assert all(user.email.endswith("@replay.example") for user in User.objects.all())
    assert not any(user.account.role for user in User.objects.all())


def test_a_trial_without_a_tolerated_level_ends_there(replay):
    assert "no level is tolerated. The rule and the publication agree." in replay(TOXIC)
    assert queries.situation(Trial.objects.get(), datetime.now(UTC).date()).conclusion.outcome == "stop"


def test_a_wrong_conclusion_exits_1_and_names_the_step(replay):
    with pytest.raises(CommandError, match="Conclusion, after step 1: the publication concludes level 1 is") as error:
        replay(a_trial((1, 3, 2), outcome="mtd", mtd_level=1))

    assert error.value.returncode == 1
    assert "The rule and the publication part." in replay.printed.getvalue()
    assert queries.situation(Trial.objects.get(), datetime.now(UTC).date()).conclusion is None


@pytest.mark.parametrize(
    ("cohorts", "part"),
    [
        ([(1, 3, 2), (2, 3, 0)], "Step 2 of 2, 3 at level 2 .*: the publication treats 3 at level 2, the rule says"),
        ([(1, 3, 1), (2, 3, 0)], "Step 2 of 2, .*expand level 1 to 6"),
        ([(1, 3, 0), (3, 3, 0)], "Step 2 of 2, .*escalate to level 2"),
        ([(1, 4, 0), (2, 3, 0)], "Step 1 of 2, .*the publication treats 4, the rule gives 3 places"),
        ([(1, 3, 0)], "Conclusion, after step 1: the publication ends .*escalate to level 2"),
    ],
)
def test_where_rule_and_publication_part_the_step_is_named(replay, cohorts, part):
    with pytest.raises(CommandError, match=part) as error:
        replay(a_trial(*cohorts))

    assert error.value.returncode == 1


def test_a_publication_by_another_variant_is_played_by_it(replay):
    trial = a_trial((1, 3, 0), (2, 3, 2), outcome="mtd", mtd_level=1)

    assert "agree" in replay(trial, variant="N")


def test_the_same_trial_is_replayed_twice_only_when_asked(replay):
    replay(TOXIC)

    with pytest.raises(CommandError, match=r"as trial replay-capecitabine\. Give --again"):
        replay(TOXIC)
    replay(TOXIC, again=True)

    assert set(Trial.objects.values_list("code", flat=True)) == {"replay-capecitabine", "replay-capecitabine-2"}


def test_a_bad_file_plays_nothing(replay):
    with pytest.raises(CommandError, match=r"trials\.json: Trial 2, cohorts: needs a list"):
        replay(TRIALS[0], TRIALS[1] | {"cohorts": []})

    assert not Trial.objects.exists()


def test_a_file_that_is_not_there_is_said_to_be(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("replay", tmp_path / "nothing.json")
