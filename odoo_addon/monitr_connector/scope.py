"""Scope of a push, rights and companies: everything is read as the sync user, never as
superuser."""

from . import series
from .errors import Misconfigured, MissingPermissions
from .wire import rights
from .wire.marked import _lt
from .wire.streams import STREAMS

ACCOUNTANT_GROUP = "account.group_account_user"  # to be asked for where a right is missing
ANALYTIC_GROUPS = ("analytic.group_analytic_accounting", "analytic.group_analytic_tags")


def sync_env(connection):
    """An environment with the rights of the sync user, his companies and the chosen language.

    Raises Misconfigured where a setting is missing, MissingPermissions where a right is.
    """
    user, companies = connection.user_id, connection.company_ids
    if not user:
        raise Misconfigured(_lt("Choose the user whose rights are used to read the books."))
    if not companies:
        raise Misconfigured(_lt("Choose at least one company."))
    if connection.language not in dict(connection.env["res.lang"].get_installed()):
        raise Misconfigured(
            _lt("The chosen language is not active in this Odoo. Choose another one.")
        )
    context = {
        "allowed_company_ids": sorted(companies.ids),
        "active_test": False,
        "lang": connection.language,
    }
    env = connection.env(user=user.id, su=False, context=context)
    check_companies(user, companies)
    check_rights(env, user)
    return env


def check_companies(user, companies):
    """Raises Misconfigured where a company is archived, MissingPermissions where the user may not
    see one. A company that is out of sight is not deleted: what was sent of it stays.
    """
    has_archive = "active" in companies._fields  # from 16
    archived = companies.filtered(lambda company: has_archive and not company.active)
    if archived:
        text = _lt(
            "%(companies)s is archived in Odoo, so nobody can read its books. What Monitr has of "
            "it stays there. Unarchive the company, or take it off the companies here: then its "
            "data is removed from Monitr."
        )
        raise Misconfigured(text, companies=_names(archived))
    foreign = companies - user.company_ids
    if foreign:
        text = _lt(
            'Missing permissions: the user "%(user)s" may not see %(companies)s. What Monitr has '
            "of it stays there. Ask your Odoo administrator to add it to the user's allowed "
            "companies, or take it off the companies here: then its data is removed from Monitr."
        )
        raise MissingPermissions(text, user=user.name, companies=_names(foreign))


def _names(companies):
    return ", ".join(companies.mapped("name"))


def check_rights(env, user):
    """Raises MissingPermissions unless the user is active and can read the ledger, every entry of
    it. What is analytic is left out where he cannot.

    An archived user keeps his rights in Odoo's eyes, hence the check.
    """
    if not user.active or user.share:
        text = _lt(
            'Missing permissions: the user "%(user)s" is archived or no internal user. Choose '
            "another user."
        )
        raise MissingPermissions(text, user=user.name)
    sees_all = any(user.has_group(group) for group in rights.GROUPS_THAT_SEE_ALL_ENTRIES)
    lacking = [stream for stream in rights.INDISPENSABLE if not _can_read(env, stream)]
    unreadable = [model_of(env, stream) for stream in lacking]
    if sees_all and not unreadable:
        return
    text = _lt(
        'Missing permissions: the user "%(user)s" %(lack)s. Ask your Odoo administrator to give '
        "this user the access rights %(rights)s (Settings, Users; technical rights are shown in "
        "developer mode)."
    )
    lack, wanted = _lack(env, sees_all, unreadable), _full_names(env, [ACCOUNTANT_GROUP])
    raise MissingPermissions(text, user=user.name, lack=lack, rights=wanted)


def left_out(env):
    """The names of the streams that are analytic, where the user may not read all of them."""
    readable = [stream for stream in STREAMS if _can_read(env, stream)]
    return tuple(stream.name for stream in rights.left_out(readable))


def analytic_rights(env):
    """What they are called that one needs to read what is analytic."""
    return _full_names(env, ANALYTIC_GROUPS)


def _can_read(env, stream):
    return series.can_read(env[model_of(env, stream)])


def model_of(env, stream):
    """The first of the stream's models that this series has."""
    return next(model for model in stream.models if model in env)


def _lack(env, sees_all, unreadable):
    """What the user lacks, as a text and its values."""
    names = ", ".join(env["ir.model"].sudo()._get(model).name for model in unreadable)
    if sees_all:
        return {"text": _lt("cannot read %(models)s"), "values": {"models": names}}
    if unreadable:
        text = _lt("has less than Accountant access and cannot read %(models)s")
        return {"text": text, "values": {"models": names}}
    return {"text": _lt("has less than Accountant access"), "values": {}}


def _full_names(env, wanted):
    groups = (env.ref(xml_id, raise_if_not_found=False) for xml_id in wanted)
    return ", ".join('"%s"' % group.sudo().full_name for group in groups if group)


def account_name(env, company_id, account_id):
    """Name of the account with its code, which from 18 each company has of its own."""
    accounts = env["account.account"].with_company(company_id)
    account = accounts.browse(account_id).exists()
    return "%s %s" % (account.code or "", account.name or account_id or "")
