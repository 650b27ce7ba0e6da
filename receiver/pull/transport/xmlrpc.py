"""Odoo's services over XML-RPC, 14.0 to 21: the documented way, and the one that works alone.

One thing it cannot carry: XML has no control characters, and Odoo leaves them out of its answers.
"""

import xmlrpc.client
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from receiver.errors import InvalidOdooAnswer, MonitrError
from receiver.pull.transport.http import Server, not_an_odoo
from receiver.pull.transport.odoo_errors import exception_in, named, never_saying

CARRIAGE_RETURN = b"&#13;"  # Odoo writes it raw, which a parser must read as a line's end
BROKEN = (
    *(ExpatError, DefusedXmlException, xmlrpc.client.Error),
    *(ValueError, TypeError, LookupError, OverflowError, AttributeError, RecursionError),
)
# The codes of Odoo's faults; 1 is anything unexpected, with the traceback as its message.
EXCEPTIONS = {2: "odoo.exceptions.UserError", 3: "odoo.exceptions.AccessDenied"}
EXCEPTIONS |= {4: "odoo.exceptions.AccessError"}


class Services(Protocol):
    """Odoo's services `common`, `object` and `db`, by either RPC."""

    name: str

    def call(self, service: str, method: str, *arguments: Any) -> Any:
        """Raises NotAnOdoo where nothing answers as that service does."""


class XmlRpc:
    """The services by XML-RPC."""

    name = "XML-RPC"

    def __init__(self, server: Server) -> None:
        self._server = server

    def call(self, service: str, method: str, *arguments: Any) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        answer = self._server.post(f"/xmlrpc/2/{service}", body, "text/xml")
        if answer.status != HTTPStatus.OK:
            raise not_an_odoo(answer.status)
        return _read(answer.body)


def _read(body: bytes) -> Any:
    unmarshaller = xmlrpc.client.Unmarshaller()
    try:
        parser = DefusedExpatParser(unmarshaller, forbid_dtd=True)  # type: ignore[no-untyped-call]
        parser.feed(body.replace(b"\r", CARRIAGE_RETURN))
        parser.close()
        (result,) = unmarshaller.close()
    except xmlrpc.client.Fault as fault:
        raise _named(fault) from None  # its message is a traceback
    except BROKEN as error:
        raise InvalidOdooAnswer from error
    return result


def _named(fault: xmlrpc.client.Fault) -> MonitrError:
    message = str(fault.faultString)
    exception = EXCEPTIONS.get(fault.faultCode) or exception_in(message)
    return named(exception, message)


class RpcClient:
    """An OdooClient by the services `common` and `object`."""

    def __init__(
        self, services: Services, series: str, *, database: str, uid: int, api_key: str
    ) -> None:
        self.series = series
        self._services = services
        self._login = (database, uid, api_key)

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        positional = [] if ids is None else [list(ids)]
        with never_saying(self._login[-1]):
            return self._services.call(
                "object", "execute_kw", *self._login, model, method, positional, arguments
            )
