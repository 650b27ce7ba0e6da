"""Whether the user may read all that is needed (``wire/rights.py``): found by reading, and of what
no reading shows, whether every entry is shown, by asking for his groups.

The addon's scope.py asks the same of its Odoo.
"""

from collections.abc import Sequence

from monitr_wire.rights import GROUPS_THAT_SEE_ALL_ENTRIES, INDISPENSABLE
from monitr_wire.streams import Stream

from receiver.errors import MissingPermissions, OdooCallRefused, OdooServerError
from receiver.messages import Sentence
from receiver.pull.transport.client import OdooClient

ACCOUNTANT = Sentence(
    'Accountant access (Settings, Users; where Odoo has no such choice, the technical right "Show'
    ' Full Accounting Features", shown in developer mode)'
)


def check_rights(client: OdooClient, uid: int, username: str) -> None:
    """Raises MissingPermissions, which says what is missing and whom to ask for what."""
    sees_all = any(_has_group(client, uid, group) for group in GROUPS_THAT_SEE_ALL_ENTRIES)
    unreadable = [stream for stream in INDISPENSABLE if not _can_read(client, stream)]
    if sees_all and not unreadable:
        return
    raise MissingPermissions(
        "Missing permissions: the user %(username)s %(lack)s. Ask your Odoo administrator to give"
        " this user %(wanted)s.",
        username=username,
        lack=_lack(unreadable, sees_all=sees_all),
        wanted=ACCOUNTANT,
    )


def _has_group(client: OdooClient, uid: int, group: str) -> bool:
    """Asked of the model until 17.0, of the user since."""
    try:
        return bool(client.call("res.users", "has_group", group_ext_id=group))
    except (OdooServerError, OdooCallRefused):
        return bool(client.call("res.users", "has_group", [uid], group_ext_id=group))


def _can_read(client: OdooClient, stream: Stream) -> bool:
    """Asked by search_read, whose arguments have had the same names in every series. Every series
    has the models of the ledger under their first names."""
    try:
        client.call(stream.models[0], "search_read", domain=[], fields=["id"], limit=1, context={})
    except MissingPermissions:
        return False
    return True


def _lack(unreadable: Sequence[Stream], *, sees_all: bool) -> Sentence:
    rights = Sentence("has less than Accountant access")
    records = Sentence(
        "cannot read %(records)s",
        {"records": tuple(Sentence(stream.label) for stream in unreadable)},
    )
    if sees_all:
        return records
    return _both(rights, records) if unreadable else rights


def _both(one: Sentence, other: Sentence) -> Sentence:
    return Sentence("%(one)s and %(other)s", {"one": one, "other": other})
