"""The statement of a proof: one page of HTML that needs nothing else, to be printed or kept."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from receiver.db.connections.connections import Connection
from receiver.monitoring.proofs import (
    ProofReport,
    told_of_hidden,
    told_of_set_aside,
    told_of_tie_out,
    told_of_unbalanced,
)

_templates = Environment(loader=PackageLoader("receiver.web"), autoescape=True, trim_blocks=True)
_style = Markup(_templates.get_template("statement.css").render())
_style_sha256 = base64.b64encode(hashlib.sha256(_style.encode()).digest()).decode()

STATEMENT_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_style_sha256}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}


def render_statement(connection: Connection, report: ProofReport) -> str:
    page = _templates.get_template("statement.html")
    return page.render(
        connection=connection,
        report=report,
        proof=report.proof,
        tie_out=told_of_tie_out(report.proof),
        aside=told_of_set_aside(report.proof),
        hidden=told_of_hidden(report.proof),
        unbalanced=told_of_unbalanced(report.proof),
        style=_style,
    )
