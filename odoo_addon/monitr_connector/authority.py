"""The receiver's own certificate authority, trusted at its address besides those that this server
knows anyway: the connection key brings it, and each hello's answer the one of now.
"""

import hashlib
import ssl
from datetime import datetime, timezone
from typing import NamedTuple

from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context


class Certificate(NamedTuple):
    name: str
    until: datetime
    fingerprint: str  # SHA-256, as browsers show it


class TrustingAdapter(HTTPAdapter):
    """Adapter of requests that trusts the receiver's own authority. The file of authorities that
    requests takes is loaded on top of this one, be it its own or that of REQUESTS_CA_BUNDLE; also
    behind a proxy."""

    def __init__(self, authority):
        self._authority = authority
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        return super().init_poolmanager(*args, ssl_context=self._context(), **kwargs)

    def proxy_manager_for(self, proxy, **kwargs):
        return super().proxy_manager_for(proxy, ssl_context=self._context(), **kwargs)

    def _context(self):
        context = create_urllib3_context()
        context.load_verify_locations(cadata=self._authority)
        return context


def is_usable(authority):
    """Whether it is certificates that Python can trust."""
    try:
        return bool(certificates_in(authority))
    except (ssl.SSLError, ValueError):
        return False


def certificates_in(authority):
    """Raises ssl.SSLError or ValueError where it is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority)
    described = context.get_ca_certs()
    encoded = context.get_ca_certs(binary_form=True)
    return [_certificate(each, der) for each, der in zip(described, encoded)]  # noqa: B905


def _certificate(described, der):
    names = dict(pair for part in described["subject"] for pair in part)
    digest = hashlib.sha256(der).hexdigest().upper()
    return Certificate(
        names.get("commonName") or names.get("organizationName") or "?",
        datetime.fromtimestamp(ssl.cert_time_to_seconds(described["notAfter"]), timezone.utc),
        ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)),
    )
