"""Whether the user may read all that is needed: found by reading, and by asking for his groups.

The ledger is needed; what is analytic is left out where he may not read it. The addon's scope.py
asks for the same.
"""

from collections.abc import Iterator

from monitr_wire.streams import STREAMS, Stream

from receiver.errors import MissingPermissions, OdooCallRefused, OdooServerError
from receiver.messages import Sentence
from receiver.pull.transport.client import OdooClient

# Either is enough: an accountant has the right to read all of accounting and more, an auditor that
# alone. Of the administrators of 14.0 to 19.0 without Enterprise nobody has it unless it is given.
ACCOUNTANT_GROUPS = ("account.group_account_readonly", "account.group_account_manager")
ANALYTIC_MODELS = "account.analytic."
ACCOUNTANT = Sentence(
    'Accountant access (Settings, Users; where Odoo has no such choice, the technical right "Show'
    ' Full Accounting Features", shown in developer mode)'
)

Unreadable = tuple[str, Sentence]  # the model, and what people call it


def check_rights(client: OdooClient, uid: int, username: str) -> bool:
    """Whether the user may read what is analytic, too, where there is any.

    Raises MissingPermissions, which says what is missing and whom to ask for what.
    """
    is_accountant = any(_has_group(client, uid, group) for group in ACCOUNTANT_GROUPS)
    unreadable = list(dict.fromkeys(_unreadable(client)))
    of_ledger = [each for each in unreadable if not each[0].startswith(ANALYTIC_MODELS)]
    if is_accountant and not of_ledger:
        return not unreadable or not _has_analytic_accounts(client)
    raise MissingPermissions(
        "Missing permissions: the user %(username)s %(lack)s. Ask your Odoo administrator to give"
        " this user %(wanted)s.",
        username=username,
        lack=_lack(is_accountant, of_ledger),
        wanted=ACCOUNTANT,
    )


def _has_group(client: OdooClient, uid: int, group: str) -> bool:
    """Asked of the model until 17.0, of the user since."""
    try:
        return bool(client.call("res.users", "has_group", group_ext_id=group))
    except (OdooServerError, OdooCallRefused):
        return bool(client.call("res.users", "has_group", [uid], group_ext_id=group))


def _unreadable(client: OdooClient) -> Iterator[Unreadable]:
    """All that the user may not read."""
    for stream in STREAMS:
        try:
            model, related = _model_and_related(client, stream)
        except MissingPermissions:
            yield stream.models[0], Sentence(stream.label)
            continue
        labels = {model: Sentence(stream.label)} | {each: Sentence(each) for each in related}
        yield from ((each, labels[each]) for each in labels if not _can_read(client, each))


def _model_and_related(client: OdooClient, stream: Stream) -> tuple[str, list[str]]:
    """The stream's model in this Odoo, and the models that its lists of ids lead to."""
    names = sorted({name for field in stream.fields for name in field.source})
    *before, last = stream.models
    for model in before:
        try:
            return model, _related(client, model, names)
        except OdooCallRefused:  # this series has it under its next name
            continue
    return last, _related(client, last, names)


def _related(client: OdooClient, model: str, names: list[str]) -> list[str]:
    fields = client.call(model, "fields_get", allfields=names, attributes=["type", "relation"])
    return sorted({each["relation"] for each in fields.values() if each["type"] == "many2many"})


def _has_analytic_accounts(client: OdooClient) -> bool:
    """Where there is none, nothing analytic is missed."""
    try:
        return bool(_first_id(client, "account.analytic.account", {"active_test": False}))
    except MissingPermissions:
        return True


def _can_read(client: OdooClient, model: str) -> bool:
    try:
        _first_id(client, model, {})
    except MissingPermissions:
        return False
    return True


def _first_id(client: OdooClient, model: str, context: dict[str, object]) -> object:
    """Find the first id by search_read, whose arguments have had the same names in every series."""
    return client.call(model, "search_read", domain=[], fields=["id"], limit=1, context=context)


def _lack(is_accountant: bool, unreadable: list[Unreadable]) -> Sentence:
    rights = Sentence("has less than Accountant access")
    records = Sentence(
        "cannot read %(records)s", {"records": tuple(name for _, name in unreadable)}
    )
    if is_accountant:
        return records
    return _both(rights, records) if unreadable else rights


def _both(one: Sentence, other: Sentence) -> Sentence:
    return Sentence("%(one)s and %(other)s", {"one": one, "other": other})
