"""People at work on a `make run` while its processes are killed: what was acknowledged is written down, by key.

Two write by REST, one reads pages. A request that is not answered, or with 503, is sent again with its key until it is.
"""

import http.client
import json
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.trial.local.launcher import manage

PREPARE = """
import json
from assessments.models import AdverseEvent
from tests import factories
from trial.models import Drug
from trial.people import tokens
study = factories._new_study(3).open()
patient = study.dose()
print(json.dumps({
    "code": study.trial.code, "trial": str(study.trial.pk), "reader": study.statistician.email,
    "password": factories.PASSWORD,
    "tokens": [tokens.create(user=one, name="load", scopes="read write")[1]
        for one in (study.investigator, study.coordinator)],
    "event": {"patient": str(patient.pk), "term": "Nausea", "grade": 1, "onset_on": study.today.isoformat(),
        "relations": {str(drug.pk): "possible" for drug in Drug.objects.filter(trial=study.trial)}, "again": True},
    "day": study.today.isoformat(),
}))
"""
COMPUTED = """
import time
from assessments.endpoints import services
from assessments.models import RunRequest
from trial.models import Trial, User
trial = Trial.objects.get(code="{code}")
services.ask(trial=trial.pk, kind="efficacy", by=User.objects.get(email="{reader}"))
asked = RunRequest.objects.filter(trial=trial, kind="efficacy").latest("requested_at")
end = time.monotonic() + 60
while asked.done_at is None and time.monotonic() < end:
    time.sleep(0.2)
    asked.refresh_from_db()
print(asked.done_at is not None)
"""
STORED = """
import json
from assessments.models import AdverseEvent
from patients.models import Screening
from trial.models import Once
print(json.dumps({
    "events": [str(pk) for pk in AdverseEvent.objects.values_list("pk", flat=True)],
    "screenings": [str(pk) for pk in Screening.objects.exclude(number__startswith="SCR").values_list("pk", flat=True)],
    "keys": [str(key) for key in Once.objects.values_list("key", flat=True)],
}))
"""


class Load:
    def __init__(self, var: Path, address: str, pause: float) -> None:
        self.var, self.pause = var, pause
        self.study = json.loads(self._said(PREPARE))
        self.host = urllib.parse.urlsplit(address).netloc
        self.stored: dict[str, dict[str, str]] = {"events": {}, "screenings": {}}  # by what: the row by its key
        self.repeated = 0  # requests that were sent again
        self.read = 0
        self.wrong: list[str] = []  # answers that nobody should get
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator["Load"]:
        workers = [threading.Thread(target=work) for work in (self._report, self._screen, self._look)]
        for worker in workers:
            worker.start()
        try:
            yield self
        finally:
            self._ended.set()
            for worker in workers:
                worker.join(120)

    def a_run_is_computed(self) -> bool:
        """One that is asked for now, by the worker."""
        return self._said(COMPUTED.format(**self.study)) == "True"

    def in_the_database(self) -> dict[str, list[str]]:
        return json.loads(self._said(STORED))

    def _said(self, program: str) -> str:
        """The last line that a program beside the installation prints."""
        ran = manage(self.var, "shell", "-v", "0", "-c", program)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()[-1]

    def _report(self) -> None:
        while not self._ended.wait(self.pause):
            self._write("events", 0, self.study["event"])

    def _screen(self) -> None:
        number = 0
        while not self._ended.wait(self.pause):
            number += 1
            self._write("screenings", 1, {"number": f"load-{number}", "on": self.study["day"]})

    def _write(self, what: str, who: int, body: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        token = self.study["tokens"][who]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        end = time.monotonic() + 90
        while time.monotonic() < end:
            status, said = self._ask("POST", f"/api/v1/trials/{self.study['trial']}/{what}/", json.dumps(body), headers)
            if status == 201:
                self.stored[what][key] = json.loads(said)["id"]
                return
            if status not in (0, 503):
                self.wrong.append(f"{what}: {status} {said[:300]}")
                return
            self.repeated += 1
            time.sleep(0.2)
        self.wrong.append(f"{what}: not answered for 90 seconds")

    def _look(self) -> None:
        cookie = ""
        while not self._ended.wait(2 * self.pause):
            status, said = self._ask("GET", f"/trials/{self.study['code']}/", None, {"Cookie": cookie})
            if status == 302:
                cookie = self._log_in()
            elif status == 200 and "A test trial" in said:
                self.read += 1
            elif status not in (0, 503):
                self.wrong.append(f"the page: {status} {said[:300]}")

    def _log_in(self) -> str:
        """The session's cookie; "" when nobody answered."""
        cookies: dict[str, str] = {}
        status, said = self._ask("GET", "/accounts/login/", None, {}, cookies)
        if status != 200:
            return ""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', said)[1]
        form = {"csrfmiddlewaretoken": token, "login": self.study["reader"], "password": self.study["password"]}
        headers = {"Cookie": _jar(cookies), "Content-Type": "application/x-www-form-urlencoded"}
        self._ask("POST", "/accounts/login/", urllib.parse.urlencode(form), headers, cookies)
        return _jar(cookies)

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str], cookies: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text; status 0 when there was no whole answer."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()
        for value in answer.headers.get_all("Set-Cookie") or () if cookies is not None else ():
            name, _, rest = value.partition("=")
            cookies[name] = rest.partition(";")[0]  # type: ignore[index]
        return answer.status, text


def _jar(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
