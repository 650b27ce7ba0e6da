"""The sentences that are made outside of the pages and that people see there, for Babel: see
babel.cfg."""

import ast
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.extract import extract_python
from monitr_wire.streams import STREAMS
from monitr_wire.values import TYPES

from receiver import errors
from receiver.errors import MonitrError, default_text

# As Babel asks an extractor: line, function, text or texts, comments.
Found = tuple[int, str, str | list[str], list[str]]

SEEN = (
    errors.NotLetIn,
    errors.NoAccess,
    errors.RetryLater,
    errors.NotFound,
    errors.NameTaken,
    errors.PullRunning,
    errors.PullEnded,
    errors.NothingHidden,
    errors.InvalidStructure,
    errors.ChangedMeanwhile,
    errors.DifferentCurrencies,
    errors.InvalidQuery,
    errors.InvalidRecord,
    errors.BodyTooLarge,
)


class NotLiteral(Exception):
    """A sentence that is put together cannot be translated: give its values by name."""


def extract_errors(*_: object, **__: object) -> Iterator[Found]:
    """What is said by default."""
    for leaf in SEEN_LEAVES:
        yield 0, "_", default_text(leaf), [leaf.__name__]


def extract_contract(*_: object, **__: object) -> Iterator[Found]:
    """What the contract calls its streams, and what it expects of values."""
    for text in (
        *(stream.label for stream in STREAMS),
        *(each.expected for each in TYPES.values()),
    ):
        yield 0, "_", text, []


def extract_texts(file: IO[bytes], *asked: Any, **options: Any) -> Iterator[Any]:
    """Each text given to gettext, to an error, a Sentence or a Reason. Raises NotLiteral."""
    yield from extract_python(file, *asked, **options)
    file.seek(0)
    for call in ast.walk(ast.parse(file.read())):
        if isinstance(call, ast.Call) and (text := _text_of(call)):
            yield call.lineno, "_", text, []


def extract_marked(file: IO[bytes], *_: object, **__: object) -> Iterator[Found]:
    """What the addon marks: why a push failed, which a hello tells."""
    for line, _name, text, _comments in extract_python(file, {"_lt": None}, (), {}):
        yield line, "_", text, []


def _text_of(call: ast.Call) -> str:
    """Empty where the call makes no sentence, or a default one."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    place = 1 if name == "Reason" else 0
    if name not in MAKERS or len(call.args) <= place:
        return ""
    text = call.args[place]
    if isinstance(text, ast.Constant):
        return str(text.value) if isinstance(text.value, str) else ""
    if isinstance(text, ast.JoinedStr | ast.BinOp | ast.BoolOp | ast.IfExp | ast.Call):
        raise NotLiteral(ast.unparse(call))
    return ""


def leaves(kind: type[MonitrError]) -> Iterator[type[MonitrError]]:
    children = kind.__subclasses__()
    for child in children:
        yield from leaves(child)
    if not children:
        yield kind


SEEN_LEAVES = [leaf for kind in SEEN for leaf in leaves(kind)]
MAKERS = {"Sentence", "Reason"}
MAKERS |= {leaf.__name__ for leaf in SEEN_LEAVES if "__init__" not in vars(leaf)}  # given a text
