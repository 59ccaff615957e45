"""The demo: every trial of it reached by services, the study in mid-course, and a second start that does nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory

from assessments.biomarker import analysis
from assessments.biomarker import inputs as sbcma
from assessments.response import queries as response
from escalation.demo import build as demo
from escalation.demo import cast, units
from escalation.meetings import queries as meetings
from escalation.meetings.rules import Stage
from escalation.situation import queries
from patients.models import DoseTaken, Slot
from trial.models import Ledger, Notice, Signature, Trial, User

pytestmark = pytest.mark.django_db


def study():
    return queries.situation(Trial.objects.get(code=demo.CODE), datetime.now(UTC).date())


def test_the_study_is_in_mid_course():
    units.open_accounts("a long pass phrase")
    units.units()[0].play()

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
    assert {dose.patient for dose in DoseTaken.objects.all()} == finished
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


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_built_once_verifies_and_lets_everybody_in(settings, django_assert_max_num_queries):
    printed = StringIO()
    call_command("demo", processes=2, stdout=printed)

    labels = dict(Trial.objects.values_list("code", "label"))
    assert labels.pop("demo-srm").startswith("Demo data")
    assert sorted(labels) == ["replay-capecitabine", "replay-elotuzumab", "replay-paclitaxel"]
    assert all(label.startswith("Replay of: ") for label in labels.values())
    assert all(trial.simulated for trial in Trial.objects.all())
    assert [trial.code for trial in Trial.objects.filter(illustrative=True)] == ["demo-srm"]
    assert set(Signature.objects.values_list("proof", flat=True)) == {"simulated"}
    call_command("verify_ledger", stdout=StringIO())
    call_command("verify_decisions", stdout=StringIO())

    assert Notice.objects.exists()
    assert not Notice.objects.filter(done_at=None).exists(), "no mail is owed for what was played"

    assert all(user.name.startswith("Demo ") for user in User.objects.all())
    settings.AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
    for _, email, password in cast.logins():
        assert authenticate(RequestFactory().post("/"), email=email, password=password), email
        assert email in printed.getvalue()

    before = list(Ledger.objects.values_list("trial", "number", "head").order_by("pk"))
    again = StringIO()
    with django_assert_max_num_queries(6):
        call_command("demo", stdout=again)
    assert again.getvalue().startswith("Demo log-ins, all with the password three-plus-three\n")
    assert "being built" not in again.getvalue()
    assert list(Ledger.objects.values_list("trial", "number", "head").order_by("pk")) == before


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


def test_a_served_installation_asks_for_a_password_of_its_own(settings):
    settings.HTTPS = True

    with pytest.raises(CommandError, match="choose another one with --password"):
        call_command("demo")

    assert not User.objects.exists()
