"""The status on the settings page: a small piece of HTML, since lists differ in every series."""

from odoo import _, fields
from odoo.tools import html_escape

from .wire.streams import STREAMS


def render(connection):
    """The last run, in words and as one bar a stream."""
    run = connection.run_ids[:1]
    if not connection.connection_key:
        return "<p>%s</p>" % _("Not connected yet. Paste the connection key that Monitr shows.")
    if not run:
        return "<p>%s</p>" % _("Connected. Nothing was pushed yet: press Push now.")
    return "<p>%s</p>%s%s" % (html_escape(_headline(run)), _error(run), _streams(run))


def _headline(run):
    values = {
        "time": fields.Datetime.context_timestamp(run, run.finished_at or run.started_at).strftime(
            "%Y-%m-%d %H:%M"
        ),
        "count": "{:,}".format(run.sent_count),
    }
    if run.state == "succeeded":
        return _("Last push succeeded on %(time)s: %(count)s records sent.") % values
    if run.state == "failed":
        return _("Last push failed on %(time)s, after %(count)s records.") % values
    return _("Push under way since %(time)s: %(count)s records sent so far.") % values


def _error(run):
    if not run.error:
        return ""
    return '<div class="alert alert-warning" role="alert">%s</div>' % html_escape(run.error)


def _streams(run):
    progress = run.progress_by_stream()
    rows = "".join(
        _row(stream, progress[stream.name]) for stream in STREAMS if stream.name in progress
    )
    return '<table class="table table-sm">%s</table>' % rows


def _row(stream, progress):
    percent = _percent(progress)
    return (
        "<tr><td>%s</td><td class='text-right text-end'>%s</td><td style='width: 50%%'>"
        "<div class='progress'><div class='progress-bar' role='progressbar' style='width: %d%%' "
        "aria-valuenow='%d' aria-valuemin='0' aria-valuemax='100'></div></div></td></tr>"
    ) % (html_escape(stream.label), "{:,}".format(progress["sent"]), percent, percent)


def _percent(progress):
    if progress["is_done"]:
        return 100
    return 100 * progress["after_id"] // max(progress["last_id"], 1)
