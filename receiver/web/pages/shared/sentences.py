"""What the pages say of an error and of a state, in the viewer's language."""

from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import ngettext

from receiver.db.accounting.closed_periods import Change
from receiver.db.connections.odoo_accesses import OdooAccess
from receiver.db.pull.pull_runs import RunState
from receiver.errors import MonitrError, TooManySignIns
from receiver.messages import Sentence, Value, filled
from receiver.monitoring.api_key import WARNING_DAYS, days_left
from receiver.monitoring.health import State
from receiver.web.pages.shared.jinja_filters import amount, instant, number, span

MINUTE_SECONDS = 60


def words(sentence: Sentence) -> str:
    """Translate a sentence; it stays in English where the catalog has it not: one of an addon, or
    of a former release."""
    if not sentence.text:
        return ""  # whose translation would be the catalog's head
    values = {name: _value(value) for name, value in sentence.values.items()}
    return filled(_(sentence.text), values)


def sentence_of(error: MonitrError) -> str:
    if isinstance(error, TooManySignIns):
        minutes = -(-error.wait_seconds // MINUTE_SECONDS)
        return ngettext(
            "Signing in failed too often. Try again in %(num)d minute.",
            "Signing in failed too often. Try again in %(num)d minutes.",
            minutes,
        )
    return words(error.sentence)


def _value(value: Value) -> str:
    """Write a value as the viewer's language writes it."""
    match value:
        case None:
            return _("never")
        case str():
            return value
        case Sentence():
            return words(value)
        case tuple():
            return ", ".join(map(_value, value))
        case timedelta():
            return span(value.total_seconds())
        case datetime():
            return instant(value)
        case Decimal():
            return amount(value)
        case _:
            return number(value)


def health_badge(state: State) -> tuple[str, str]:
    """The kind and the word of a badge."""
    return {
        State.WAITING: ("plain", _("Waiting for the first contact")),
        State.ALIVE: ("good", _("Alive")),
        State.INCOMPLETE: ("warning", _("Incomplete")),
        State.LATE: ("warning", _("Late")),
        State.SILENT: ("bad", _("Silent")),
        State.FAILING: ("bad", _("Failing")),
        State.REFUSED: ("bad", _("Refused")),
        State.REVOKED: ("warning", _("Key revoked")),
        State.BY_HAND: ("plain", _("By hand only")),
        State.UNKNOWN: ("plain", _("Unknown")),
    }[state]


def run_badge(state: RunState) -> tuple[str, str]:
    """The kind and the word of a badge."""
    return {
        RunState.WAITING: ("plain", _("Waiting")),
        RunState.RUNNING: ("good", _("In progress")),
        RunState.STUCK: ("warning", _("Stuck")),
        RunState.SUCCEEDED: ("good", _("Succeeded")),
        RunState.FAILED: ("bad", _("Failed")),
        RunState.CANCELLED: ("plain", _("Cancelled")),
    }[state]


def key_badge(access: OdooAccess, now: datetime) -> tuple[str, str]:
    """How long the API key lasts: the kind and the words of a badge."""
    days = days_left(access, now)
    if days is None:
        return "plain", _("Never ends") if access.key_count else _("End not known")
    if days < 0:
        return "bad", _("Ended")
    kind = "warning" if days <= WARNING_DAYS else "good"
    return kind, ngettext("%(num)d day left", "%(num)d days left", days)


def change_words(change: Change) -> str:
    """What became of which kind of record in a closed period."""
    words = {
        ("journal_entries", "appeared"): _("Journal entry appeared"),
        ("journal_entries", "changed"): _("Journal entry changed"),
        ("journal_entries", "vanished"): _("Journal entry vanished"),
        ("journal_items", "appeared"): _("Journal item appeared"),
        ("journal_items", "changed"): _("Journal item changed"),
        ("journal_items", "vanished"): _("Journal item vanished"),
    }
    return words.get((change.stream, change.kind), f"{change.stream} {change.kind}")


def problem_heading(status: int) -> str:
    headings = {
        400: _("That request cannot be read"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        405: _("That is not possible here"),
        422: _("That value cannot be used"),
        429: _("Too often"),
        503: _("Not available at the moment"),
    }
    return headings.get(status, _("Something went wrong"))


def problem_advice(status: int) -> str:
    """What to do next, where the error's own sentence may not say it."""
    if status == 403:
        return ""
    if status == 404:
        return _(
            "Check the address. If a colleague sent it, ask an administrator for a role on that"
            " connection."
        )
    if status == 400:
        return _("The page was open for too long. Go back, reload it and try again.")
    if status == 422:
        return _("Go back and choose another value.")
    if status in (429, 503):
        return _("Wait a little and try again.")
    return _(
        "Try again. If it comes back, tell whoever runs this receiver the time: its log says what"
        " happened."
    )
