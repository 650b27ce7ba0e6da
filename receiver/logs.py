"""Logs: one JSON object a line on stderr, with a constant event name.

Never in them: keys, bodies, names of partners. An exception is described by its class and the lines
of code it passed, not by its message, for messages of databases and parsers quote what they read.
"""

import logging.config
import sys
import traceback
from contextlib import suppress
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


def _describe_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Where a library logs an exception."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[1]:
        event.update(described(error[1]))
    return event


STEPS: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _describe_exception,
]


def configure_logs() -> None:
    """Sends the receiver's events, and everything that libraries log, to stderr as JSON."""
    logging.config.dictConfig(logging_settings())
    structlog.configure(
        processors=[*STEPS, structlog.processors.JSONRenderer()],
        logger_factory=lambda *_: _Writer(sys.stderr),
    )


class _Writer(structlog.WriteLogger):
    """Loses the line where the log's disk is full: the request that it tells of must not fail."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    debug = info = warning = error = critical = msg


def logging_settings() -> dict[str, Any]:
    """The same lines for what the standard library's loggers write; gunicorn takes it too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": STEPS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {},  # else gunicorn adds its own, with handlers that are not here
    }


def described(error: BaseException) -> dict[str, object]:
    """The log fields of an exception: classes from the outermost to its first cause, and lines."""
    chain = _causes(error)
    frames = [frame for each in chain for frame in traceback.extract_tb(each.__traceback__)]
    fields: dict[str, object] = {
        "error": [type(each).__name__ for each in chain],
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if sqlstate := getattr(chain[-1], "sqlstate", None):
        fields["sqlstate"] = sqlstate
    return fields


def _causes(error: BaseException) -> list[BaseException]:
    chain = [error]
    while cause := chain[-1].__cause__:
        chain.append(cause)
    return chain
