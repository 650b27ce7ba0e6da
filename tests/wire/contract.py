"""The contract written out as JSON, one field a line: a review sees what a change does to it.

`python -m tests.wire.contract` rewrites `contract.json`; `python -m tests.wire.contract release`
also makes it the released contract, which later ones may only add to.
"""

import json
import sys
from pathlib import Path

from monitr_wire import CONTRACT_VERSION
from monitr_wire.streams import STREAMS, Field, Stream
from monitr_wire.values import TYPES

CONTRACT_FILE = Path(__file__).with_name("contract.json")
RELEASED_FILE = Path(__file__).with_name("released.json")
# Types that took the place of a released one: they write what stays alike, and refuse more.
NARROWED = {"places": "integer"}


def contract_text() -> str:
    contract = {
        "contract": CONTRACT_VERSION,
        "types": {name: type.pattern for name, type in TYPES.items()},
        "streams": {
            stream.name: {
                "reads": _described(stream),
                "fields": {field.name: _described(field) for field in stream.fields},
            }
            for stream in STREAMS
        },
    }
    return json.dumps(contract, indent=2) + "\n"


def release_text() -> str:
    release = {stream.name: dict(released_fields(stream)) for stream in STREAMS}
    return json.dumps(release, indent=2) + "\n"


def released_fields(stream: Stream) -> list[tuple[str, str]]:
    """What another release of addon or receiver relies on: names in order, types, required."""
    return [
        (field.name, NARROWED.get(field.type, field.type) + (" required" if field.required else ""))
        for field in stream.fields
    ]


def _described(declared: Field | Stream) -> str:
    """`type: money; label: Debit; source: debit; required: True; unit: company currency`"""
    properties = declared._asdict().items()
    return "; ".join(
        f"{name}: {', '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, value in properties
        if value and name not in ("name", "fields")
    )


if __name__ == "__main__":
    CONTRACT_FILE.write_text(contract_text())
    if sys.argv[1:] == ["release"]:
        RELEASED_FILE.write_text(release_text())
