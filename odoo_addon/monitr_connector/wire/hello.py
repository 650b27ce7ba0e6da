"""The hello: what an Odoo says about itself before a run, and to test a connection.

Seven of its fields tell the rhythm of pushes, so that the receiver knows silence when it hears it.
An addon from before these, or from before a later one, leaves them out; null says the same.
"""

import json
from typing import Any, Dict, NamedTuple, Optional, Tuple

from . import CONTRACT_VERSION

HELLO_PATH = "/v1/hello"
INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_FAILURE = 1000  # characters
LONGEST_PARTS = 5000  # characters of JSON

# {"text": "%(address)s did not answer in time.", "values": {"address": "https://monitr.example"}}
# A value is a text, a whole number, or such parts again.
Parts = Dict[str, Any]


class Hello(NamedTuple):
    series: str  # "14.0" to "19.0"
    addon_version: str
    database_uuid: str  # a copied database keeps it until Odoo gives the copy its own
    database_name: str
    language: str  # of names, as Odoo writes it: "fr_BE"
    company_ids: Tuple[int, ...]
    start_date: Optional[str]  # ISO; nothing dated before it is sent
    push_every_minutes: Optional[int] = None  # 0: only when someone presses Push now
    is_scheduled: Optional[bool] = None  # by Odoo's cron, not by someone's press on a button
    is_cron_active: Optional[bool] = None
    late_seconds: Optional[int] = None  # how long a push by schedule was due at this contact
    failing_since: Optional[str] = None  # the first failed try since a push went through
    failure: Optional[str] = None  # the sentence of the last failed try
    odoo_url: Optional[str] = None  # where people find this Odoo: its web.base.url
    failure_parts: Optional[Parts] = None  # of that sentence, so that it can be translated
    missed_since: Optional[str] = None  # until a run after it succeeds, changes may be missing
    missed: Optional[str] = None  # whose changes, in technical names: "res_partner"
    unwatched: Optional[str] = None  # tables whose changes only the proof finds, and why


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
