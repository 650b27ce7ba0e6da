"""The API's documentation, as a page to browse."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

docs = Blueprint("docs", __name__)


@docs.get("/")
def show_start() -> AnyResponse:
    return redirect(url_for("docs.show_docs"))


@docs.get("/docs")
def show_docs() -> str:
    return render_template("docs.html")
