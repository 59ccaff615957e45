"""The demo of `make run`, really built beside it by a process that may be killed: each trial whole, and reached by
services; the study in mid-course; and a second start that does nothing.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from http.cookiejar import CookieJar
from io import StringIO
from pathlib import Path

import environ
import pytest
from django.conf import global_settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import RequestFactory

from assessments.biomarker import analysis
from assessments.biomarker import inputs as sbcma
from assessments.models import AdverseEvent, DltVerdict
from assessments.response import queries as response
from escalation.datasets import exports
from escalation.datasets.capsule import scripts
from escalation.datasets.shape import datasets, source
from escalation.demo import build as demo
from escalation.demo import cast, units
from escalation.meetings import queries as meetings
from escalation.meetings.rules import Stage
from escalation.situation import queries
from patients.dosing.course import exposure
from patients.dosing.models import CycleDoses, DoseDay
from patients.models import Patient, Slot
from tests import safety_rows
from tests.escalation.datasets import fits
from tests.trial.local.launcher import CHOICES, PLUGIN, Launched, manage, parent_of, processes, wait
from trial.local.environment import find
from trial.models import Ledger, Notice, Signature, Trial, User
from trial.people import access

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only Linux tells children of a parent's death")
LONG = 900  # seconds; thirty on an idle machine
URLS = {"default": "DATABASE_URL", "queue": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}


def launched(test):
    """A test of the installation that `make run` makes."""
    return pytest.mark.long(pytest.mark.slow(LINUX(test)))


@pytest.fixture(scope="module")
def var():
    folder = Path(tempfile.mkdtemp(prefix="launch-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def launch(var):
    """launch(): `make run` in this folder, stopped at the end."""
    started = []

    def start(demo="1"):
        started.append(Launched(var, demo))
        return started[-1]

    yield start
    for launcher in started:
        if launcher.process.poll() is None:
            launcher.stop()


@pytest.fixture(scope="module")
def whole(launch, var):
    """The launcher beside which the demo is whole: begun, killed twice, and gone on."""
    first = launch()
    address = first.up()
    assert "of 4 trials" not in first.said()

    first.says("administrator@demo.example", LONG)
    page = sign_in(address, "dsmb@demo.example", "three-plus-three")
    assert re.search(r"The demo is being built: [0-3] of 4 trials\. Each appears here when it is whole\.", page)

    killed = first.children()["demo"]
    wait(lambda: playing(killed), 60)
    os.kill(killed, signal.SIGKILL)
    first.says("demo ended (-9), starting it again in 0.5 s", 30)
    wait(lambda: first.children().get("demo", killed) != killed, 30)

    again = first.children()["demo"]
    wait(lambda: playing(again), 120)
    first.process.kill()
    first.process.wait()
    wait(lambda: not first.left(), 30)

    second = launch()
    assert second.up() == address
    assert all(line.endswith(", verified") for line in ledgers(manage(var, "verify_ledger")))
    second.says("The demo is complete: 4 trials.", LONG)
    return second


@pytest.fixture
def installed(whole, var, django_db_blocker):
    """The ORM of this process in that installation, as its application."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*PLUGIN, *CHOICES):
            patch.delenv(name, raising=False)
        patch.setenv("ESCALATION_VAR", str(var))
        find()
        there = {alias: environ.Env.db_url_config(os.environ[name]) for alias, name in URLS.items()}
    settings = {alias: connections[alias].settings_dict for alias in there}
    before = {alias: dict(one) for alias, one in settings.items()}
    with django_db_blocker.unblock():
        for alias, address in there.items():
            connections[alias].close()
            settings[alias].update({key: address[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
            settings[alias]["OPTIONS"] = {**before[alias]["OPTIONS"], "assume_role": None}
        yield
        for alias in there:
            connections[alias].close()
            settings[alias].update(before[alias])


@launched
def test_the_demo_comes_after_the_first_page_and_survives_what_kills_it(whole, var):
    wait(lambda: "demo" not in whole.children(), 30)
    assert "trials" not in whole.said().rpartition("The demo is complete: 4 trials.")[2]
    verified = manage(var, "verify_ledger")
    assert verified.returncode == 0
    assert [line.split(":")[0] for line in ledgers(verified)] == [
        "demo-srm", "replay-capecitabine", "replay-elotuzumab", "replay-paclitaxel", "installation",
    ]  # fmt: skip
    assert manage(var, "verify_decisions").stdout.endswith("26 decisions of 4 trials replayed\n")
    assert "demo is" not in sign_in(whole.up(), "dsmb@demo.example", "three-plus-three")


def ledgers(verified):
    """What is said of each ledger; an anchor may be written by then or not."""
    return [line for line in verified.stdout.splitlines() if not line.startswith("anchors: ")]


def study():
    return queries.situation(Trial.objects.get(code=demo.CODE), datetime.now(UTC).date())


@launched
def test_the_study_is_in_mid_course(installed):
    here = study()
    tallies = [(t.dlts, t.evaluable, t.pending, t.suspected, t.replaced) for t in here.advice.tallies]
    assert [level.label for level in here.protocol.levels] == ["-1", "1", "2", "3", "4"]
    assert tallies == [(0, 0, 0, 0, 0), (0, 3, 0, 0, 0), (1, 6, 0, 0, 1), (0, 0, 3, 1, 0), (0, 0, 0, 0, 0)]
    assert (here.position, here.free) == (4, 0)
    assert len(here.holds) == 1
    assert "Patient 012" in here.holds[0].sentence

    (review,) = [event for facts in here.facts for event in facts.events if event.in_review]
    assert [verdict.reader for verdict in review.verdicts] == ["first"]  # the medical monitor reads next
    assert review.suggestion.criterion == "N1"

    coming, held = meetings.meetings(here.trial.pk)
    assert (meetings.stage(coming, here), meetings.stage(held, here)) == (Stage.CALLED, Stage.DECIDED)
    decision = meetings.decision_of(held)
    assert (decision.number, decision.outcome, decision.position) == (3, "escalate", 4)
    votes = meetings.in_force(meetings.last_cut(held))
    assert [vote.member.name for vote in votes] == [f"Demo Committee Member {k}" for k in (1, 2, 3)]
    assert [vote.member.name for vote in meetings.dissents(votes, decision)] == ["Demo Committee Member 2"]

    finished = {facts.patient for facts in here.facts if facts.outcome in ("dlt", "no_dlt", "not_evaluable")}
    assert len(finished) == 10
    assert {dose.patient for dose in CycleDoses.objects.select_related("patient")} == finished
    changed = DoseDay.objects.filter(state__in=["reduced", "held"]).values_list("patient__number", "cycle", "state")
    assert set(changed) == {(4, 2, "reduced"), (6, 1, "held")}
    intensity = {f.patient.number: exposure(f.course, "selinexor", here.on).intensity for f in here.facts if f.dosed}
    assert (intensity[1], intensity[4], intensity[5]) == (1, Fraction(3, 4), Fraction(3, 4))
    assert Slot.objects.get(state=Slot.State.WAITING).site.code == "02"

    courses = response.timelines(here.trial.pk, here.on)
    best = [course.evaluation.best_confirmed.response.value for course in courses[:10]]
    assert best == ["VGPR", "MR", "PR", "SD", "SD", "PR", "MR", "NE", "SD", "MR"]
    assert [course.times.pfs.event for course in courses[:5]] == [False, True, False, True, False]
    died = {course.patient.code: course.follow_up.death_cause for course in courses if course.times.os.event}
    assert died == {"002": "progression", "004": "progression", "005": "other"}
    ((course, seen),) = response.differences(here.trial.pk, here.on)
    assert (course.patient.code, seen.said.category, seen.derived) == ("006", "VGPR", "PR")

    records = sbcma.read(here.trial.pk, here.on, here.protocol)
    found = sbcma.derived(records, here.on, here.protocol.settings)
    (assay,) = found.assays
    assert (found.consented, found.withdrawn, len(assay.controls)) == (12, 1, 20)
    assert all(measured.baseline for measured in assay.patients)
    assert [measured.change(91, assay.lower_limit) for measured in assay.patients][:6] == [
        "fall", "rise", "fall", "rise", "neither", "fall",
    ]  # fmt: skip
    (of_assay,) = analysis.biomarker(records, here.on, here.protocol.settings)["assays"]
    median = next(split for split in of_assay["prognostic"]["splits"] if split["split"] == "median")["times"]["OS"]
    assert {name: group["n_events"] for name, group in median["groups"].items()} == {"low": 2, "high": 1}
    assert median["because"] is None, "a hazard ratio can be estimated"


@launched
def test_the_safety_tables_of_the_study_were_counted_by_r_from_the_same_rows(installed):
    """Where the demo changed on purpose: tests/safety_rows.py says how R counts it anew."""
    for name, rows in safety_rows.of_demo().items():
        assert [list(row.values()) for row in safety_rows.read(name)] == list(rows)


@launched
def test_every_data_set_of_every_trial_is_what_its_dictionary_says(installed):
    for trial in Trial.objects.all():
        found = datasets(source(trial, access.today(trial), sbcma=True))
        assert [fault for one in found for fault in fits.faults(one)] == [], trial.code


@launched
def test_the_answers_to_every_trial_follow_from_its_export_alone(installed, tmp_path):
    for trial in Trial.objects.all():
        written = exports.to_file(trial, "csv", None, tmp_path / f"{trial.code}.zip", say=lambda *_: None)
        check = [sys.executable, Path(scripts.__file__).with_name("check.py"), written.path]
        run = subprocess.run(check, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


@launched
@pytest.mark.parametrize(
    ("code", "level", "patients", "dlts"),
    [("replay-elotuzumab", 4, 15, 0), ("replay-capecitabine", 5, 24, 3), ("replay-paclitaxel", 2, 18, 4)],
)
def test_a_published_trial_ends_with_its_published_conclusion(installed, code, level, patients, dlts):
    trial = Trial.objects.get(code=code)
    here = queries.situation(trial, datetime.now(UTC).date())

    assert (here.conclusion.outcome, here.conclusion.position) == ("mtd", level)
    assert Patient.objects.filter(trial=trial).count() == patients
    assert AdverseEvent.objects.filter(trial=trial).count() == dlts
    assert DltVerdict.objects.filter(trial=trial).count() == 2 * dlts


@launched
def test_the_demo_is_built_once_and_lets_everybody_in(installed, whole, settings, django_assert_max_num_queries):
    labels = dict(Trial.objects.values_list("code", "label"))
    assert labels.pop("demo-srm").startswith("Demo data")
    assert sorted(labels) == ["replay-capecitabine", "replay-elotuzumab", "replay-paclitaxel"]
    assert all(label.startswith("Replay of: ") for label in labels.values())
    assert all(trial.simulated for trial in Trial.objects.all())
    assert [trial.code for trial in Trial.objects.filter(illustrative=True)] == ["demo-srm"]
    assert set(Signature.objects.values_list("proof", flat=True)) == {"simulated"}

    assert Notice.objects.exists()
    assert not Notice.objects.filter(done_at=None).exists(), "no mail is owed for what was played"

    assert all(user.name.startswith("Demo ") for user in User.objects.all())
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # as there
    settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[-1:]  # many tries at once are not the subject
    for _, email, password in cast.logins():
        assert authenticate(RequestFactory().post("/"), username=email, password=password), email
        assert email in whole.said()

    before = list(Ledger.objects.values_list("trial", "number", "head").order_by("pk"))
    again = StringIO()
    with django_assert_max_num_queries(6):
        call_command("demo", stdout=again)
    assert again.getvalue().startswith("Demo log-ins, all with the password three-plus-three\n")
    assert "being built" not in again.getvalue()
    assert list(Ledger.objects.values_list("trial", "number", "head").order_by("pk")) == before


@launched
def test_started_without_the_demo_it_prints_no_log_ins(whole, launch):
    whole.stop()

    without = launch(demo="0")
    without.up()

    assert "demo" not in without.children()
    assert "@demo.example" not in without.said()[without.before :]


@dataclass(frozen=True)
class AsksForItsConnection:
    code: str

    def play(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.2)")
            return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_processes_that_play_beside_each_other_open_connections_of_their_own():
    def mine():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return str(cursor.fetchone()[0])

    before, came = mine(), []
    todo = [AsksForItsConnection("one"), AsksForItsConnection("two")]
    units.build_missing(todo, processes=2, tell=lambda so_far, what: came.append(what))

    assert len({before, *came}) == 3
    assert mine() == before, "that of the process that started them goes on"


@pytest.mark.django_db
def test_a_served_installation_asks_for_a_password_of_its_own(settings):
    settings.HTTPS = True

    with pytest.raises(CommandError, match="choose another one with --password"):
        call_command("demo")

    assert not User.objects.exists()


def playing(demo):
    """The processes in which trials are played."""
    return [pid for pid in processes() if parent_of(pid) == demo]


def sign_in(address, email, password):
    """The page that a person sees after the log-in."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = browser.open(f"{address}accounts/login/", timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
    said = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    request = urllib.request.Request(
        f"{address}accounts/login/", urllib.parse.urlencode(said).encode(), {"Referer": address}
    )
    answer = browser.open(request, timeout=60)
    assert answer.url == address, "not let in"
    return answer.read().decode()
