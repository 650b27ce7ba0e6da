"""Whether the user sees the chosen companies, and Odoo has the language. Where not, nothing is
deleted: the pull stops and says so. The addon's scope.py says the same of a push.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from monitr_wire.streams import ANALYTIC_STREAMS

from receiver.errors import MissingPermissions, UnknownLanguage
from receiver.pull.scope import OdooInScope
from receiver.pull.transport.response_checks import distrusting


def check_scope(odoo: OdooInScope, company_names: Mapping[int, str]) -> None:
    """Raises MissingPermissions where a chosen company is out of sight, UnknownLanguage where the
    language is switched off: 14 would answer in another one."""
    _check_companies(odoo, company_names)
    _check_language(odoo)


def misses_analytic(odoo: OdooInScope, read: Collection[str]) -> bool:
    """Whether what is analytic is not among the streams that are read, though there is some."""
    if all(stream.name in read for stream in ANALYTIC_STREAMS):
        return False
    try:
        return bool(odoo.search_read("account.analytic.account", [], ["id"], limit=1))
    except MissingPermissions:
        return True  # nobody knows


def _check_companies(odoo: OdooInScope, names: Mapping[int, str]) -> None:
    """Odoo refuses to work in a company that is archived or not allowed to the user, even to those
    administrators who can read what it is."""
    try:
        _work_in(odoo, odoo.scope.company_ids)
    except MissingPermissions as error:
        raise MissingPermissions(
            "The user of the API key does not see %(companies)s in Odoo any more: it is archived,"
            " or not among the companies that this user is allowed. What Monitr has of it stays"
            " here. Ask your Odoo administrator to unarchive it or to allow it to the user, or"
            ' choose the companies without it (settings of this connection, "Change what is read"):'
            " then its data is removed from Monitr.",
            companies=tuple(names.get(id) or str(id) for id in _list_hidden_companies(odoo)),
        ) from error


def _list_hidden_companies(odoo: OdooInScope) -> Iterator[int]:
    for id in odoo.scope.company_ids:
        try:
            _work_in(odoo, [id])
        except MissingPermissions:
            yield id


def _work_in(odoo: OdooInScope, company_ids: Sequence[int]) -> None:
    context = {"allowed_company_ids": [*company_ids]}
    odoo.search_read("res.company", [], ["id"], limit=1, context=context)


def _check_language(odoo: OdooInScope) -> None:
    with distrusting():
        codes = [str(code) for code, _name in odoo.call("res.lang", "get_installed")]
    if odoo.scope.language not in codes:
        raise UnknownLanguage(
            "The language %(code)s, in which this connection is read, is switched off in Odoo. What"
            " Monitr has stays as it is. Ask your Odoo administrator to activate it again, or"
            ' choose another one (settings of this connection, "Change what is read"):'
            " %(installed)s.",
            code=odoo.scope.language,
            installed=", ".join(codes),
        )
