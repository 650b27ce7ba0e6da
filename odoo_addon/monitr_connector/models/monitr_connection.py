import json
import logging
from contextlib import suppress
from datetime import timedelta

import psycopg2
from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_date

from .. import capture, outbox, push, series
from ..authority import certificates_in, is_usable
from ..errors import CopiedDatabase, Misconfigured, PushError
from ..heartbeat import at_contact
from ..identity import database_uuid, push_cron
from ..scope import sync_env
from ..sealed import seal, seal_what_was_open, unseal
from ..steady import begin_rebuild, end_rebuild
from ..wire.connection_key import InvalidConnectionKey, decode_connection_key
from ..wire.marked import _lt
from ..wire.streams import STREAMS
from .monitr_run import html_alert, html_p

_logger = logging.getLogger(__name__)


class MonitrConnection(models.Model):
    """This database's one connection to a Monitr receiver, shown under Settings, Monitr."""

    _name = "monitr.connection"
    _description = "Monitr connection"

    pasted_key = fields.Char(
        "Connection Key",
        store=False,
        help="Made by Monitr when the connection is added there. It holds the receiver's address "
        "and the secret that signs what is sent. It is not shown again; paste another one to "
        "replace it.",
    )
    sealed_key = fields.Char("Sealed connection key", copy=False)
    address = fields.Char("Sends to", compute="_compute_address")
    authority = fields.Text(
        copy=False, help="Certificates of the receiver's own authority, as it told them last."
    )
    trusts = fields.Char(
        compute="_compute_trusts",
        help="Whose certificates are accepted at the receiver's address.",
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        default=lambda self: self.env["res.company"].search([]),
        context={"active_test": False},  # from 16 an archived company would else be out of sight
        help="Only the books of these companies are sent. What was sent of a company that you take "
        "off here is removed from Monitr; nothing else removes it.",
    )
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        required=True,
        default=lambda self: self.env.lang or self.env["res.lang"].get_installed()[0][0],
        help="The language of the names of accounts, journals and analytic accounts.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Read with the rights of",
        domain=[("share", "=", False)],
        help="At least an accountant. Nothing is sent that this user may not see.",
    )
    start_date = fields.Date(
        help="Entries dated before are not sent, so balances begin at zero on this day. Leave it "
        "empty to send the whole ledger.",
    )
    push_every = fields.Selection(
        [
            ("0", "Only when I press Push now"),
            ("15", "15 minutes"),
            ("60", "Hour"),
            ("1440", "Day"),
        ],
        required=True,
        default="60",
    )
    bound_to = fields.Char(copy=False, help="The database into which the key was pasted.")
    run_ids = fields.One2many("monitr.run", "connection_id", "Runs")
    missed_since = fields.Datetime(copy=False, help="Changes since then may have been missed.")
    missed = fields.Text(copy=False, help="Whose changes, in technical names.")
    unwatched = fields.Text(copy=False, help="What cannot be watched, as JSON: {table: reason}.")
    lets_go = fields.Boolean(copy=False, help="What is hidden from the user is removed, once.")
    left_out = fields.Char(copy=False, help="Streams that the user may not read, by their names.")
    columns_read = fields.Text(copy=False, help="As JSON: {stream: {column: its number}}.")
    has_lost_sight = fields.Boolean(
        compute="_compute_has_lost_sight",
        help="The last push found something hidden from the user.",
    )
    status = fields.Html(compute="_compute_status", sanitize=False)

    @property
    def connection_key(self):
        """Connection key as it was pasted; None without one, and where this database cannot open
        it."""
        return unseal(self.env, self.sealed_key)

    @api.depends("sealed_key")
    def _compute_address(self):
        for connection in self:
            connection.address = _address_in(connection.connection_key)

    @api.depends("sealed_key", "authority")
    def _compute_trusts(self):
        for connection in self:
            connection.trusts = connection._trusts()

    @api.depends("run_ids", "sealed_key", "missed_since", "unwatched")
    def _compute_status(self):
        for connection in self:
            connection.status = connection._status()

    @api.depends("run_ids")
    def _compute_has_lost_sight(self):
        for connection in self:
            connection.has_lost_sight = connection.run_ids[:1].has_lost_sight()

    @api.model
    def _let_go_arch(self):
        """What the form's view takes over: its button to let go is shown where it helps."""
        return series.shown_where("action_let_go", "has_lost_sight")

    @api.depends("address")
    def _compute_display_name(self):
        for connection in self:
            connection.display_name = "Monitr"

    @api.onchange("pasted_key")
    def _onchange_pasted_key(self):
        """What is pasted is sealed before the form is saved."""
        if not self.pasted_key:
            return None
        pasted, self.pasted_key = self.pasted_key, False
        try:
            self.sealed_key = self._sealed(pasted)
        except ValidationError as error:
            return {"warning": {"title": _("Connection Key"), "message": error.args[0]}}
        return None

    def set_key(self, key):
        """Set the connection key as the form does, for programs."""
        return self.write({"sealed_key": self._sealed(key)})

    def _sealed(self, key):
        """Raises ValidationError for what is no key."""
        try:
            decode_connection_key(key)
        except InvalidConnectionKey as error:
            raise ValidationError(self.env["monitr.run"]._said(str(error))) from error
        return seal(self.env, key)

    def write(self, vals):
        if vals.get("pasted_key"):  # of a page that is left before what was pasted is sealed
            raise UserError(_("The connection key was not saved: paste it again."))
        if vals.get("sealed_key"):
            # The key brings the authority of now, or none.
            vals = dict(vals, bound_to=self._this_database(), authority=False)
        return super().write(vals)

    def action_test_connection(self):
        """Read a little of everything, say hello, and tell in one sentence how it went."""
        self.ensure_one()
        try:
            self.check_ready()
            sync_env(self.sudo())
            with push.sender_of(self) as sender:
                answer = push.say_hello(at_contact(self.sudo()), sender)
        except PushError as error:
            sentence = self.env["monitr.run"]._said(error.text, error.values)
            raise UserError(sentence) from error
        message = _(
            '%(address)s knows this Odoo as "%(name)s". '
            "%(user)s can read the books of %(companies)s.",
            address=self.address,
            name=answer["connection"],
            user=self.user_id.name,
            companies=", ".join(self.company_ids.mapped("name")),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("Connected"),
                "message": message,
                "type": "success",
                "sticky": True,
            },
        }

    def action_push_now(self):
        """Push until done or the slice is over; then the cron goes on. A failure is shown."""
        self.ensure_one()
        series.check_may_write(self)  # from here on it is no more this user who acts
        with self.env.registry.cursor() as cr:
            connection = self.with_env(self.env(cr=cr, user=SUPERUSER_ID))
            run = push.push_slice(at_contact(connection))
            if run is None:
                raise UserError(_("A push is under way. Its progress is shown on this page."))
            if not run:
                raise UserError(_("The push failed: see Odoo's log."))
            return series.failure_shown(run.why()) if run.error else True

    def action_let_go(self):
        """Push, and remove what is hidden from the user as if it were deleted in Odoo."""
        self.ensure_one()
        if not self.has_lost_sight:
            raise UserError(_("Nothing that Monitr has is hidden from the user."))
        with self.env.registry.cursor() as cr:  # the push has a transaction of its own, too
            connection = self.with_env(self.env(cr=cr))  # 14 writes for who still has a name
            connection.lets_go = True
        return self.action_push_now()

    def init(self):
        """Called at installation and at each update."""
        seal_what_was_open(self.env)

    @api.model
    def _install_capture(self):
        """Called at installation and at each update, when every table of ours is there."""
        capture.install(self.env)

    def _tend_capture(self):
        """Mend what is broken of capture, keep the outbox within its bound, and commit."""
        cr = self.env.cr
        unwatched = capture.mend(self.env)
        if outbox.OUTBOX not in unwatched:
            if not self.run_ids:
                outbox.forget(cr)  # the first push sends everything
            outbox.keep_bound(cr)
            self._note_dropped_columns()
            self._remember_missed(outbox.broken(cr))
        unwatched = json.dumps(unwatched) if unwatched else False
        if self.unwatched != unwatched:
            self.unwatched = unwatched
        cr.commit()  # pylint: disable=invalid-commit

    def _note_dropped_columns(self):
        """What stood in a column that is gone stands in no record any more: an analytic plan that
        is put under another loses its own (17 and 18)."""
        known, columns = json.loads(self.columns_read or "{}"), capture.columns_read(self.env)
        gone = [
            stream
            for stream, numbers in columns.items()
            if not known.get(stream, {}).items() <= numbers.items()
        ]
        if gone:
            outbox.note(self.env.cr, gone, "columns")
        if columns != known:
            self.columns_read = json.dumps(columns)

    def _remember_missed(self, tables):
        known = self.missed.split(", ") if self.missed else []
        if set(tables) - set(known):
            self.missed = ", ".join(sorted({*tables, *known}))
        if self.missed and not self.missed_since:
            self.missed_since = self._last_looked_at()

    def _last_looked_at(self):
        """When capture was last seen to be whole: by the cron each minute, or by a run."""
        looked = (push_cron(self.env).lastcall, self.run_ids[:1].started_at, self.create_date)
        return max(filter(None, looked))

    def _take_missed(self):
        """What a run that succeeds has made up for."""
        missed = {"missed_since": self.missed_since, "missed": self.missed}
        if self.missed_since:
            self.write({"missed_since": False, "missed": False})
        return missed

    def _unregister_hook(self):
        """Called when Odoo begins to rebuild its models in place."""
        begin_rebuild(self.pool)
        return super()._unregister_hook()

    def _register_hook(self):
        """Called when Odoo's models are ready, for the first time or again."""
        hooked = super()._register_hook()
        end_rebuild(self.pool)
        return hooked

    @api.model
    def _push_on_schedule(self):
        """Called by the cron each minute: it mostly finds that nothing is due."""
        try:
            self.search([], limit=1)._push_if_due()
        except Exception:  # Odoo switches off a cron that keeps failing
            _logger.exception("monitr cron failed")
            with suppress(psycopg2.Error):  # there is nothing to roll back without PostgreSQL
                self.env.cr.rollback()

    def _push_if_due(self):
        if self.sealed_key and self._is_due():
            push.push_slice(at_contact(self, is_scheduled=True))
        else:
            push.tend(self)

    @api.model
    def _let_cron_run_for_ever(self):
        series.let_cron_run_for_ever(push_cron(self.env))

    def open_run(self):
        """The unfinished run, or a new one: of what changed, if everything was sent before."""
        run, scope = self.run_ids[:1], self._scope()
        if run.state == "running" and run.scope == scope:
            return run
        trouble = run.trouble()
        if run.state == "running":
            text = _lt("The settings were changed: everything is sent again.")
            run.fail(PushError(text))
        self.env["monitr.run"].forget_old(self)
        is_of_everything = not self._was_sent(scope)
        new = {"connection_id": self.id, "scope": scope, "is_of_everything": is_of_everything}
        so_far = {"request_bytes": run.request_bytes}
        begun = self.env["monitr.run"].create(dict(new, **so_far, **trouble))
        if not is_of_everything:
            begun.send_whole([stream.name for stream in run.streams_left(STREAMS)])
        return begun

    def failed_run(self, error):
        """A run that failed before it could begin."""
        runs = self.env["monitr.run"]
        runs.forget_old(self)
        run = runs.create(dict(self.run_ids[:1].trouble(), connection_id=self.id))
        run.fail(error)
        return run

    def _was_sent(self, scope):
        """Whether everything was sent with the settings of now. From then on changes are enough:
        the proof finds what no trigger sees, such as a right that the user lost."""
        last = self.run_ids.filtered("is_of_everything")[:1]
        return last.scope == scope and not last.streams_left(STREAMS)

    def _scope(self):
        """All that decides what is sent to whom, in one text."""
        text = self.connection_key
        key = decode_connection_key(text) if text else None
        return json.dumps(
            [
                key and key.connection_id,
                sorted(self.company_ids.ids),
                self.language,
                self.user_id.id,
                str(self.start_date or ""),
                [len(stream.fields) for stream in STREAMS],  # of this release of the addon
            ]
        )

    def check_ready(self):
        """Raises Misconfigured where key or outbox are missing, CopiedDatabase in a copy."""
        if not self.sealed_key:
            text = _lt("Paste the connection key first: Monitr shows it when you add Odoo.")
            raise Misconfigured(text)
        if self.bound_to != self._this_database():
            text = _lt(
                "This database is a copy of the one that is connected to Monitr, so it sends "
                "nothing. To connect it as well, make a new connection key in Monitr."
            )
            raise CopiedDatabase(text)
        if not self.connection_key:
            text = _lt(
                "The connection key cannot be read any more: this database's secret was changed. "
                "Paste the key again, or make a new one in Monitr."
            )
            raise Misconfigured(text)
        reason = self._unwatched_reasons().get(outbox.OUTBOX)
        if reason:
            text = _lt("Odoo cannot note what changes: %(table)s cannot be made (%(reason)s).")
            raise Misconfigured(text, table=outbox.OUTBOX, reason=reason)

    def keep_authority(self, told):
        """The authority of the answer to a hello, from then on: two of them while it is replaced.

        Where none is told, what is known stays: it harms nothing, and a setting may be lost.
        """
        is_safe = self.address.startswith("https:")  # else the answer may be anybody's
        if told and is_safe and told != self.authority and is_usable(told):
            self.authority = told

    def _trusts(self):
        if not self.address:
            return False
        authority = self.authority or _key_in(self.connection_key).authority
        if not authority or not is_usable(authority):
            return _("The authorities that this Odoo server knows")
        own = ", ".join(
            _(
                "%(name)s until %(until)s (SHA-256 %(fingerprint)s)",
                name=each.name,
                until=format_date(self.env, each.until.date()),
                fingerprint=each.fingerprint,
            )
            for each in certificates_in(authority)
        )
        return _("The authorities that this Odoo server knows, and %(own)s", own=own)

    def _this_database(self):
        return "%s/%s" % (database_uuid(self.env), self.env.cr.dbname)

    def _status(self):
        if not self.sealed_key:
            return html_p(_("Not connected yet. Paste the connection key that Monitr shows."))
        if not self.run_ids:
            return html_p(_("Connected. Nothing was pushed yet: press Push now."))
        proof = self.run_ids.filtered("proof")[:1].proof_status()
        aside = self.env["monitr.set.aside"].status()
        return proof + aside + self._capture_status() + self.run_ids[:1].status()

    def _capture_status(self):
        sentences = []
        if self.missed_since:
            sentences.append(self._missed_sentence())
        if self.unwatched:
            sentences.append(self._unwatched_sentence())
        return "".join(html_alert("warning", sentence) for sentence in sentences)

    def _missed_sentence(self):
        return _(
            "Odoo may not have noted every change since %(since)s (%(missed)s). The next push "
            "reads again from the beginning what these are part of.",
            since=self.run_ids._local_time(self.missed_since),
            missed=self.missed,
        )

    def _unwatched_sentence(self):
        return _(
            "Odoo cannot note changes of %(tables)s when they happen. Each push finds them by its "
            "proof and repairs what differs.",
            tables=self._unwatched_tables(),
        )

    def _unwatched_tables(self):
        """Each with the reason why it cannot be watched."""
        return ", ".join("%s (%s)" % item for item in sorted(self._unwatched_reasons().items()))

    def _unwatched_reasons(self):
        """``{table: reason}``."""
        return json.loads(self.unwatched or "{}")

    def _is_due(self):
        due_at = self.due_at()
        return bool(due_at) and due_at <= fields.Datetime.now()

    def due_at(self):
        """When the next slice is to begin by the schedule; None where none is."""
        run = self.run_ids[:1]
        if run.state == "running":
            return run.retry_at or fields.Datetime.now()
        if not self.sealed_key or self.push_every == "0":
            return None
        if not run:
            return self.write_date
        return run.started_at + timedelta(minutes=int(self.push_every))


def _address_in(key):
    key = _key_in(key)
    return key and key.address


def _key_in(text):
    """None where that is no key: the form asks before saving it is refused."""
    with suppress(InvalidConnectionKey):
        return decode_connection_key(text or "")
