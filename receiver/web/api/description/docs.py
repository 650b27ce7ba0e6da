"""The API's documentation, as a page to browse."""

from flask import Blueprint, render_template

docs = Blueprint("docs", __name__)


@docs.get("/docs")
def show_docs() -> str:
    return render_template("docs.html")
