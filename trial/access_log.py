"""gunicorn's access log, without what opens a door: the address of a one-time link is not written down."""

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

ONE_TIME = re.compile(r"(/accounts/(?:password/reset/key|address)/)[^\s/?]+")


class AccessLog(Logger):
    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {name: ONE_TIME.sub(r"\1…", said) if isinstance(said, str) else said for name, said in found.items()}
