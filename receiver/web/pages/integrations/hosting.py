"""Where an Odoo is hosted, and by which way its books can come from there."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from receiver.errors import NotFound


@dataclass(frozen=True)
class Hosting:
    slug: str  # as in addresses
    name: LazyString
    looks_like: LazyString
    advice: LazyString
    takes_addon: bool
    install_step: LazyString  # how the addon gets there


ODOO_ONLINE = Hosting(
    slug="odoo-online",
    name=_l("Odoo Online"),
    looks_like=_l("The address ends in .odoo.com, and Odoo itself runs it."),
    advice=_l(
        "Odoo Online takes no addons, so Monitr reads it with an API key. That needs Odoo's Custom"
        " plan: on other plans Odoo refuses every API key, right ones too."
    ),
    takes_addon=False,
    install_step=_l("Odoo Online takes no addons."),
)
ODOO_SH = Hosting(
    slug="odoo-sh",
    name=_l("Odoo.sh"),
    looks_like=_l("Your own code runs there, from a git repository."),
    advice=_l(
        "Take the addon: it sends only what changed, and every push is proven by a hash over every"
        " field. Read with an API key where you may not add to the repository."
    ),
    takes_addon=True,
    install_step=_l(
        "Add the folder monitr_connector to the repository of your Odoo.sh, push it, and in Odoo"
        " update the list of apps and install Monitr Connector."
    ),
)
SELF_HOSTED = Hosting(
    slug="self-hosted",
    name=_l("Self-hosted"),
    looks_like=_l("On a server of your own, or of your Odoo partner."),
    advice=_l(
        "Take the addon: Odoo calls Monitr, so it need not be reachable from the internet, and only"
        " what changed is sent. Read with an API key where no addon may be installed; Monitr must"
        " then reach that Odoo."
    ),
    takes_addon=True,
    install_step=_l(
        "Put the folder monitr_connector where your addons are, update the list of apps, and"
        " install Monitr Connector. On a server that others run, ask them to."
    ),
)
HOSTINGS = (ODOO_ONLINE, ODOO_SH, SELF_HOSTED)


def get_hosting(slug: str) -> Hosting:
    """Raises NotFound."""
    for hosting in HOSTINGS:
        if hosting.slug == slug:
            return hosting
    raise NotFound("There is no such hosting.")
