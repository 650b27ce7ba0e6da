"""Each field of the contract as an SQL expression over the stream's table, named ``t``.

The result of each expression, written by COPY, is the value's canonical text (``wire/values.py``).
Which fields there are, and in which form, the database says (``catalogue.py``), not the registry.
What only Odoo itself can tell stands in a table named ``v`` (``computed.py``).
"""

from typing import Dict, NamedTuple

from . import series
from .catalogue import fields_of
from .errors import Misconfigured
from .steady import models_change
from .wire.account_types import STANDARD_TYPES
from .wire.marked import _lt
from .wire.values import KEY_OF_SHARE, QUANTITY_PLACES

TRIM_SCALE_SINCE = 130000  # of PostgreSQL
COPY_ESCAPES = (  # as inside E'...'; the backslash first, since the others bring new ones
    (r"\\", r"\\\\"),
    *((r"\%s" % letter, r"\\%s" % letter) for letter in "bfnrtv"),
)
# Forms of Odoo's fields.
ID, TEXT, FLAG, FLOAT, JSON, LIST = "int4", "varchar", "bool", "float8", "jsonb", "list"
ANY = ""  # a field of whatever form
ANALYTIC_ACCOUNT = "account.analytic.account"
# Of each rule the Odoo fields that it reads, in order of preference: the first of these that the
# database has all of, each in its form. Another addon may bring a name known from another series.
ALTERNATIVES = {
    "root_company": ({"parent_path": TEXT, "root_id": ANY}, {"id": ID}),
    "account_codes": ({"code_store": JSON}, {"company_id": ID, "code": TEXT}),
    "account_companies": (
        {"company_ids": LIST, "code_store": JSON},
        {"company_id": ID},
        {"company_ids": LIST},
    ),
    "account_type": (
        {"user_type_id": ID, "internal_type": TEXT, "internal_group": TEXT},
        {"account_type": TEXT},
    ),
    "account_active": (
        {"deprecated": FLAG, "active": FLAG},
        {"deprecated": FLAG},
        {"active": FLAG},
    ),
    "analytic_shares": (
        {"analytic_distribution": JSON},
        {"analytic_account_id": ID, "analytic_tag_ids": LIST},
        {"analytic_account_id": ID},
    ),
    "closing_type": ({"closing_type": TEXT},),
}
COMPUTED_TYPES = {  # PostgreSQL's of what Odoo computes, for each type of the contract
    "id": ID,
    "date": "date",
    "text": "text",
    "integer": ID,
    "places": ID,
    "boolean": FLAG,
    "money": FLOAT,
    "quantity": FLOAT,
}


class Columns(NamedTuple):
    """What is read of a stream."""

    select_list: str  # in contract order, each under its field's name
    computed: Dict[str, str]  # {field of the contract: the Odoo field whose value Odoo computes}


def columns_of(model, stream):
    """Columns of the stream's model as the snapshot has them. Raises ModelsChange where Odoo is
    about to make a column, Misconfigured where a field that must be there is not."""
    sources = sources_of(model, stream)
    columns = [
        '%s AS "%s"' % (_expression(model, field, sources[field.name]), field.name)
        for field in stream.fields
    ]
    computed = {
        field.name: source.name
        for field in stream.fields
        if not field.rule
        for source in sources[field.name]
        if not _is_column(source)
    }
    return Columns(", ".join(columns), computed)


def sources_of(model, stream):
    """``{field of the contract: the Odoo fields that it is really made of}``."""
    known = fields_of(model)
    return {field.name: _sources(model, known, field) for field in stream.fields}


def digest_of_line(stream):
    """The SQL of a record's digest, over the names of ``select_list``: see ``wire/records.py``."""
    line = "concat_ws(E'\\t', %s)" % ", ".join(_as_copy_writes(field) for field in stream.fields)
    return "('x' || left(md5(%s), 16))::bit(64)::bigint" % line


