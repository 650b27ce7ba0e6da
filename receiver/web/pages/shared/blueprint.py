"""What every page has in common: it is seen by who signed in, and nobody keeps a copy of it."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from receiver.web.current import end_snapshot
from receiver.web.pages.shared.viewer import load_viewer, require_viewer
from receiver.web.query import check_text
from receiver.web.security_headers import PAGE_HEADERS

Page = str | tuple[str, int] | AnyResponse

csrf = CSRFProtect()


class PagesBlueprint(Blueprint):
    """Pages for who signed in, or for everyone where ``is_open``. See the package's docstring."""

    is_of_one_snapshot = False

    def __init__(
        self,
        name: str,
        *,
        label: LazyString | None = None,
        icon: str = "",
        section: str | None = None,
        is_open: bool = False,
    ) -> None:
        super().__init__(f"{name}_pages", "receiver.web.pages")
        self.label = label
        self.icon = icon
        self.section = f"{section or name}_pages"  # the page of the sidebar that this belongs to
        self.before_request(_check_form)
        self.before_request(load_viewer)
        if not self.is_of_one_snapshot:
            self.before_request(end_snapshot)
        self.before_request(csrf.protect)
        if not is_open:
            self.before_request(require_viewer)
        self.after_request(_protect_page)
        self.teardown_request(end_snapshot)

    @property
    def start(self) -> str:
        """The endpoint that the sidebar leads to."""
        return f"{self.name}.show"


class ReportsBlueprint(PagesBlueprint):
    """Pages whose figures are read in the one snapshot in which the viewer is, too."""

    is_of_one_snapshot = True


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def see_other(endpoint: str, **values: Any) -> AnyResponse:
    """Leads on after a form was stored, so that reloading does not send it again."""
    return redirect(url_for(endpoint, **values), 303)


def _check_form() -> None:
    for name, value in request.form.items(multi=True):
        check_text(name, value)


def _protect_page(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
