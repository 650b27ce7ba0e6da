"""What this database and the addon in it are. No methods: any user may call those of a model."""

MODULE = "monitr_connector"


def addon_version(env):
    return env["ir.module.module"].sudo().search([("name", "=", MODULE)]).installed_version


def database_uuid(env):
    return env["ir.config_parameter"].sudo().get_param("database.uuid")


def push_cron(env):
    """None where someone deleted it."""
    return env.ref(MODULE + ".cron_push", raise_if_not_found=False)
