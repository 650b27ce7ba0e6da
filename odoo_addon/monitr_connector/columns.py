"""Each field of the contract as an SQL expression over the stream's table, named ``t``.

The result of each expression, written by COPY, is the value's canonical text (``wire/values.py``).
Everything is probed on the running Odoo: which fields exist, which are translated.
"""

from .wire.account_types import STANDARD_TYPES
from .wire.values import QUANTITY_PLACES

TRIM_SCALE_SINCE = 130000  # of PostgreSQL
COPY_ESCAPES = (  # as inside E'...'; the backslash first, since the others bring new ones
    (r"\\", r"\\\\"),
    *((r"\%s" % letter, r"\\%s" % letter) for letter in "bfnrtv"),
)


def column(model, field):
    """The SQL expression for one field of the contract."""
    if field.rule:
        return RULES[field.rule](model)
    source = _stored_source(model, field)
    if not source:
        return "NULL::boolean" if field.type == "boolean" else "NULL"
    return EXPRESSIONS[field.type](model, source)


def select_list(model, stream):
    """The stream's columns in contract order, each under its field's name."""
    return ", ".join('%s AS "%s"' % (column(model, f), f.name) for f in stream.fields)


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


def _stored_source(model, field):
    fields = (model._fields.get(name) for name in field.source)
    return next((f.name for f in fields if f is not None and f.store and f.column_type), None)


def _plain(model, name):
    return 't."%s"' % name


def _text(model, name):
    """Empty text counts as absent. Translated text falls back on the source language."""
    if not model._fields[name].translate:
        return "NULLIF(%s, '')" % _plain(model, name)
    if _is_jsonb(model, name):
        return "NULLIF(COALESCE(NULLIF(t.\"%s\"->>%s, ''), t.\"%s\"->>'en_US'), '')" % (
            name,
            _literal(model, model.env.lang),
            name,
        )
    return (
        "NULLIF(COALESCE((SELECT NULLIF(tr.value, '') FROM ir_translation tr "
        "WHERE tr.type = 'model' AND tr.name = %s AND tr.lang = %s AND tr.res_id = t.id LIMIT 1), "
        "t.\"%s\"), '')"
    ) % (
        _literal(model, "%s,%s" % (model._name, name)),
        _literal(model, model.env.lang),
        name,
    )


def _integer(model, name):
    """The month of a fiscal year's end is a selection, text in the database."""
    return "COALESCE(%s::integer, 0)" % _plain(model, name)


def _boolean(model, name):
    return "COALESCE(%s, false)" % _plain(model, name)


def _decimal(model, name):
    return shortest(model, _numeric(model, name))


def _quantity(model, name):
    """A floating point number is what PostgreSQL's cast leaves of it, fifteen digits, and then
    rounded; a numeric is as it is stored."""
    if model._fields[name].column_type[0] != "float8":
        return _decimal(model, name)
    return shortest(model, "round(%s, %d)" % (_numeric(model, name), QUANTITY_PLACES))


def _numeric(model, name):
    return "COALESCE(%s::numeric, 0)" % _plain(model, name)


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
    "boolean": _boolean,
    "money": _decimal,
    "quantity": _quantity,
}


def _root_company(model):
    """Branches (17 and later) belong to the first company of their path."""
    if "parent_path" not in model._fields:
        return "t.id"
    return "NULLIF(split_part(t.parent_path, '/', 1), '')"


def _account_codes(model):
    """From 18 an account has a code in each root company; only those the user may see are sent."""
    if "code_store" not in model._fields:
        return (
            "CASE WHEN t.code <> '' THEN jsonb_build_object(t.company_id::text, t.code)::text END"
        )
    roots = [str(company.root_id.id) for company in model.env.companies.sudo()]
    return (
        "CASE WHEN jsonb_typeof(t.code_store) <> 'object' THEN NULLIF(t.code_store::text, 'null') "
        "ELSE (SELECT jsonb_object_agg(c.key, c.value)::text FROM jsonb_each_text(t.code_store) c "
        "WHERE c.value <> '' AND c.key = ANY(%s)) END" % _literal(model, roots)
    )


