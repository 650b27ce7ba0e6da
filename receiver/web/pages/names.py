"""What a user may be called, and what an e-mail address looks like."""

import re

from receiver.errors import InvalidName

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


def check_user_name(name: str) -> None:
    """Raises InvalidName."""
    if not NAME.fullmatch(name):
        raise InvalidName


def check_email(email: str) -> None:
    """None is needed. Raises InvalidName."""
    if email and not EMAIL.fullmatch(email):
        raise InvalidName("This is not an e-mail address.", path="/email")
