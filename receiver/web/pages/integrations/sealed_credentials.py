"""What was entered of an Odoo, between the step that found it and the one that stores it.

The page carries it to the next step sealed: encrypted with the receiver's own key, for one user and
for half an hour. So no browser sees the API key again, nothing is stored that someone gave up
halfway, and any of the receiver's processes can open it.
"""

import json
from dataclasses import asdict

from cryptography.fernet import InvalidToken

from receiver.config import Config
from receiver.db.users.users import User
from receiver.pull.transport.login import Access

VALID_SECONDS = 30 * 60


def seal(config: Config, user: User, name: str, access: Access) -> str:
    """``name`` is the connection's."""
    values = {"purpose": "odoo draft", "user_id": user.id, "name": name, "access": asdict(access)}
    return config.encrypt(json.dumps(values))


def unseal(config: Config, user: User, sealed: str) -> tuple[str, Access] | None:
    """The name and the access; None of what is too old, another user's, or not sealed here."""
    try:
        values = json.loads(config.cipher.decrypt(sealed.encode(), ttl=VALID_SECONDS))
    except (InvalidToken, ValueError):
        return None
    if not isinstance(values, dict) or values.get("purpose") != "odoo draft":
        return None
    if values["user_id"] != user.id:
        return None
    return values["name"], Access(**values["access"])
