"""The rows of a report's page as a test reads them."""

import re
from dataclasses import dataclass
from html import unescape

from tests.receiver.web.pages.conftest import Browser

YEAR = "from=2025-01-01&to=2025-12-31"
ROW = re.compile(r'<tr class="(\w+)">(.*?)</tr>', re.S)
CELL = re.compile(r'<td class="number[^>]*>(?:<a href="([^"]*)">)?([^<]*)')
NAME = re.compile(r'<th scope="row"[^>]*>(.*?)</th>', re.S)


@dataclass
class Row:
    kind: str
    name: str
    amounts: list[str]
    links: list[str]


def rows_of(page: str) -> list[Row]:
    return [
        Row(
            kind,
            " ".join(re.sub(r"<[^>]+>", "", unescape(NAME.findall(row)[0])).split()),
            [
                amount.replace(",", "").replace("\N{MINUS SIGN}", "-")
                for _, amount in CELL.findall(row)
            ],
            [unescape(link) for link, _ in CELL.findall(row)],
        )
        for kind, row in ROW.findall(page)
        if NAME.search(row)
    ]


def amounts_of(row: str) -> list[str]:
    """As the API writes them."""
    cells = CELL.findall(row)
    return [text.replace(",", "").replace("\N{MINUS SIGN}", "-") for _, text in cells]


def get(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text
