"""Which faults a session survived, how often, and by which seed it can be had again."""

import os
import secrets
from collections import Counter
from random import Random

SEED = os.environ.get("MONITR_TEST_SEED") or secrets.token_hex(4)
REPEATS = int(os.environ.get("MONITR_TEST_FAULTS") or 1)  # of each fault that comes by chance

survived: Counter[str] = Counter()


def random_for(test: str) -> Random:
    """The same for the same test under the same seed, whichever tests run beside it."""
    return Random(f"{SEED} {test}")
