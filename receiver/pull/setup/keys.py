"""The API key itself: when it ends, as far as Odoo tells the user whose key it is."""

from dataclasses import dataclass
from datetime import UTC, datetime

from receiver.errors import NoAccess
from receiver.pull.extract.values import read_moment
from receiver.pull.transport.client import OdooClient

KEYS = "res.users.apikeys"
FOR_PROGRAMS = (False, "rpc")  # a key of another scope lets no program in
EXPIRY = "expiration_date"  # from 18.0 on; before, keys do not end


@dataclass(frozen=True)
class KeyFound:
    """Odoo does not say which of a user's keys is in use: with several, it may be any of them, and
    the first that ends is taken to be it.
    """

    expires_at: datetime | None  # None: never, or Odoo does not tell
    key_count: int  # of the user's keys that are valid; 0: Odoo does not tell


def check_key(client: OdooClient, uid: int) -> KeyFound:
    """Raises a RetryLater."""
    try:
        described = client.call(KEYS, "fields_get", allfields=[EXPIRY], attributes=["type"])
        rows = client.call(
            KEYS,
            "search_read",
            domain=[("user_id", "=", uid), ("scope", "in", FOR_PROGRAMS)],
            fields=["scope", *described],
        )
    except NoAccess:
        return KeyFound(None, 0)
    ends = [read_moment(row.get(EXPIRY)) for row in rows]
    now = datetime.now(UTC)
    valid = [end for end in ends if end is None or end > now]
    return KeyFound(min((end for end in valid if end), default=None), len(valid))
