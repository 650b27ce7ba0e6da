"""The hello: what an Odoo says about itself before a run, and to test a connection.

Some of its fields tell the rhythm of pushes, so that the receiver knows silence when it hears it.
An addon from before a field that is not required leaves it out; null says the same.

What the receiver accepts, stores and describes follows from ``HELLO_FIELDS``.
"""

import json
from typing import Any, Dict, NamedTuple, Optional, Tuple

from . import CONTRACT_VERSION

HELLO_PATH = "/v1/hello"
SERIES_PATTERN = r"[0-9]{1,3}\.[0-9]{1,2}"
INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
INSTANT_PATTERN = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
LONGEST_TEXT = 200  # characters of a name or another short text
LONGEST_FAILURE = 1000  # characters of a sentence
LONGEST_URL = 2000  # characters
LONGEST_PARTS = 5000  # characters of JSON
# After failed tries the addon waits longer and longer, at most this long, so an outage of the
# receiver itself is over for all its connections an hour later.
LONGEST_WAIT_MINUTES = 60

# {"text": "%(address)s did not answer in time.", "values": {"address": "https://monitr.example"}}
# A value is a text, a whole number, or such parts again.
Parts = Dict[str, Any]


class Hello(NamedTuple):
    """Each of these is explained in ``HELLO_FIELDS``."""

    series: str
    addon_version: str
    database_uuid: str
    database_name: str
    language: str
    company_ids: Tuple[int, ...]
    start_date: Optional[str]
    push_every_minutes: Optional[int] = None
    is_scheduled: Optional[bool] = None
    is_cron_active: Optional[bool] = None
    late_seconds: Optional[int] = None
    failing_since: Optional[str] = None
    failure: Optional[str] = None
    odoo_url: Optional[str] = None
    failure_parts: Optional[Parts] = None
    missed_since: Optional[str] = None
    missed: Optional[str] = None
    unwatched: Optional[str] = None


class HelloField(NamedTuple):
    """One value of a hello."""

    name: str
    # "series", "text", "ids", "date", "minutes", "seconds", "boolean", "instant", "sentence",
    # "parts" or "url"
    type: str
    description: str = ""
    required: bool = False
    nullable: bool = True


def _always(name: str, type: str) -> HelloField:
    return HelloField(name, type, required=True, nullable=False)


HELLO_FIELDS = (
    _always("series", "series"),  # "14.0" to "19.0"
    _always("addon_version", "text"),
    _always("database_uuid", "text"),  # a copied database keeps it until Odoo gives it its own
    _always("database_name", "text"),
    _always("language", "text"),  # of names, as Odoo writes it: "fr_BE"
    _always("company_ids", "ids"),
    HelloField("start_date", "date", required=True),  # nothing dated before it is sent
    HelloField("push_every_minutes", "minutes", "0: only when someone presses Push now"),
    HelloField("is_scheduled", "boolean", "By Odoo's cron, not by someone's press on a button"),
    HelloField("is_cron_active", "boolean", "Whether Odoo's cron that pushes is switched on"),
    HelloField("late_seconds", "seconds", "How long a push by schedule was due at this contact"),
    HelloField(
        "failing_since", "instant", "The first failed try since a push went through, in UTC"
    ),
    HelloField("failure", "sentence", "The sentence of the last failed try"),
    HelloField("odoo_url", "url", "Where people find this Odoo: its web.base.url"),
    # So that the sentence can be translated.
    HelloField("failure_parts", "parts", "Of that sentence, its text and its values by name"),
    HelloField(
        "missed_since",
        "instant",
        "Until a run after it succeeds, changes since then may be missing",
    ),
    HelloField("missed", "sentence", "Whose changes, in technical names"),
    HelloField("unwatched", "sentence", "Tables whose changes only the proof finds, and why"),
)


def encode_hello(hello: Hello) -> Dict[str, object]:
    body: Dict[str, object] = {"contract": CONTRACT_VERSION}
    body.update(hello._asdict())
    body["company_ids"] = list(hello.company_ids)
    body["failure"] = hello.failure and in_one_line(hello.failure)
    body["failure_parts"] = hello.failure_parts and _in_one_line_each(hello.failure_parts)
    if len(json.dumps(body["failure_parts"])) > LONGEST_PARTS:
        body["failure_parts"] = None  # the sentence itself is enough
    return body


def in_one_line(text: str, longest: int = LONGEST_FAILURE) -> str:
    """An error may quote anything; a message must not be refused for it."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:longest]


def _in_one_line_each(parts: Parts) -> Parts:
    values = {name: _cleaned(value) for name, value in parts["values"].items()}
    return {"text": parts["text"], "values": values}


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return _in_one_line_each(value)
    return in_one_line(value) if isinstance(value, str) else value
