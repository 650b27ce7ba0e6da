"""The sentences of errors that people see in the pages, for Babel: see babel.cfg."""

from collections.abc import Iterator

from receiver.errors import (
    ChangedMeanwhile,
    DifferentCurrencies,
    InvalidStructure,
    MonitrError,
    NameTaken,
    NoAccess,
    NotFound,
    NotLetIn,
    PullEnded,
    PullRunning,
    RetryLater,
    default_sentence,
)

SEEN = (
    NotLetIn,
    NoAccess,
    NotFound,
    NameTaken,
    RetryLater,
    PullRunning,
    PullEnded,
    InvalidStructure,
    ChangedMeanwhile,
    DifferentCurrencies,
)


def extract_errors(*_: object, **__: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """As Babel asks an extractor: line, function, message, comments."""
    for kind in SEEN:
        for leaf in leaves(kind):
            yield 0, "_", default_sentence(leaf), [leaf.__name__]


def leaves(kind: type[MonitrError]) -> Iterator[type[MonitrError]]:
    children = kind.__subclasses__()
    for child in children:
        yield from leaves(child)
    if not children:
        yield kind
