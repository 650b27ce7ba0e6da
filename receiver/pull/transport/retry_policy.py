"""How long a pull waits before it asks again what Odoo could not answer: all of it are reads."""

from receiver.errors import OdooServerError, OdooTimeout, RetryLater

WAITS = (1, 5, 30)  # seconds before the second, third and fourth try, unless Odoo says how long
LONGEST_WAIT = 60  # seconds; who asks for more is left alone until the next pull
OF_THE_DATABASE = "psycopg"  # exceptions of its connection and of transactions in each other's way
OF_A_VALUE = ("DataError", "DatetimeFieldOverflow", "NumericValueOutOfRange")  # but these


def seconds_to_wait(error: RetryLater, usually: float) -> float | None:
    """None where another try is in vain, or would have to be later than a pull waits.

    After a time-out a smaller question helps, which only who asks can make (extract/read.py).
    """
    if isinstance(error, OdooTimeout) or is_of_the_call(error):
        return None
    wait = usually if error.wait_seconds is None else max(0, error.wait_seconds)
    return wait if wait <= LONGEST_WAIT else None


def is_of_the_call(error: RetryLater) -> bool:
    """An exception that Odoo names is raised for this call each time."""
    exception = str(error.more.get("odoo_exception", OF_THE_DATABASE))
    if not isinstance(error, OdooServerError):
        return False
    return not exception.startswith(OF_THE_DATABASE) or exception.endswith(OF_A_VALUE)
