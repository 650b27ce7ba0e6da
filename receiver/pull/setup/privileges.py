"""What the user may do beyond reading: more than is needed, which a lost key would open."""

from collections.abc import Callable

from receiver.errors import NoAccess, OdooServerError
from receiver.pull.transport.client import OdooClient

MODELS = ("account.move", "account.account", "res.partner", "res.users", "ir.module.module")
OPERATIONS = ("write", "create", "unlink")

MayDo = Callable[[str, str], bool]  # (model, operation)


def list_writable(client: OdooClient) -> tuple[str, ...]:
    """List those of MODELS that the user may write, make or delete, as Odoo says: nothing is tried.

    Raises a RetryLater.
    """
    may_do = _way_to_ask(client)
    return tuple(
        model for model in MODELS if any(may_do(model, operation) for operation in OPERATIONS)
    )


def _way_to_ask(client: OdooClient) -> MayDo:
    """``check_access_rights`` until 19.0; ``has_access``, which is there from 18.0 on, after it."""

    def check_access_rights(model: str, operation: str) -> bool:
        answer = client.call(
            model, "check_access_rights", operation=operation, raise_exception=False
        )
        return bool(answer)

    def has_access(model: str, operation: str) -> bool:
        return bool(client.call(model, "has_access", [], operation=operation))

    try:
        check_access_rights(MODELS[0], OPERATIONS[0])
    except (OdooServerError, NoAccess):
        return has_access
    return check_access_rights
