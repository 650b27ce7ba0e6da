"""What people may call connections and tokens: names that fit into an address as they are."""

import re

from receiver.messages import Sentence

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
WRONG_NAME = Sentence(
    "A name has 1 to 63 letters, digits, dots, dashes and underscores,"
    " and begins with a letter or digit."
)


def is_name(text: str) -> bool:
    return bool(re.fullmatch(NAME, text))
