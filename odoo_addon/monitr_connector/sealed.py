"""The connection key as it is kept: sealed, so that whatever logs, exports or shows the values of
records (an audit trail, a spreadsheet, a support dump of one table) holds nothing to sign with.

Only code of this database can open it: the sealing key is made of Odoo's own ``database.secret``.
The pasted text is sealed before the form is saved, so it is in no values that are written.
"""

import base64
import hashlib
import hmac
import os

from odoo.tools.sql import column_exists

PREFIX = "sealed1."
NONCE_BYTES = 16
TAG_BYTES = 32


def seal(env, text):
    nonce = os.urandom(NONCE_BYTES)
    hidden = _xor(text.encode(), _stream(env, nonce, len(text.encode())))
    sealed = _tag(env, nonce + hidden) + nonce + hidden
    return PREFIX + base64.urlsafe_b64encode(sealed).decode()


def unseal(env, sealed):
    """None where this database cannot: it is a copy with a secret of its own, or no such text."""
    if not sealed or not sealed.startswith(PREFIX):
        return None
    try:
        data = base64.b64decode(sealed[len(PREFIX) :], b"-_", validate=True)
    except ValueError:
        return None
    tag, rest = data[:TAG_BYTES], data[TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(env, rest)):
        return None
    nonce, hidden = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    return _xor(hidden, _stream(env, nonce, len(hidden))).decode()


def seal_what_was_open(env):
    """An earlier addon kept the key as it was pasted, in a column of its own."""
    cr = env.cr
    if not column_exists(cr, "monitr_connection", "connection_key"):
        return
    cr.execute("SELECT id, connection_key FROM monitr_connection WHERE connection_key <> ''")
    for connection_id, key in cr.fetchall():
        cr.execute(
            "UPDATE monitr_connection SET sealed_key = %s WHERE id = %s",
            (seal(env, key), connection_id),
        )
    cr.execute("ALTER TABLE monitr_connection DROP COLUMN connection_key")


def _stream(env, nonce, size):
    return hashlib.shake_256(_key(env, b"stream") + nonce).digest(size)


def _tag(env, data):
    return hmac.new(_key(env, b"tag"), data, hashlib.sha256).digest()


def _key(env, purpose):
    secret = env["ir.config_parameter"].sudo().get_param("database.secret")
    return hmac.new(secret.encode(), b"monitr " + purpose, hashlib.sha256).digest()


def _xor(one, other):
    both = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return both.to_bytes(len(one), "big")
