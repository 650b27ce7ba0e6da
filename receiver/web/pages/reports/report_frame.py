"""What every report's page has around it: what was asked, what can be asked, what went wrong."""

from collections.abc import Callable
from functools import partial

from flask import render_template
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection as Database

from receiver.errors import DifferentCurrencies, InvalidQuery
from receiver.web.current import request_snapshot, snapshot_ending
from receiver.web.exports import Table, table_answer
from receiver.web.media_types import Format
from receiver.web.pages.reports.report_request import (
    Asked,
    company_options,
    period_options,
    read_asked,
)
from receiver.web.pages.shared.blueprint import Page
from receiver.web.pages.shared.sentences import sentence_of
from receiver.web.pages.shared.viewer import get_viewed_connection

Title = str | LazyString


def report_page(
    connection: str,
    title: Title,
    page_of: Callable[[Database, Asked], Page | Table],
    template_of: Callable[..., str] | None = None,
) -> Page:
    """The page of what is asked, or what to choose otherwise. Raises NotFound.

    All of it is read in one snapshot. A table is taken away in the format that is asked for.
    ``template_of`` is called as report_template is, but for the title, and adds to it.
    """
    template_of = template_of or partial(report_template, title=title)
    chosen = get_viewed_connection(connection)
    with request_snapshot() as db:
        asked = read_asked(db, chosen)
        if asked is None:
            return render_template("pages/report_empty.html", title=title)
        try:
            if asked.error:
                raise asked.error
            page = page_of(db, asked)
            if isinstance(page, Table):
                return table_answer(Format(asked.query["format"]), page, snapshot_ending())
            return page
        except (InvalidQuery, DifferentCurrencies) as error:
            return template_of("pages/report.html", asked, error=sentence_of(error)), 422


def report_template(template: str, asked: Asked, title: Title, **more: object) -> str:
    return render_template(
        template,
        asked=asked,
        title=title,
        company_options=company_options(asked.companies),
        period_options=period_options(asked),
        company_names=[each.name for each in asked.companies if each.id in asked.company_ids],
        **more,
    )
