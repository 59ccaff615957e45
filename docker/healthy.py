"""The health of a container: `healthy.py web`, `worker` or `beat`. Ends with 1 and a sentence where it is not well."""

import http.client
import json
import os
import sys
from pathlib import Path

PAGES_NEED = ("database", "migrations")  # the decision path waits for neither broker nor worker


def web() -> str:
    """Empty, or what the pages lack."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=6)
    # as the proxy asks, or it would be sent on to https
    connection.request("GET", "/readyz", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
    checks = json.loads(connection.getresponse().read())
    return ", ".join(name for name in PAGES_NEED if not checks[name]["ok"])


def process(name: str) -> str:
    """Empty, or how late the heartbeat of worker or beat is."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    from trial.operations import heartbeat

    age = heartbeat.ages()[name]
    return "" if age is not None and age < heartbeat.LATE else f"last heartbeat: {age} s ago"


if __name__ == "__main__":
    what = sys.argv[1]
    try:
        lacks = web() if what == "web" else process(what)
    except Exception as why:  # whatever it is, it is not well
        lacks = f"{type(why).__name__}: {why}"
    sys.exit(f"{what}: {lacks}" if lacks else 0)
