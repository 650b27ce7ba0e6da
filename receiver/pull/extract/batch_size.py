"""How many rows to ask Odoo for at once: so many that an answer takes it a second or two.

A small Odoo is not kept busy for long by one call, and a strong one is not asked in small bites.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

FEWEST_ROWS, FIRST_ROWS = 100, 1_000
PART_AFTER_FAILURE = 4  # so that a page of any size is at the fewest rows after four
MOST_ROWS = 10_000  # a few megabytes of lines, as a batch of the push has
QUICK_SECONDS, SLOW_SECONDS = 1, 4


class Pace:
    def __init__(self) -> None:
        self.rows_at_once = FIRST_ROWS

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Around a read of as many rows."""
        began_at = time.monotonic()
        yield
        self.learn(time.monotonic() - began_at)

    @property
    def is_slowest(self) -> bool:
        """No smaller page is left to try."""
        return self.rows_at_once == FEWEST_ROWS

    def shrink(self) -> None:
        """After a page that did not get through."""
        self.rows_at_once = max(self.rows_at_once // PART_AFTER_FAILURE, FEWEST_ROWS)

    def learn(self, seconds: float) -> None:
        """Twice as many next time after a quick answer, half as many after a slow one."""
        if seconds > SLOW_SECONDS:
            self.rows_at_once = max(self.rows_at_once // 2, FEWEST_ROWS)
        elif seconds < QUICK_SECONDS:
            self.rows_at_once = min(self.rows_at_once * 2, MOST_ROWS)
