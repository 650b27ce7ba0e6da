from . import capture, models


def uninstall_hook(env_or_cr, _registry=None):
    """Up to 16 Odoo gives a cursor and the registry, from 17 an environment."""
    capture.uninstall(getattr(env_or_cr, "cr", env_or_cr))