def _as_copy_writes(field):
    name = '"%s"' % field.name
    if field.type == "boolean":
        return r"CASE WHEN {0} THEN 't' WHEN NOT {0} THEN 'f' ELSE '\N' END".format(name)
    if field.type not in ("text", "codes"):
        return r"COALESCE(%s::text, '\N')" % name
    # What COPY escapes is rare, so it is looked for before it is replaced.
    escaped = name
    for plain, text in COPY_ESCAPES:
        escaped = "replace(%s, E'%s', E'%s')" % (escaped, plain, text)
    return r"CASE WHEN {0} ~ '[\\\x08-\x0d]' THEN {1} ELSE COALESCE({0}, '\N') END".format(
        name, escaped
    )


def _sources(model, known, field):
    if field.rule == "analytic_item_accounts":
        candidates = _plans(known)
    else:
        candidates = [known[name] for name in field.source if name in known]
    if any(source.is_stored and source.form is None for source in candidates):
        raise models_change()  # Odoo knows the field already and is about to make its column
    if field.rule == "analytic_item_accounts":
        return candidates
    if field.rule:
        sources = _alternative(known, field)
    else:
        sources = ([s for s in candidates if _is_column(s)] or candidates)[:1]
    if field.required and not sources:
        text = _lt("An addon has changed Odoo's field %(field)s: Monitr cannot read it any more.")
        raise Misconfigured(text, field="%s.%s" % (model._name, field.source[0]))
    return sources


def _plans(known):
    """From 17 each root plan has a column of its own, made and dropped with the plan."""
    return [
        source
        for _name, source in sorted(known.items())
        if source.type == "many2one" and source.is_stored and source.relation == ANALYTIC_ACCOUNT
    ]


def _alternative(known, field):
    for forms in ALTERNATIVES[field.rule]:
        if all(n in known and form in (ANY, known[n].form) for n, form in forms.items()):
            return [known[name] for name in forms]
    return []


def _is_column(source):
    """Whether a column holds the value: which of many companies' counts only Odoo knows."""
    is_of_each_company = source.form == JSON and not source.is_translated
    return source.form not in (None, LIST) and not is_of_each_company


def _expression(model, field, sources):
    if field.rule and sources:
        return RULES[field.rule](model, {source.name: source for source in sources})
    if not sources:
        return "NULL::boolean" if field.type == "boolean" else "NULL"
    [source] = sources
    form = source.form
    if not _is_column(source):
        value, form = 'v."%s"' % field.name, COMPUTED_TYPES[field.type]
    elif source.is_translated:
        value = _translated(model, source)
    else:
        value = 't."%s"' % source.name
    return EXPRESSIONS[field.type](model, value, form)


def _translated(model, source):
    """Text in the chosen language; a text that is empty in it is taken from the source language."""
    language = _literal(model, model.env.lang)
    if source.form == JSON:
        return "COALESCE(NULLIF(t.\"{0}\"->>{1}, ''), t.\"{0}\"->>'en_US')".format(
            source.name, language
        )
    return (
        "COALESCE((SELECT NULLIF(tr.value, '') FROM ir_translation tr WHERE tr.type = 'model' "
        'AND tr.name = %s AND tr.lang = %s AND tr.res_id = t.id LIMIT 1), t."%s")'
    ) % (_literal(model, "%s,%s" % (model._name, source.name)), language, source.name)


def _plain(_model, value, _form):
    return value


def _text(_model, value, _form):
    """Empty text counts as absent."""
    return "NULLIF(%s, '')" % value


def _integer(_model, value, _form):
    """The month of a fiscal year's end is a selection, text in the database."""
    return "COALESCE(%s::integer, 0)" % value


def _boolean(_model, value, _form):
    return "COALESCE(%s, false)" % value


def _decimal(model, value, _form):
    return shortest(model, _numeric(value))


def _quantity(model, value, form):
    """A floating point number is what PostgreSQL's cast leaves of it, fifteen digits, and then
    rounded; a numeric is as it is stored."""
    if form != FLOAT:
        return _decimal(model, value, form)
    return shortest(model, "round(%s, %d)" % (_numeric(value), QUANTITY_PLACES))


