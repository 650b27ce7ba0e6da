"""The address of every request is looked at before a view sees it."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.routing import RequestRedirect
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from receiver.errors import NotFound
from receiver.web.query import UNSTORABLE, check_text


def check_address() -> Response | None:
    """Leads on to the same address with or without a slash. Raises NotFound or InvalidQuery for
    text that no database takes."""
    if UNSTORABLE.search(request.path):
        raise NotFound
    for name, value in request.args.items(multi=True):
        check_text(name, value)
    if isinstance(request.routing_exception, RequestRedirect):
        return _redirect_here(request.routing_exception)
    return None


def _redirect_here(wanted: RequestRedirect) -> Response:
    """Without the host, which a request may make up."""
    parts = urlsplit(wanted.new_url)
    here = "/" + parts.path.lstrip("/")
    return redirect(f"{here}?{parts.query}" if parts.query else here, wanted.code)
