"""What a page reads of its form and of its address: fields that it declares, as the API does.

    @users.post("/users/new")
    @takes_form(name=Stripped(), is_administrator=Ticked())
    def add(name: str, is_administrator: bool) -> Page:

No field of a form is refused here, as the view first asks who may: what is wrong with one is told
by what it is for, and said at the field. What is wrong with an address is an InvalidQuery.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

import marshmallow as ma
from webargs.flaskparser import FlaskParser

from receiver.errors import InvalidQuery
from receiver.invalid import first_error
from receiver.web.query import IN_QUERY

View = TypeVar("View", bound=Callable[..., object])


class PageParser(FlaskParser):
    """Passes over what is not declared. Raises InvalidQuery with the parameter's name."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"form": ma.EXCLUDE, "query": ma.EXCLUDE}  # noqa: RUF012

    def handle_error(self, error: ma.ValidationError, *_: object, **__: object) -> NoReturn:
        path, sentence = first_error(error)
        raise InvalidQuery(sentence, path=path.removeprefix(IN_QUERY))


parser = PageParser()


def takes_form(**fields: ma.fields.Field[Any]) -> Callable[[View], View]:
    """Makes a view be called with these fields of the form, by name, beside what its path names."""
    return cast(Callable[[View], View], parser.use_kwargs(fields, location="form"))


def read_query(query: ma.Schema) -> dict[str, Any]:
    """The parameters of the address. Raises InvalidQuery."""
    return cast(dict[str, Any], parser.parse(query, location="query"))


class Text(ma.fields.String):
    """As it was entered; empty where it was not."""

    def __init__(self, **more: Any) -> None:
        super().__init__(load_default="", **more)


class Stripped(Text):
    """The same, without blanks around it."""

    def __init__(self) -> None:
        super().__init__(pre_load=str.strip)


class Ticked(ma.fields.Field[bool]):
    """Whether a box with the value "yes" is ticked."""

    def __init__(self, **more: Any) -> None:
        super().__init__(load_default=False, **more)

    def _deserialize(self, value: str, *_: object, **__: object) -> bool:
        return value == "yes"


class Chosen(ma.fields.List[str]):
    """Every value that was chosen of several."""

    def __init__(self, **more: Any) -> None:
        super().__init__(ma.fields.String(), load_default=list, **more)


class WholeNumber(ma.fields.Field[int]):
    """The nearest one that is possible, and ``least`` for what is no number."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(load_default=least)
        self.least, self.most = least, most

    def _deserialize(self, value: str, *_: object, **__: object) -> int:
        try:
            return min(max(int(value), self.least), self.most)
        except ValueError:
            return self.least