def _numeric(value):
    return "COALESCE(%s::numeric, 0)" % value


def shortest(model, number):
    """A numeric's canonical text, every digit of it."""
    if model.env.cr.connection.server_version >= TRIM_SCALE_SINCE:
        return "trim_scale(%s)::text" % number  # twice as fast as cutting text
    return "rtrim(rtrim((%s + 0.0)::text, '0'), '.')" % number  # with a point, or 100 would be 1


EXPRESSIONS = {
    "id": _plain,
    "date": _plain,
    "text": _text,
    "integer": _integer,
    "places": _integer,
    "boolean": _boolean,
    "money": _decimal,
    "quantity": _quantity,
}


def _root_company(_model, sources):
    """Branches (17 and later) belong to the first company of their path."""
    if "parent_path" not in sources:
        return "t.id"
    return "NULLIF(split_part(t.parent_path, '/', 1), '')"


def _account_codes(model, sources):
    """From 18 an account has a code in each root company; only those the user may see are sent."""
    if "code_store" not in sources:
        return (
            "CASE WHEN t.code <> '' THEN jsonb_build_object(t.company_id::text, t.code)::text END"
        )
    roots = [str(path[0]) for path in company_paths(model)]
    return (
        "CASE WHEN jsonb_typeof(t.code_store) <> 'object' THEN NULLIF(t.code_store::text, 'null') "
        "ELSE (SELECT jsonb_object_agg(c.key, c.value)::text FROM jsonb_each_text(t.code_store) c "
        "WHERE c.value <> '' AND c.key = ANY(%s)) END" % _literal(model, roots)
    )


def _account_companies(model, sources):
    """From 18 an account may belong to several companies. Branches use their parents' accounts."""
    companies = sources.get("company_ids")
    if not companies:
        return "t.company_id"
    visible = sorted({id for path in company_paths(model) for id in path})
    return (
        "(SELECT string_agg(r.{other}::text, ',' ORDER BY r.{other}) FROM {table} r "
        "WHERE r.{own} = t.id AND r.{other} = ANY({visible}))"
    ).format(
        table=companies.table,
        own=companies.own_column,
        other=companies.other_column,
        visible=_literal(model, visible),
    )


def company_paths(model):
    """The path of each company that is sent: from the root company down to itself."""
    cr = model.env.cr
    cr.execute(
        "SELECT id, to_jsonb(c)->>'parent_path' FROM res_company c WHERE id = ANY(%s) ORDER BY id",
        (model.env.context["allowed_company_ids"],),
    )
    return [
        [int(each) for each in (path or str(id)).split("/") if each] for id, path in cr.fetchall()
    ]


def _account_type(model, sources):
    """14 and 15: the standard types by their XML ids, types of one's own by their nature."""
    if "account_type" in sources:
        return "t.account_type"
    cr = model.env.cr
    cr.execute(
        "SELECT res_id, module || '.' || name FROM ir_model_data "
        "WHERE model = 'account.account.type' AND module || '.' || name = ANY(%s) ORDER BY id",
        (list(STANDARD_TYPES),),
    )
    cases = " ".join("WHEN %d THEN '%s'" % (id, STANDARD_TYPES[name]) for id, name in cr.fetchall())
    return (
        "CASE t.user_type_id %s ELSE "
        "CASE t.internal_type WHEN 'receivable' THEN 'asset_receivable' "
        "WHEN 'payable' THEN 'liability_payable' WHEN 'liquidity' THEN 'asset_cash' ELSE "
        "CASE t.internal_group WHEN 'asset' THEN 'asset_current' "
        "WHEN 'liability' THEN 'liability_current' ELSE t.internal_group END END END"
    ) % cases


