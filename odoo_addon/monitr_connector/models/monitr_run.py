import json
import math
import uuid
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.tools import html_escape
from odoo.tools.misc import formatLang

from ..errors import filled
from ..prove import GONE_FROM_SIGHT
from ..scope import analytic_rights
from ..wire.hello import LONGEST_WAIT_MINUTES
from ..wire.streams import STREAMS

RUNS_KEPT = 50


class MonitrRun(models.Model):
    """One walk over all streams, of everything or of what changed, and how far it has come.

    ``progress`` is JSON: ``{stream: {"after_id": 20000, "last_id": 95000, "sent": 20000,
    "is_done": false}}`` for each stream that was begun.
    """

    _name = "monitr.run"
    _description = "Monitr run"
    _order = "id desc"

    connection_id = fields.Many2one("monitr.connection", required=True, ondelete="cascade")
    run_id = fields.Char("Run id", required=True, default=lambda self: uuid.uuid4().hex)
    state = fields.Selection(
        [("running", "Running"), ("succeeded", "Succeeded"), ("failed", "Failed")],
        required=True,
        default="running",
    )
    started_at = fields.Datetime(required=True, default=fields.Datetime.now)
    finished_at = fields.Datetime()
    retry_at = fields.Datetime(help="No try before, since the receiver did not answer.")
    failed_tries = fields.Integer()
    error = fields.Text(help="Of the last failed try, also of an earlier run, until one succeeds.")
    error_parts = fields.Text(help="The error's text and values, as JSON, to say it translated.")
    failing_since = fields.Datetime(help="The first failed try since a push went through.")
    sent_count = fields.Integer("Records sent")
    is_of_everything = fields.Boolean()
    scope = fields.Char(help="The settings that decide what is sent, as they were at the start.")
    progress = fields.Text(required=True, default="{}")
    proof = fields.Text(help="The receiver's answer to the last proof of the run, as JSON.")
    hidden = fields.Text(
        help="As JSON, {stream: count}: what record rules keep from the user, as of that proof."
    )
    request_bytes = fields.Integer(
        help="How large the next request may be, by what arrived so far."
    )
    repaired_count = fields.Integer(help="Records that a proof found different.")
    missed_since = fields.Datetime(help="Changes since then may have been missed, until this run.")
    missed = fields.Text(help="Whose changes, in technical names.")

    def streams_left(self, streams):
        """The streams of which everything is still to be sent."""
        progress, not_begun = self.progress_by_stream(), {"is_done": not self.is_of_everything}
        return [s for s in streams if not progress.get(s.name, not_begun)["is_done"]]

    def send_whole(self, names):
        """Note that everything of these streams is still to be sent."""
        progress = self.progress_by_stream()
        for name in names:
            begun = progress.setdefault(name, {"sent": 0})
            begun.update(after_id=0, last_id=0, is_done=False)
        self.progress = json.dumps(progress)

    def leave_out(self, names):
        """From here on these streams are not sent; those that no more are left out are sent
        whole."""
        progress = self.progress_by_stream()
        for name in names:
            progress.setdefault(name, {"sent": 0, "after_id": 0, "last_id": 0})["is_done"] = True
        if progress != self.progress_by_stream():
            self.progress = json.dumps(progress)
        regained = [name for name in self.left_out() if name not in names]
        if regained:
            self.send_whole(regained)
        if self.left_out() != tuple(names):
            self.connection_id.left_out = ",".join(names)

    def left_out(self):
        """The names of the streams that are not sent, since the user may not read them."""
        names = self.connection_id.left_out
        return tuple(names.split(",")) if names else ()

    def after_id(self, stream):
        return self.progress_by_stream()[stream.name]["after_id"]

    def progress_by_stream(self):
        return json.loads(self.progress)

    def begin_stream(self, stream, last_id):
        progress = self.progress_by_stream()
        begun = progress.setdefault(stream.name, {"after_id": 0, "sent": 0, "is_done": False})
        begun["last_id"] = last_id
        self.progress = json.dumps(progress)

    def record_range(self, stream, id_range, receipt):
        """The receiver has stored a range: what comes next begins after it."""
        progress = self.progress_by_stream()
        begun = progress[stream.name]
        begun["is_done"] = id_range.up_to_id is None
        begun["after_id"] = id_range.up_to_id or begun["last_id"]
        self.progress = json.dumps(progress)
        self.record(stream, receipt)

    def record(self, stream, receipt):
        """The receiver has stored a batch."""
        progress = self.progress_by_stream()
        begun = progress.setdefault(stream.name, {"sent": 0, "is_done": True})
        begun["sent"] += receipt["received_count"] + receipt["deleted_count"]
        self.write(
            {
                "progress": json.dumps(progress),
                "sent_count": self.sent_count + receipt["received_count"],
                "error": False,
                "error_parts": False,
                "failing_since": False,
                "retry_at": False,
                "failed_tries": 0,
            }
        )

    def record_proof(self, answer, hidden):
        self.proof = json.dumps(answer)
        self.hidden = json.dumps(hidden) if hidden else False

    def succeed(self):
        healed = {"error": False, "error_parts": False, "failing_since": False}
        missed = self.connection_id._take_missed()
        if self.connection_id.lets_go:
            self.connection_id.lets_go = False
        now = fields.Datetime.now()
        self.write(dict(healed, state="succeeded", finished_at=now, **missed))

    def fail(self, error):
        now = fields.Datetime.now()
        self.write(dict(self._failure(error, now), state="failed", finished_at=now))

    def postpone(self, error):
        """Try again later, each time waiting twice as long, up to an hour."""
        asked_for = math.ceil(getattr(error, "wait_seconds", 0) / 60)
        minutes = min(max(2**self.failed_tries, asked_for), LONGEST_WAIT_MINUTES)
        now = fields.Datetime.now()
        retry_at = now + timedelta(minutes=minutes)
        tries = self.failed_tries + 1
        self.write(dict(self._failure(error, now), failed_tries=tries, retry_at=retry_at))

    def _failure(self, error, now):
        return {
            "error": str(error),
            "error_parts": json.dumps({"text": error.text, "values": error.values}),
            "failing_since": self.failing_since or now,
        }

    def trouble(self):
        """What the next run takes over until it sends something: that pushes fail, and why."""
        if not self.failing_since:
            return {}
        names = ("error", "error_parts", "failing_since")
        return {name: self[name] for name in names}

    def why(self):
        """The error in the language of who looks; of an earlier addon, in English."""
        parts = self.parts()
        return self._said(**parts) if parts else self.error

    def has_lost_sight(self):
        """Whether it failed since the user may not see any more what the receiver has."""
        parts = self.parts()
        return bool(parts) and parts["text"] == GONE_FROM_SIGHT

    def parts(self):
        """The error's text and values; None without an error, and of an earlier addon."""
        return json.loads(self.error_parts) if self.error_parts else None

    @api.model
    def _said(self, text, values=None):
        """A text marked by ``_lt``, with its values, in the language of who looks."""
        return filled(_(text), values or {}, self._said)

    @api.model
    def forget_old(self, connection):
        """All but the newest ones, and the last run of everything: it tells what was sent."""
        runs = self.search([("connection_id", "=", connection.id)])
        (runs[RUNS_KEPT:] - runs.filtered("is_of_everything")[:1]).unlink()

    def proof_status(self):
        """The run's proof in a coloured sentence, as HTML; empty without one."""
        if not self.proof:
            return ""
        proof = json.loads(self.proof)
        colour = "success"
        if not proof["ties_out"]:
            colour = "danger" if proof["differing_count"] else "warning"
        shown = html_alert(colour, self._proof_sentence(proof))
        return shown + self._unbalanced_status(proof) + self._hidden_status()

    def _unbalanced_status(self, proof):
        """How many entries the receiver found to be out of balance, as HTML."""
        count = proof.get("unbalanced_count")  # an earlier receiver does not look
        if not count:
            return ""
        sentence = _(
            "%(count)s entries do not balance in Monitr, which names them: a part of each is "
            "hidden from the user with whose rights the books are read, or set aside, or it does "
            "not balance in Odoo itself.",
            count=self._count(count),
        )
        return html_alert("warning", sentence)

    def _hidden_status(self):
        """What the user may not see, as HTML; empty where that is nothing."""
        if not self.hidden:
            return ""
        counts = json.loads(self.hidden)
        records = ", ".join(
            "%s %s" % (self._count(counts[stream.name]), self._said(stream.label))
            for stream in STREAMS
            if stream.name in counts
        )
        sentence = _(
            "Rights and record rules of this Odoo hide records from the user with whose rights the "
            "books are read, so Monitr does not have them: %(records)s.",
            records=records,
        )
        if counts.keys() & set(self.left_out()):
            sentence += " " + self._left_out_sentence()
        return html_alert("warning", sentence)

    def _left_out_sentence(self):
        return _(
            'What is analytic is left out: the user "%(user)s" may not read all of it. To have it '
            "too, give this user the access rights %(rights)s (Settings, Users; technical rights "
            "are shown in developer mode).",
            user=self.connection_id.user_id.name,
            rights=analytic_rights(self.env),
        )

    def _proof_sentence(self, proof):
        values = {
            "time": self._local_time(_instant(proof["proven_at"])),
            "months": self._count(proof["account_month_count"]),
            "records": self._count(proof["record_count"]),
            "buckets": self._count(proof["differing_count"]),
            "repaired": self._count(self.repaired_count),
        }
        aside = proof.get("set_aside_count")  # an earlier receiver knows of none
        if aside and not proof["differing_count"]:
            values["aside"] = self._count(aside)
            if aside == 1:
                return _(
                    "Ties out except 1 record, at %(time)s: %(months)s account-months, %(records)s "
                    "records without other difference.",
                    **values,
                )
            return _(
                "Ties out except %(aside)s records, at %(time)s: %(months)s account-months, "
                "%(records)s records without other difference.",
                **values,
            )
        if not proof["ties_out"]:
            return _(
                "Does not tie out at %(time)s: %(buckets)s slices of the books differ.", **values
            )
        if not self.repaired_count:
            return _(
                "Tied out at %(time)s: %(months)s account-months, %(records)s records, "
                "difference 0.00.",
                **values,
            )
        return _(
            "Tied out at %(time)s: %(months)s account-months, %(records)s records, difference "
            "0.00 after %(repaired)s records that differed were repaired.",
            **values,
        )

    def status(self):
        """The run in words and as one bar a stream, as HTML: lists differ in every series."""
        progress = self.progress_by_stream()
        is_running = self.state == "running"
        rows = "".join(
            self._row(s, progress[s.name], is_running) for s in STREAMS if s.name in progress
        )
        return "%s%s%s<table class='table table-sm w-50'>%s</table>" % (
            html_p(self._headline()),
            html_alert("info", self._missed_sentence()) if self.missed_since else "",
            html_alert("warning", self.why()) if self.error else "",
            rows,
        )

    def _missed_sentence(self):
        return _(
            "Odoo may not have noted every change since %(since)s (%(missed)s). What these are "
            "part of was read again from the beginning, and ties out.",
            since=self._local_time(self.missed_since),
            missed=self.missed,
        )

    def _headline(self):
        values = {
            "time": self._local_time(self.finished_at or self.started_at),
            "count": self._count(self.sent_count),
        }
        if self.state == "succeeded":
            return _("Last push succeeded on %(time)s: %(count)s records sent.", **values)
        if self.state == "failed":
            return _("Last push failed on %(time)s, after %(count)s records.", **values)
        return _("Push under way since %(time)s: %(count)s records sent so far.", **values)

    def _row(self, stream, progress, is_running):
        bar = "<td style='width: 50%%'>%s</td>" % _bar(progress) if is_running else ""
        return "<tr><td>%s</td><td class='text-right text-end'>%s</td>%s</tr>" % (
            html_escape(self._said(stream.label)),
            self._count(progress["sent"]),
            bar,
        )

    def _count(self, number):
        return formatLang(self.env, number, digits=0)

    def _local_time(self, moment):
        return fields.Datetime.context_timestamp(self, moment).strftime("%Y-%m-%d %H:%M")


def html_p(sentence):
    return "<p>%s</p>" % html_escape(sentence)


def html_alert(colour, sentence):
    return "<div class='alert alert-%s' role='alert'>%s</div>" % (colour, html_escape(sentence))


def _instant(text):
    """Odoo's kind of moment, UTC without saying so. 3.6 has no fromisoformat."""
    return fields.Datetime.to_datetime(text[:19].replace("T", " "))


def _bar(progress):
    percent = 100
    if not progress["is_done"]:
        percent = 100 * progress["after_id"] // max(progress["last_id"], 1)
    return (
        "<div class='progress'><div class='progress-bar' role='progressbar' style='width: %d%%' "
        "aria-valuenow='%d' aria-valuemin='0' aria-valuemax='100'></div></div>"
    ) % (percent, percent)
