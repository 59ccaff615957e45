"""Published trials played through the services, on the real database."""

import copy
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assessments.models import AdverseEvent, DltVerdict
from escalation import queries
from escalation.models import Ending
from patients.models import Patient
from tests.escalation.test_published import PUBLISHED, TRIALS
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


def with_change(number, **published):
    trial = copy.deepcopy(TRIALS[number])
    trial["published"] |= published
    return trial


@pytest.mark.parametrize(
    ("number", "code", "says", "level", "patients", "dlts"),
    [
        (0, "replay-elotuzumab", "Top level 20 mg/kg (max planned) is tolerated", 4, 15, 0),
        (1, "replay-capecitabine", "1600 is the MTD", 5, 24, 3),
        (2, "replay-paclitaxel", "90 / 50 is the MTD", 2, 18, 4),
    ],
)
def test_a_published_trial_ends_with_its_published_conclusion(replay, number, code, says, level, patients, dlts):
    printed = replay(TRIALS[number])

    assert "The rule and the publication agree." in printed
    trial = Trial.objects.get(code=code)
    here = queries.situation(trial, datetime.now(UTC).date())
    assert (here.conclusion.outcome, here.conclusion.position) == ("mtd", level)
    assert Patient.objects.filter(trial=trial).count() == patients
    assert AdverseEvent.objects.filter(trial=trial).count() == dlts
    assert DltVerdict.objects.filter(trial=trial).count() == 2 * dlts


def test_the_trial_is_dated_to_end_today_and_never_after_now(replay):
    replay(TRIALS[2])

    endings = Ending.objects.order_by("decision__number")
    assert endings.last().on == datetime.now(UTC).date()
    assert all(ending.at <= datetime.now(UTC) for ending in endings)
    assert sorted(endings.values_list("at", flat=True)) == list(endings.values_list("at", flat=True))


def test_its_signatures_say_that_they_are_simulated(replay):
    printed = replay(TRIALS[2])

    assert set(Signature.objects.values_list("proof", flat=True)) == {"simulated"}
    assert "(proof: simulated)" in printed


def test_a_dlt_says_no_more_than_the_publication(replay):
    replay(TRIALS[2])

    event = AdverseEvent.objects.first()
    assert (event.title, event.grade) == ("Investigations - Other, specify: not stated in the publication", 3)
    trial = Trial.objects.get()
    assert trial.simulated
    assert trial.label == "Replay of: 2015 (bibliographic record)"


def test_nobody_can_sign_in_as_a_replay_s_people(replay):
    replay(TRIALS[2])

    assert all(user.email.endswith("@replay.example") for user in User.objects.all())
    assert not any(user.account.role for user in User.objects.all())


@pytest.mark.parametrize(
    ("number", "published", "part"),
    [
        (1, {"mtd_level": 4}, "the publication concludes level 4 is the MTD"),
        (1, {"outcome": "mtd_not_reached", "mtd_level": None}, "the publication concludes the top level is tolerated"),
        (0, {"outcome": "mtd", "mtd_level": 4}, "the publication concludes level 4 is the MTD"),
    ],
)
def test_a_wrong_conclusion_exits_1_and_names_the_step(replay, number, published, part):
    with pytest.raises(CommandError, match=f"Conclusion, after step .: {part}") as error:
        replay(with_change(number, **published))

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
        ([(1, 3, 0), (2, 3, 0)], "Conclusion, after step 2: the publication ends .*escalate to level 3"),
    ],
)
def test_where_rule_and_publication_part_the_step_is_named(replay, cohorts, part):
    trial = copy.deepcopy(TRIALS[1])
    trial["cohorts"] = [{"level": level, "n": n, "dlt": dlt} for level, n, dlt in cohorts]

    with pytest.raises(CommandError, match=part) as error:
        replay(trial)

    assert error.value.returncode == 1


def test_a_trial_without_a_tolerated_level_ends_there(replay):
    trial = with_change(1, outcome="none_tolerated", mtd_level=None, wording="")
    trial["cohorts"] = [{"level": 1, "n": 3, "dlt": 2}]

    assert "no level is tolerated. The rule and the publication agree." in replay(trial)
    assert queries.situation(Trial.objects.get(), datetime.now(UTC).date()).conclusion.outcome == "stop"


def test_a_publication_by_another_variant_is_played_by_it(replay):
    trial = with_change(2, outcome="mtd", mtd_level=1, wording="")
    trial["cohorts"] = [{"level": 1, "n": 3, "dlt": 0}, {"level": 2, "n": 3, "dlt": 2}]

    with pytest.raises(CommandError, match="enrol up to 6 at level 1|de-escalate to level 1"):
        replay(trial)

    assert "agree" in replay(trial, variant="N", again=True)


def test_the_same_trial_is_replayed_twice_only_when_asked(replay):
    replay(TRIALS[2])

    with pytest.raises(CommandError, match=r"as trial replay-paclitaxel\. Give --again"):
        replay(TRIALS[2])
    replay(TRIALS[2], again=True)

    assert set(Trial.objects.values_list("code", flat=True)) == {"replay-paclitaxel", "replay-paclitaxel-2"}


def test_a_bad_file_plays_nothing(replay):
    with pytest.raises(CommandError, match=r"trials\.json: Trial 2, cohorts: needs a list"):
        replay(TRIALS[0], TRIALS[1] | {"cohorts": []})

    assert not Trial.objects.exists()


def test_a_file_that_is_not_there_is_said_to_be(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("replay", tmp_path / "nothing.json")


def test_the_whole_file_is_replayed():
    printed = StringIO()
    call_command("replay", PUBLISHED, stdout=printed)

    assert printed.getvalue().count("The rule and the publication agree.") == 3
