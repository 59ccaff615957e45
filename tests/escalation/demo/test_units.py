"""The demo as units: the accounts and the study first, each trial whole or not at all, one that fails named."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from escalation.demo import build, cast, replay, units
from trial.local import progress
from trial.local.progress import Progress
from trial.models import Ledger, Trial, User
from trial.people import services as people

pytestmark = pytest.mark.django_db
TITLE = "Played quickly"


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    """Each trial is one row and its ledger; what the demo's trials hold is asked in test_demo."""

    def trial(code, title):
        from trial import services

        return services.create_trial(code=code, title=title, simulated=True, by=None)

    def play(published, persons, *, again):
        made = trial(replay.code_of(published), published.title)
        people.add_site(trial=made.pk, code="01", name="Site 01", by=None)
        people.add_member(trial=made.pk, user=persons["monitor"].pk, role="medical_monitor", by=None)
        people.add_member(trial=made.pk, user=persons["coordinator"].pk, role="statistician", by=None)
        return replay.Played(made, "")

    monkeypatch.setattr(build, "play", lambda persons: trial(build.CODE, TITLE))
    monkeypatch.setattr(replay, "play", play)
    settings.DEMO_PROGRESS = str(tmp_path / "demo-progress")


@pytest.fixture
def demo(settings):
    """`manage.py demo` in one process: what it prints, and how far it says to be each time it says so."""

    def run(**options):
        printed = StringIO()
        try:
            call_command("demo", processes=1, stdout=printed, **options)
        finally:
            run.printed = printed.getvalue()
        return run.printed.splitlines()

    return run


def codes():
    return set(Trial.objects.values_list("code", flat=True))


def test_accounts_first_then_the_study_then_the_publications(demo):
    lines = demo()

    assert lines[0] == "The demo is being built: 0 of 4 trials."
    assert lines[1] == "Demo log-ins, all with the password three-plus-three"
    assert [line.split()[0] for line in lines[2:14]] == [person.email(cast.DEMO) for person in cast.CAST]
    assert lines[14:] == [
        "The demo is being built: 1 of 4 trials. There now: demo-srm, in mid-course",
        "The demo is being built: 2 of 4 trials. There now: replay-elotuzumab, replayed to its published conclusion",
        "The demo is being built: 3 of 4 trials. There now: replay-capecitabine, replayed to its published conclusion",
        "The demo is complete: 4 trials. There now: replay-paclitaxel, replayed to its published conclusion",
    ]


def test_what_a_killed_process_left_is_gone_on_with(demo, monkeypatch, settings):
    """Killed in the midst of a trial: nothing of that one is stored."""

    def killed(*args, **more):
        build_half(*args, **more)
        raise KeyboardInterrupt

    build_half = build.play
    monkeypatch.setattr(build, "play", killed)
    with pytest.raises(KeyboardInterrupt):
        demo()
    assert codes() == set()
    assert str(progress.read(Path(settings.DEMO_PROGRESS))) == "The demo is being built: 0 of 4 trials."

    monkeypatch.setattr(build, "play", build_half)
    assert demo()[-1].startswith("The demo is complete: 4 trials.")
    assert progress.read(Path(settings.DEMO_PROGRESS)) is None


def test_a_trial_that_cannot_be_played_is_left_out_by_name_and_tried_again(demo, monkeypatch, settings):
    def fail(*args, **more):
        play(*args, **more)
        raise ValueError("a level is missing\nand more of it")

    play = replay.play
    monkeypatch.setattr(replay, "play", fail)
    with pytest.raises(CommandError, match="replay-capecitabine: a level is missing; ") as error:
        demo()
    assert error.value.returncode == 2  # to start it again would be of no use
    assert codes() == {"demo-srm"}
    assert str(progress.read(Path(settings.DEMO_PROGRESS))) == (
        "The demo has 1 of 4 trials. Left out: replay-elotuzumab: a level is missing;"
        " replay-capecitabine: a level is missing; replay-paclitaxel: a level is missing"
    )

    monkeypatch.setattr(replay, "play", play)
    assert demo()[0] == "The demo is being built: 1 of 4 trials."
    assert len(codes()) == 4


def test_a_database_that_is_gone_is_no_fault_of_the_trial(demo, monkeypatch):
    def gone(persons):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(build, "play", gone)

    with pytest.raises(OperationalError):  # exit code 1: the launcher starts it again
        demo()


@pytest.mark.django_db(transaction=True, databases=["default", "queue"])
def test_two_processes_do_not_play_one_trial(demo):
    units.open_accounts(cast.PASSWORD)
    with connections["queue"].cursor() as other:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [units.LOCK])

        with pytest.raises(units.Busy, match="Another process is building demo-srm"):
            demo()

        other.execute("SELECT pg_advisory_unlock(%s, 0)", [units.LOCK])
    demo()
    assert Ledger.objects.filter(trial__code="demo-srm").count() == 1


def test_only_log_ins_that_work_are_printed(demo):
    demo()
    User.objects.filter(email="dsmb3@demo.example").update(is_active=False)

    lines = demo()

    assert len(lines) == 12
    assert not [line for line in lines if "dsmb3" in line]


def test_a_password_that_was_chosen_is_not_said_to_be_the_known_one(demo):
    assert demo(password="another-long-one")[1] == "Demo log-ins, all with the password another-long-one"
    assert demo()[0] == "Demo log-ins, with the password that they were given"


def test_the_home_page_says_how_far_the_demo_is(client, settings):
    file = Path(settings.DEMO_PROGRESS)
    units.open_accounts(cast.PASSWORD)
    client.force_login(User.objects.get(email="dsmb@demo.example"))

    def page():
        return " ".join(client.get("/").content.decode().split())

    assert "demo is" not in page()
    progress.write(file, Progress(2, 4))
    assert "The demo is being built: 2 of 4 trials. Each appears here when it is whole." in page()
    assert 'hx-get="/pulse/?seen=The%20demo%20is%20being%20built%3A%202%20of%204%20trials."' in page()
    progress.write(file, Progress(3, 4, ("replay-paclitaxel: a level is missing",)))
    assert "The demo has 3 of 4 trials. Left out: replay-paclitaxel: a level is missing" in page()
    assert "pulse" not in page()
    progress.write(file, Progress(4, 4))
    assert "demo is" not in page()
    settings.DEMO_PROGRESS = ""
    progress.write(file, Progress(2, 4))
    assert "demo is" not in page()


def test_the_home_page_asks_until_the_demo_is_complete(client, settings):
    file = Path(settings.DEMO_PROGRESS)
    assert client.get("/pulse/").status_code == 401
    units.open_accounts(cast.PASSWORD)
    client.force_login(User.objects.get(email="dsmb@demo.example"))
    progress.write(file, Progress(2, 4))

    assert client.get("/pulse/", {"seen": str(Progress(2, 4))}).status_code == 204
    behind = client.get("/pulse/", {"seen": str(Progress(1, 4))})
    assert (behind.status_code, behind["HX-Trigger"]) == (200, "changed")
    progress.write(file, Progress(4, 4))
    last = client.get("/pulse/", {"seen": str(Progress(2, 4))})
    assert (last.status_code, last["HX-Trigger"]) == (286, "changed")
