"""docker-compose.yml, read: what every container of an installation has. Its scripts are run in test_backup.py."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from trial.local import embedded
from trial.operations import heartbeat

ROOT = Path(__file__).resolve().parent.parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
ONCE = {"migrate", "restore"}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONCE))
def test_whoever_stays_up_has_a_check_of_his_health_and_a_bounded_log(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_every_variable_without_a_default_stands_in_the_example():
    example = (ROOT / "docker" / "example.env").read_text()

    assert {name for name in re.findall(r"\$\{(\w+):\?\}", TEXT) if f"\n{name}=" not in example} == set()


def test_the_database_logs_no_row_and_the_slot_of_the_backup_is_bounded():
    command = SERVICES["db"]["command"]

    assert set(embedded.NO_ROWS) <= set(command)
    assert any(word.startswith("max_slot_wal_keep_size=") for word in command)


def test_a_container_without_a_heartbeat_is_not_well():
    for name in heartbeat.NAMES:
        heartbeat.give(name)

    def healthy(name, **more):
        done = subprocess.run(
            [sys.executable, "docker/healthy.py", name], cwd=ROOT, env=os.environ | more, capture_output=True, text=True
        )
        return done.returncode, done.stderr

    assert healthy("worker") == (0, "")
    code, said = healthy("beat", REDIS_URL="redis+socket:///nowhere")
    assert code == 1
    assert said.startswith("beat: ConnectionError")
