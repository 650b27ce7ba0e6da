"""How often a page that waits for something looks again: less and less while nothing goes on.

A page that nobody sees asks for nothing, see ``pages.js``.
"""

from datetime import datetime, timedelta

PACES = (  # (so long after the last sign of something, seconds between two looks)
    (timedelta(minutes=10), 3),
    (timedelta(hours=1), 15),
)
SLOWEST_SECONDS = 60


def seconds_between_looks(last_sign_at: datetime, now: datetime) -> int:
    silence = now - last_sign_at
    return next((seconds for until, seconds in PACES if silence < until), SLOWEST_SECONDS)
