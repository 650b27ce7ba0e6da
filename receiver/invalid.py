"""Where in a request marshmallow found the first error, and its sentence."""

from marshmallow import ValidationError


def first_error(error: ValidationError) -> tuple[str, str]:
    """A JSON pointer and a sentence: ``("/range/after_id", "Not a valid integer.")``."""
    return _first(error.messages, "")


def _first(messages: object, path: str) -> tuple[str, str]:
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, path if key == "_schema" else f"{path}/{key}")
    sentence = messages[0] if isinstance(messages, list) else messages
    return path, str(sentence)
