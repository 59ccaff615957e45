"""The address of `make run`: the host and port that were asked for, or the first free port from 8000."""

import errno
import os
import socket
import time
from contextlib import suppress
from typing import IO

from .embedded import CannotStart

FIRST_PORT, TRIED = 8000, 100
PATIENCE = 5.0  # seconds for the web process of a launcher that was killed: it may still be ending


def wanted() -> int | None:
    """The port that PORT names; None when it is left out."""
    text = os.environ.get("PORT", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise CannotStart(f"PORT must be a whole number from 1 to 65535; it is {text[:40]!r}.")
    return int(text)


def listen(lock: IO[str], port: int | None) -> tuple[socket.socket, str]:
    """The socket and its address, noted in the lock.

    The launcher keeps the socket: a web process that is started again finds it.
    """
    host = os.environ.get("HOST") or "127.0.0.1"
    lock.seek(0)
    before = _port_of(lock.read())  # not None: the last launcher was killed
    if before is not None and port in (None, before):
        with suppress(OSError):
            return _noted(lock, _bind(host, before, patience=PATIENCE))
    for tried in [port] if port else range(FIRST_PORT, FIRST_PORT + TRIED):
        try:
            return _noted(lock, _bind(host, tried))
        except OSError as why:
            if why.errno not in (errno.EADDRINUSE, errno.EACCES):  # negative: an unknown name
                raise CannotStart(f"HOST must be an address of this machine; it is {host!r}.") from None
            if port:
                raise CannotStart(
                    f"Port {port} of {host} cannot be had ({os.strerror(why.errno)}):"
                    f" set another PORT, or none for the first free one from {FIRST_PORT}."
                ) from None
    raise CannotStart(
        f"No port from {FIRST_PORT} to {FIRST_PORT + TRIED - 1} of {host} is free: set PORT to one that is."
    )


def _port_of(noted: str) -> int | None:
    port = noted.strip().rpartition(":")[2].strip("/")
    return int(port) if port.isdigit() else None


def _bind(host: str, port: int, *, patience: float = 0) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    end = time.monotonic() + patience
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=512)
        except OSError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)


def _noted(lock: IO[str], listener: socket.socket) -> tuple[socket.socket, str]:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    url = f"http://{shown}:{port}/"
    lock.truncate(0)
    lock.write(f"{os.getpid()} {url}\n")
    lock.flush()
    return listener, url
