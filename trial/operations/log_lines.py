"""Lines of the log, without what PostgreSQL adds to an error: the row that failed and the statement are clinical."""

import logging
import re

_ADDED = r"(?:DETAIL|HINT|QUERY|CONTEXT|LINE \d+):"
_LINES = re.compile(rf"^{_ADDED}.*?(?=^(?:The above exception|During handling|Traceback)|\Z)", re.MULTILINE | re.DOTALL)
_IN_A_REPR = re.compile(rf"\\n{_ADDED}.*$", re.MULTILINE)  # as celery writes an error: all in one line


class WithoutRows(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = _LINES.sub("(its row is left out)\n\n", super().format(record))
        return _IN_A_REPR.sub(" (its row is left out)", line).rstrip("\n")