def _account_companies(model):
    """From 18 an account may belong to several companies. Branches use their parents' accounts."""
    field = model._fields["company_ids" if "company_ids" in model._fields else "company_id"]
    if field.type == "many2one":
        return "t.company_id"
    visible = model.env.companies.sudo().parent_ids.ids
    return (
        "(SELECT string_agg(r.{other}::text, ',' ORDER BY r.{other}) FROM {table} r "
        "WHERE r.{own} = t.id AND r.{other} = ANY({visible}))"
    ).format(
        table=field.relation,
        own=field.column1,
        other=field.column2,
        visible=_literal(model, visible),
    )


def _account_type(model):
    """14 and 15: the standard types by their XML ids, types of one's own by their nature."""
    if "account_type" in model._fields:
        return "t.account_type"
    types = {
        model.env.ref(xml_id, raise_if_not_found=False): name
        for xml_id, name in STANDARD_TYPES.items()
    }
    cases = " ".join(
        "WHEN %d THEN '%s'" % (record.id, name) for record, name in types.items() if record
    )
    return (
        "CASE t.user_type_id %s ELSE "
        "CASE t.internal_type WHEN 'receivable' THEN 'asset_receivable' "
        "WHEN 'payable' THEN 'liability_payable' WHEN 'liquidity' THEN 'asset_cash' ELSE "
        "CASE t.internal_group WHEN 'asset' THEN 'asset_current' "
        "WHEN 'liability' THEN 'liability_current' ELSE t.internal_group END END END"
    ) % cases


def _account_active(model):
    if "deprecated" in model._fields:
        return "NOT COALESCE(t.deprecated, false)"
    return "COALESCE(t.active, false)"


def _analytic_shares(model):
    """From 16 the distribution, a JSON object; before, the analytic account and the tags."""
    if "analytic_distribution" in model._fields:
        return _distribution(model)
    tags = model._fields["analytic_tag_ids"]
    return (
        "(SELECT string_agg(s.id || ':' || {share}, ';' ORDER BY s.id::text COLLATE \"C\") FROM ("
        "SELECT p.id, sum(p.percentage) AS percentage FROM ("
        "SELECT t.analytic_account_id AS id, 100::numeric AS percentage "
        "WHERE t.analytic_account_id IS NOT NULL UNION ALL "
        "SELECT d.account_id, d.percentage::numeric FROM {table} r "
        "JOIN account_analytic_tag g ON g.id = r.{tag} AND g.active_analytic_distribution "
        "JOIN account_analytic_distribution d ON d.tag_id = g.id WHERE r.{item} = t.id"
        ") p GROUP BY p.id) s)"
    ).format(
        share=shortest(model, "s.percentage"),
        table=tags.relation,
        item=tags.column1,
        tag=tags.column2,
    )


def _distribution(model):
    """Most distributions have one share, whose text is taken apart: five times as fast.

    What is no percentage, or no distribution, comes as the JSON that it is, which the contract
    refuses; so does Odoo's way to say that there is none, as the absence that it is.
    """
    text, ids = "t.analytic_distribution::text", "[1-9][0-9]*(,[1-9][0-9]*)*"
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
        ids=ids,
        only=shortest(model, only_percentage),
        number='^"?-?[0-9]+([.][0-9]+)?"?$',
        share=shortest(model, "btrim(s.value::text, '\"')::numeric"),
    )


def _analytic_item_accounts(model):
    """From 17 each root plan has a column of its own, made and dropped with the plan."""
    names = [
        't."%s"' % name
        for name, field in sorted(model._fields.items())
        if field.type == "many2one"
        and field.store
        and field.comodel_name == "account.analytic.account"
    ]
    return (
        "(SELECT string_agg(a::text, ',' ORDER BY a) "
        "FROM (SELECT DISTINCT unnest(ARRAY[%s]::integer[]) AS a) d WHERE a IS NOT NULL)"
        % ", ".join(names)
    )


def _closing_type(model):
    """OCA's account_fiscal_year_closing marks the entries of all others as no step of a closing."""
    field = model._fields.get("closing_type")
    if field is None or not field.store or field.type not in ("selection", "char"):
        return "NULL"
    return "NULLIF(NULLIF(t.\"closing_type\", ''), 'none')"


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


def _is_jsonb(model, name):
    model.env.cr.execute(
        "SELECT data_type = 'jsonb' FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s",
        (model._table, name),
    )
    return model.env.cr.fetchone()[0]


def _literal(model, value):
    return model.env.cr.mogrify("%s", [value]).decode()
