"""Which fields a model has, by the database itself, in the very snapshot that is read.

Odoo's registry may be of another moment: another thread rebuilds it in place, another process has
not told of its changes yet. Its tables and its own list of fields change together with the rows.
"""

from typing import Dict, NamedTuple, Optional

JSON = "jsonb"


class OdooField(NamedTuple):
    """A field, and what the database holds of it."""

    name: str
    type: str  # Odoo's word: char, many2one...
    relation: str  # the model that it leads to
    is_stored: bool
    is_translated: bool
    column_type: Optional[str]  # PostgreSQL's; None where the table has no such column
    table: str  # of a many2many, and the columns of its pairs
    own_column: str
    other_column: str

    @property
    def form(self) -> Optional[str]:
        """PostgreSQL's type of its column, "list" for a table of pairs; None: Odoo computes it."""
        if self.type == "many2many":
            return "list" if self.is_stored and self.table else None
        return self.column_type if self.is_stored else None


def fields_of(model) -> Dict[str, OdooField]:
    """``{name: field}`` of the model. A column that Odoo no more has a field for is none."""
    cr = model.env.cr
    cr.execute(
        "SELECT f.name, f.ttype, COALESCE(f.relation, ''), COALESCE(f.store, false), "
        # From 18 the kind of translation, before whether there is one.
        "COALESCE(f.translate::text, 'false') <> 'false', t.typname, "
        "COALESCE(f.relation_table, ''), COALESCE(f.column1, ''), COALESCE(f.column2, '') "
        "FROM ir_model_fields f "
        "LEFT JOIN pg_class c ON c.relname = %s "
        "AND c.relnamespace = current_schema()::regnamespace "
        "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = f.name "
        "AND a.attnum > 0 AND NOT a.attisdropped "
        "LEFT JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE f.model = %s",
        (model._table, model._name),
    )
    return {row[0]: OdooField(*row) for row in cr.fetchall()}
