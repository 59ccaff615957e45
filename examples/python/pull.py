"""Take where a trial stands, and its data sets as tables, into a folder.

    ESCALATION_URL=https://HOST ESCALATION_TOKEN=esc_… python pull.py CODE FOLDER [NAME …]

NAME: of a data set, as ADAE; ADDLT when none is given. Exit code 0 when all is there, 1 with a sentence when not. Needs
httpx.
"""

import csv
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

TRIES = 5


class Refused(Exception):
    """What the server said, in a sentence for people."""


class Trials:
    """The REST interface as the person of the token sees it."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def get(self, path: str, tag: str = "") -> httpx.Response:
        """An answer that is 200, or 304 where `tag` still holds. Waits where the server asks for it."""
        for _ in range(TRIES):
            answer = self._client.get(path, headers={"If-None-Match": tag} if tag else {})
            if answer.status_code in (200, 304):
                return answer
            if answer.status_code not in (429, 503):
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        raise Refused(_sentence(answer))

    def rows(self, path: str) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page."""
        following: str | None = path
        while following:
            page = self.get(following).json()
            yield from page["results"]
            following = page["next"]

    def trial(self, code: str) -> str:
        """The id of the trial of that code."""
        for row in self.rows("trials/"):
            if row["code"] == code:
                return str(row["id"])
        raise Refused(f"No trial of yours has the code {code}.")


def _sentence(answer: httpx.Response) -> str:
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return f"{answer.status_code}: {answer.json()['detail']}"
    return f"{answer.status_code} from {answer.url}"


def pull(trials: Trials, code: str, folder: Path, names: Sequence[str] = ("ADDLT",)) -> str:
    """What was taken, in a sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    trial = trials.trial(code)
    status, tag = folder / "status.json", folder / "status.etag"
    tables = {name: folder / f"{name.lower()}.csv" for name in names}
    known = tag.read_text() if all(path.exists() for path in (tag, status, *tables.values())) else ""
    answer = trials.get(f"trials/{trial}/status", known)
    if answer.status_code == 304:
        return "Nothing has changed."
    said = [_table(trials.get(f"trials/{trial}/datasets/{name}/").json(), path) for name, path in tables.items()]
    status.write_bytes(answer.content)
    tag.write_text(answer.headers["ETag"])  # last: a run that stops before it takes all again
    return f"The status and {', '.join(said)} are in {folder}."


def _table(found: dict[str, Any], path: Path) -> str:
    """CDISC Dataset-JSON as CSV: names of the columns, then the rows; what is missing is empty."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([column["name"] for column in found["columns"]])
        table.writerows(found["rows"])
    return f"{found['name']} ({found['records']} rows)"


def main() -> None:
    try:
        code, folder, *names = sys.argv[1:]
        url, token = os.environ["ESCALATION_URL"], os.environ["ESCALATION_TOKEN"]
    except (KeyError, ValueError):
        sys.exit(__doc__)
    try:
        print(pull(Trials(url, token), code, Path(folder), names or ["ADDLT"]))
    except (Refused, httpx.HTTPError) as why:
        sys.exit(str(why))


if __name__ == "__main__":
    main()
