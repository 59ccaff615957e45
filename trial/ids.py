"""Row ids: UUID version 7 (RFC 9562), so that keys grow with time. Python 3.14 has its own."""

import os
import time
import uuid


def new() -> uuid.UUID:
    """A fresh UUIDv7: 48 bits of milliseconds, then random bits."""
    value = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
