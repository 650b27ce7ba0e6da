"""The wire contract: every stream, field, value and message that passes from Odoo to the receiver.

Plain Python 3.6, standard library only, no ``odoo`` import, relative imports only: the addon
imports this folder as its own sub-package, the receiver as the package ``monitr_wire``.
"""

CONTRACT_VERSION = 1
