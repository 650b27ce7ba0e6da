"""A sentence for people: English as written, with a name wherever a value goes.

Programs, logs and the command line say it in English; the pages look its text up in the viewer's
catalog and write its values as that language does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Union

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES

# A text is a name or a code, which is the same in every language; a sentence within is translated;
# several values are listed, with commas. An int is a count. None is of a moment that never was.
Value = Union[
    str, int, Decimal, datetime, timedelta, "Sentence", "tuple[str | Sentence, ...]", None
]


@dataclass(frozen=True)
class Sentence:
    text: str  # with %(name)s for a value, where there is any: what the catalogs translate
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """The sentence in English."""
        return filled(self.text, {name: _written(value) for name, value in self.values.items()})


def filled(text: str, values: Mapping[str, str]) -> str:
    """Without values, a per cent sign is one."""
    return text % values if values else text


def encode_sentence(sentence: Sentence) -> str:
    """JSON, to be stored. Its values may be texts, counts, amounts, sentences and lists of them."""
    return json.dumps(_encoded(sentence), ensure_ascii=False)


def parts_of(sentence: Sentence) -> dict[str, Any]:
    """The same as JSON would be read."""
    return {"text": sentence.text, "values": {n: _encoded(v) for n, v in sentence.values.items()}}


def sentence_of_parts(parts: Any) -> Sentence:
    decoded = _decoded(parts)
    assert isinstance(decoded, Sentence)
    return decoded


def decode_sentence(text: str) -> Sentence:
    return sentence_of_parts(json.loads(text))


def _encoded(value: Value) -> object:
    if isinstance(value, Sentence):
        return parts_of(value)
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    return [_encoded(each) for each in value] if isinstance(value, tuple) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict) and "amount" in value:
        return Decimal(value["amount"])
    if isinstance(value, dict):
        values = {name: _decoded(each) for name, each in value["values"].items()}
        return Sentence(value["text"], values)
    return tuple(map(_decoded, value)) if isinstance(value, list) else value


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if value is None:
        return "never"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _span(span: timedelta) -> str:
    """A time span as people say it: 15 minutes, hour, 3 hours, day."""
    minutes = span // timedelta(minutes=1)
    for unit_minutes, unit in ((DAY_MINUTES, "day"), (HOUR_MINUTES, "hour")):
        if minutes % unit_minutes == 0 and minutes:
            count = minutes // unit_minutes
            return unit if count == 1 else f"{count} {unit}s"
    return f"{minutes} minutes"
