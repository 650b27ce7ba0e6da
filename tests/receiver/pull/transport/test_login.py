"""How an Odoo is spoken with is known to the transport alone."""

import re
from pathlib import Path

import receiver

RECEIVER = Path(receiver.__file__).parent
TRANSPORT = RECEIVER / "pull" / "transport"
PROTOCOLS = re.compile("json-?2|json-?rpc|xml-?rpc|RpcClient", re.IGNORECASE)


def test_nothing_outside_the_transport_asks_which_it_is() -> None:
    """By no name of a protocol or of a client, not even in a comment."""
    outside = [path for path in RECEIVER.rglob("*.py") if TRANSPORT not in path.parents]

    assert [str(path) for path in outside if PROTOCOLS.search(path.read_text())] == []
    assert any(PROTOCOLS.search(path.read_text()) for path in TRANSPORT.glob("*.py"))
