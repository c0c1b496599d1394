"""The program's log: one JSON object a line, in UTC, with the request it belongs to and nothing that names a person.

What people type is never logged. What slips into a message or a traceback all the same (e-mail addresses, telephone
and social security numbers, tokens) is blotted out before it is written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import IO

from . import actor

_BLOTS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<=/link/)[\w-]+"), "[token]"),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{40,}(?![\w-])"), "[token]"),
    (re.compile(r"(?<![\d.])(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]?\d{4}(?![\d.])"), "[cpr]"),
    (re.compile(r"\+\d{1,3}(?:[ -]?\d){6,12}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![\d.:-])[2-9]\d(?: ?\d{2}){3}(?![\d.:-])"), "[phone]"),
)
FIELDS = ("method", "path", "status", "ms")


def redacted(text: str) -> str:
    """The text with e-mail addresses, telephone and social security numbers and tokens blotted out."""
    for pattern, word in _BLOTS:
        text = pattern.sub(word, text)
    return text


class JsonLines(logging.Formatter):
    """One line a record; line breaks inside a message are escaped, so that nobody can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        who = actor.current()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if who.request_id:
            line |= {"request": who.request_id, "user": who.user_id}
        for name in FIELDS:
            if hasattr(record, name):
                value = getattr(record, name)
                line[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up(stream: IO[str] | None = None, *, level: int = logging.INFO) -> logging.Handler:
    """Write every record to `stream` (standard error unless given) as JSON lines; replaces what was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one.formatter, JsonLines)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level)
    return handler
