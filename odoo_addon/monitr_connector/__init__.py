from . import capture, models, series


def uninstall_hook(env_or_cr, _registry=None):
    """Up to 16 Odoo gives a cursor and the registry, from 17 an environment."""
    capture.uninstall(series.cursor_of(env_or_cr))
