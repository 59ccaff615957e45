"""Logs: bounded, for their owner alone, and without the rows that an error of the database quotes."""

import logging
import os
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from trial.local import supervisor
from trial.local.supervisor import Child
from trial.operations.log_lines import WithoutRows

FAILS = """
    CREATE TEMP TABLE doses (patient text, mg integer CONSTRAINT dose_positive CHECK (mg > 0));
    INSERT INTO doses VALUES ('Patient No. seven
        on two lines', -60)
"""


def test_a_log_is_begun_anew_when_it_is_long_and_nobody_else_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "LONGEST_LOG", 1000)
    log = tmp_path / "log" / "talker.log"
    log.parent.mkdir()
    log.touch(mode=0o644)  # from an earlier release
    child = Child("talker", lambda: ["sh", "-c", "for i in $(seq 60); do echo a line of the child; done"], log)
    child.start()
    child.process.wait()

    child.bound_log()
    child.start()
    child.process.wait()

    assert log.read_text() == log.with_suffix(".log.old").read_text() == "a line of the child\n" * 60
    assert {file.stat().st_mode & 0o777 for file in log.parent.iterdir()} == {0o600}


@pytest.mark.django_db
def test_an_error_is_logged_without_the_row_that_failed():
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error", None, None)
    with pytest.raises(IntegrityError, match="No. seven") as raised, connection.cursor() as cursor:
        cursor.execute(FAILS)
    record.exc_info = (raised.type, raised.value, raised.tb)
    in_one_line = logging.LogRecord("celery", logging.ERROR, "", 0, "Task raised: %r", (raised.value,), None)

    lines = WithoutRows().format(record) + WithoutRows().format(in_one_line)

    assert lines.count("dose_positive") == 3  # of both exceptions, and in one line
    assert "No. seven" not in lines and "two lines" not in lines
    assert "Traceback" in lines
    of_the_database = (Path(os.environ["ESCALATION_TEST_SERVICES"]) / "log" / "database.log").read_text()
    assert "dose_positive" in of_the_database
    assert "No. seven" not in of_the_database and "two lines" not in of_the_database
