"""Reads a stream's records out of Odoo's database: as the sync user, straight into lines.

The ORM decides which rows the user may see (access rights, record rules, companies); PostgreSQL's
COPY writes them in the contract's form. That is twenty times as fast as reading through the ORM.
"""

# Names of tables and columns come from Odoo's registry, values are written in by mogrify.
# pylint: disable=sql-injection

import io
from decimal import Decimal

from . import series, set_aside
from .catalogue import fields_of
from .columns import ID, LIST, columns_of, company_paths, digest_of_line
from .computed import computed_table
from .scope import model_of
from .steady import columns_there, made_steadily
from .wire.batch import IdRange
from .wire.buckets import BUCKET_FIELDS, BUCKET_SEPARATOR, IDS_IN_BUCKET, MONTH_CHARACTERS
from .wire.proof import SUMMED_FIELDS, Digest
from .wire.streams import COMPANIES, JOURNAL_ENTRIES, JOURNAL_ITEMS

WINDOW = 10_000  # ids looked at for one batch: a few megabytes of lines


class Reader:
    """Reads one stream in one environment. The caller may commit between two reads.

    Each read asks its own snapshot which columns there are. Raises ModelsChange where Odoo is just
    changing them, or its models; the same again is right a moment later.
    """

    def __init__(self, env, stream, start_date, lets_go=False):
        """What is hidden from the user counts as gone where it is let go."""
        self.stream = stream
        self._lets_go = lets_go
        self._cr = env.cr
        self._model = env[model_of(env, stream)]
        self._items = env[model_of(env, JOURNAL_ITEMS)]
        self._domain = list(stream.domain)
        if start_date and stream.dated_by:
            self._domain.append((stream.dated_by, ">=", start_date))

    def last_id(self):
        """The highest id in the table, to show how far a push has come."""
        self._cr.execute('SELECT COALESCE(max(id), 0) FROM "%s"' % self._model._table)
        return self._cr.fetchone()[0]

    def read_all(self, after_id):
        """Yields ``(lines, IdRange, has_hidden)`` for everything above ``after_id``, in order of
        id.

        Each range begins where the one before ended, the last one has no end. Windows in which the
        user may see nothing are joined to the next.
        """
        looked_at, has_hidden = after_id, False
        while looked_at is not None:
            up_to_id = self._end_of_window(looked_at)
            window = [("id", ">", looked_at)]
            if up_to_id is not None:
                window.append(("id", "<=", up_to_id))
            lines = self._copy(window)
            has_hidden = has_hidden or bool(self.hidden_ids(window))
            looked_at = up_to_id
            if lines or up_to_id is None:
                yield lines, IdRange(after_id, up_to_id), has_hidden
                after_id, has_hidden = up_to_id, False

    def read_some(self, ids):
        """Yields ``(lines, deletions)``: the records of these ids, and the ids that have none.

        What is hidden from the user is in neither.
        """
        for begin in range(0, len(ids), WINDOW):
            some = ids[begin : begin + WINDOW]
            lines = self._copy([("id", "in", some)])
            there = {int(line.split(b"\t", 1)[0]) for line in lines.splitlines()}
            missing = [id for id in some if id not in there]
            hidden = set(self.hidden_ids([("id", "in", missing)]) if missing else ())
            yield lines, tuple(id for id in missing if id not in hidden)

    def read_digests(self):
        """The digest of each bucket, of the records as they would be sent in this very moment."""
        query = "SELECT {bucket}, count(*), sum({digest})::text, {sums} FROM ({select} OFFSET 0) r "
        rows = self._fetch(
            (query + "GROUP BY 1").format(
                bucket=self._bucket(),
                digest=digest_of_line(self.stream),
                sums=", ".join(self._sums()),
                select=self._select([]) + set_aside.kept_out(self._cr, self.stream),
            )
        )
        return [
            Digest(self.stream.name, bucket, count, int(digest_sum), *map(Decimal, sums))
            for bucket, count, digest_sum, *sums in rows
        ]

    def count_hidden(self):
        """How many records of the chosen companies record rules keep from the user."""
        table = '"%s" t' % self._model._table
        seen = self._is_there(False, []) if series.can_read(self._model) else "false"
        [(count,)] = self._fetch(
            "SELECT (SELECT count(*) FROM {table} WHERE {all}) "
            "- (SELECT count(*) FROM {table} WHERE {seen})".format(
                table=table, all=self._is_there(True, []), seen=seen
            )
        )
        return count

    def hidden_ids(self, more_domain):
        """In order: of the chosen companies, and kept from the user by record rules; none where
        they are let go."""
        if self._lets_go:
            return []
        query = "SELECT t.id FROM {table} WHERE {all} EXCEPT SELECT t.id FROM {table} WHERE {seen}"
        found = self._fetch(
            query.format(
                table='"%s" t' % self._model._table,
                all=self._is_there(True, more_domain),
                seen=self._is_there(False, more_domain),
            )
        )
        return sorted(id for (id,) in found)

    def names(self, ids):
        """What people call these records; of journal items, their entries and journals."""
        records = self._model.sudo().browse(ids)
        if self.stream is JOURNAL_ITEMS:
            records = records.move_id
        if self.stream not in (JOURNAL_ITEMS, JOURNAL_ENTRIES):
            return ", ".join(record.display_name or str(record.id) for record in records)
        return ", ".join("%s (%s)" % (each.name, each.journal_id.name) for each in records)

    def list_ids(self, bucket):
        """Ids of the records in a bucket, whatever its name."""
        query = "SELECT id FROM (%s OFFSET 0) r WHERE %s = %s ORDER BY id"
        wanted = self._cr.mogrify("%s", [bucket]).decode()
        return [id for (id,) in self._fetch(query % (self._select([]), self._bucket(), wanted))]

    def read_rows(self, buckets, after_id, limit):
        """``[(id, digest)]``: the next records of these buckets (None: of all) in order of id."""
        select, is_wanted = self._select([("id", ">", after_id)]), "true"
        select += set_aside.kept_out(self._cr, self.stream)
        if buckets is None:
            select += " ORDER BY t.id LIMIT %d" % limit  # inside: else all that follow are digested
        else:
            wanted = self._cr.mogrify("%s", [list(buckets)]).decode()
            is_wanted = "%s = ANY(%s)" % (self._bucket(), wanted)
        return self._fetch(
            "SELECT id, {digest} FROM ({select} OFFSET 0) r WHERE {is_wanted} "
            "ORDER BY id LIMIT {limit:d}".format(
                digest=digest_of_line(self.stream),
                select=select,
                is_wanted=is_wanted,
                limit=limit,
            )
        )

    def _fetch(self, query):
        with columns_there():
            self._cr.execute(query)
            return self._cr.fetchall()

    def _end_of_window(self, after_id):
        """The id that closes the window, or None where fewer rows are left than fill one."""
        self._cr.execute(
            'SELECT id FROM "%s" WHERE id > %%s ORDER BY id OFFSET %%s LIMIT 1'
            % self._model._table,
            (after_id, WINDOW - 1),
        )
        row = self._cr.fetchone()
        return row and row[0]

    def _copy(self, more_domain):
        lines = io.BytesIO()
        select = self._select(more_domain)
        with columns_there():
            self._cr.copy_expert("COPY (%s ORDER BY t.id) TO STDOUT" % select, lines)
        return lines.getvalue()

    def _select(self, more_domain):
        columns = columns_of(self._model, self.stream)
        rows = '"%s" t' % self._model._table
        is_visible = self._is_visible(more_domain)
        if columns.computed:
            found = self._fetch("SELECT t.id FROM %s WHERE %s ORDER BY t.id" % (rows, is_visible))
            ids = [id for (id,) in found]
            values = computed_table(self._model, self.stream, columns.computed, ids)
            rows, is_visible = "%s JOIN %s v ON v.id = t.id" % (rows, values), "true"
        return "SELECT %s FROM %s WHERE %s" % (columns.select_list, rows, is_visible)

    def _is_visible(self, more_domain):
        return self._is_found(self._model, self._items, more_domain, [])

    def _is_there(self, with_hidden, more_domain):
        """A condition: of the chosen companies and, unless the hidden are wanted too, visible."""
        model, items = self._model, self._items
        if with_hidden:
            model, items = model.sudo(), items.sudo()
        domain = more_domain + self._of_companies(self._model, self.stream)
        return self._is_found(model, items, domain, self._of_companies(items, JOURNAL_ITEMS))

    def _is_found(self, model, items, more_domain, domain_of_items):
        found = "t.id IN (%s)" % self._found_ids(model, self._domain + more_domain)
        if not self.stream.visible_through:
            return found
        # Its rows are seen through the journal items they join.
        joined = self._found_ids(items, list(JOURNAL_ITEMS.domain) + domain_of_items)
        through = ", ".join("t.%s" % name for name in self.stream.visible_through)
        return "%s AND EXISTS (SELECT FROM (%s) i WHERE i.id IN (%s))" % (found, joined, through)

    def _of_companies(self, model, stream):
        """A domain: what the rights of the user in the chosen companies do not decide."""
        chosen = model.env.context["allowed_company_ids"]
        if stream is COMPANIES:
            return [("id", "in", chosen)]
        if not stream.dated_by:  # branches use what their parents have
            chosen = sorted({id for path in company_paths(model) for id in path})
        known = fields_of(model)
        for name, form in (("company_ids", LIST), ("company_id", ID)):
            if name in known and known[name].form == form:
                return ["|", (name, "=", False), (name, "in", chosen)]
        return []

    def _found_ids(self, model, domain):
        """A SELECT of the ids that the model's user may see in the domain."""

        def make():
            return series.select_of(self._cr, model._search(domain, order="id"))

        return made_steadily(model.env.registry, make)

    def _bucket(self):
        """The SQL of a record's bucket, over the names of the columns: see ``wire/buckets.py``."""
        if self.stream is JOURNAL_ITEMS:
            company, account, day = BUCKET_FIELDS
            month = 'left("%s"::text, %d)' % (day, MONTH_CHARACTERS)
            return "concat_ws('%s', %s, %s, %s)" % (BUCKET_SEPARATOR, company, account, month)
        return "(id / %d)::text" % IDS_IN_BUCKET

    def _sums(self):
        """Sums as text: Odoo would make floating point numbers of them."""
        if self.stream is JOURNAL_ITEMS:
            return ["sum(%s::numeric)::text" % name for name in SUMMED_FIELDS]
        return ["'0'"] * len(SUMMED_FIELDS)
