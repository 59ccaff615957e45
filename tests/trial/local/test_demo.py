"""The demo of `make run`, really built: after the first page, by a process that may be killed, each trial whole."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.trial.local.launcher import ROOT, Launched, environment, parent_of, processes, wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only Linux tells children of a parent's death"),
]
LONG = 900  # seconds; thirty on an idle machine


@pytest.fixture
def var():
    folder = Path(tempfile.mkdtemp(prefix="launch-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
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


def test_the_demo_comes_after_the_first_page_and_survives_what_kills_it(launch, var):
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
    assert all(line.endswith(", verified") for line in manage(var, "verify_ledger").stdout.splitlines())
    second.says("The demo is complete: 4 trials.", LONG)
    wait(lambda: "demo" not in second.children(), 30)
    assert "trials" not in second.said().rpartition("The demo is complete: 4 trials.")[2]
    verified = manage(var, "verify_ledger")
    assert verified.returncode == 0
    assert [line.split(":")[0] for line in verified.stdout.splitlines()] == [
        "demo-srm", "replay-capecitabine", "replay-elotuzumab", "replay-paclitaxel", "installation",
    ]  # fmt: skip
    assert manage(var, "verify_decisions").stdout.endswith("26 decisions of 4 trials replayed\n")
    assert "demo is" not in sign_in(address, "dsmb@demo.example", "three-plus-three")
    second.stop()

    third = launch(demo="0")
    third.up()
    assert "demo" not in third.children()
    assert "@demo.example" not in third.said()[third.before :]


def test_without_the_demo_there_are_no_log_ins_and_no_word_of_them(launch, var):
    killed = launch(demo="0")
    wait(lambda: list(var.glob("pg18.new-*/global")), 30)  # while the cluster is being made
    killed.process.kill()
    launcher = launch(demo="0")
    launcher.up()
    assert [path.name for path in var.glob("pg*")] == ["pg18"]

    shell = manage(var, "shell", "-v", "0", "-c", "from trial.models import User; print(User.objects.count())")
    assert shell.stdout == "0\n", shell.stderr
    assert re.fullmatch(r"\n  http://\S+\n\nCtrl-C stops everything; the data stay\.\n", launcher.said())

    launcher.stop()
    lacking = manage(var, "verify_ledger")
    assert lacking.stderr.startswith("There is no database: start `make run` in another terminal, ")


def playing(demo):
    """The processes in which trials are played."""
    return [pid for pid in processes() if parent_of(pid) == demo]


def manage(var, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(var), capture_output=True, text=True
    )


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