def _account_active(_model, sources):
    """Until 18 an account is deprecated, then archived; where an addon adds the other, both."""
    conditions = {
        "deprecated": "NOT COALESCE(t.deprecated, false)",
        "active": "COALESCE(t.active, false)",
    }
    return " AND ".join(conditions[name] for name in sources)


def _analytic_shares(model, sources):
    """From 16 the distribution, a JSON object; before, the analytic account and the tags."""
    if "analytic_distribution" in sources:
        return _distribution(model)
    tags = sources.get("analytic_tag_ids")
    if tags and not series.can_read(model.env["account.analytic.distribution"]):
        tags = None  # what a tag stands for is not for this user to know
    return (
        "(SELECT string_agg(s.id || ':' || {share}, ';' ORDER BY s.id::text COLLATE \"C\") FROM ("
        "SELECT p.id, sum(p.percentage) AS percentage FROM ("
        "SELECT t.analytic_account_id AS id, 100::numeric AS percentage "
        "WHERE t.analytic_account_id IS NOT NULL{tagged}"
        ") p GROUP BY p.id) s)"
    ).format(share=shortest(model, "s.percentage"), tagged=_tagged(tags) if tags else "")


def _tagged(tags):
    return (
        " UNION ALL SELECT d.account_id, d.percentage::numeric FROM {table} r "
        "JOIN account_analytic_tag g ON g.id = r.{tag} AND g.active_analytic_distribution "
        "JOIN account_analytic_distribution d ON d.tag_id = g.id WHERE r.{item} = t.id"
    ).format(table=tags.table, item=tags.own_column, tag=tags.other_column)


def _distribution(model):
    """Most distributions have one share, whose text is taken apart: five times as fast.

    What is no percentage, or no distribution, comes as the JSON that it is, which the contract
    refuses; so does Odoo's way to say that there is none, as the absence that it is.
    """
    text = "t.analytic_distribution::text"
    only_percentage = "rtrim(split_part(%s, ' ', 2), '}')::numeric" % text
    return (
        "CASE WHEN t.analytic_distribution IS NULL THEN NULL "
        "WHEN {text} ~ '^{{\"{ids}\": [0-9.]+}}$' "
        "THEN split_part({text}, '\"', 2) || ':' || {only} "
        "WHEN jsonb_typeof(t.analytic_distribution) = 'object' THEN "
        "(SELECT string_agg(s.key || ':' || CASE WHEN s.value::text ~ '{number}' THEN {share} "
        "WHEN s.value <> 'null' THEN s.value::text END, ';' ORDER BY s.key COLLATE \"C\") "
        "FROM jsonb_each(t.analytic_distribution) s WHERE s.key ~ '^{ids}$') "
        "WHEN {text} IN ('null', 'false', '\"\"', '[]', '0') THEN NULL ELSE {text} END"
    ).format(
        text=text,
        ids=KEY_OF_SHARE,
        only=shortest(model, only_percentage),
        number='^"?-?[0-9]+([.][0-9]+)?"?$',
        share=shortest(model, "btrim(s.value::text, '\"')::numeric"),
    )


def _analytic_item_accounts(_model, sources):
    names = ", ".join('t."%s"' % name for name in sources)
    return (
        "(SELECT string_agg(a::text, ',' ORDER BY a) "
        "FROM (SELECT DISTINCT unnest(ARRAY[%s]::integer[]) AS a) d WHERE a IS NOT NULL)" % names
    )


def _closing_type(_model, _sources):
    """OCA's account_fiscal_year_closing marks the entries of all others as no step of a closing."""
    return "NULLIF(NULLIF(t.closing_type, ''), 'none')"


RULES = {
    "root_company": _root_company,
    "account_codes": _account_codes,
    "account_companies": _account_companies,
    "account_type": _account_type,
    "account_active": _account_active,
    "analytic_shares": _analytic_shares,
    "analytic_item_accounts": _analytic_item_accounts,
    "closing_type": _closing_type,
}


def _literal(model, value):
    return model.env.cr.mogrify("%s", [value]).decode()
