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

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each amount and what it opens."""
        return list(zip(self.amounts, self.links, strict=True))


def rows_of(page: str) -> list[Row]:
    """Those on the screen."""
    page = page.split('<div class="on-paper">')[0]
    return [
        Row(
            kind,
            " ".join(re.sub(r"<[^>]+>", "", unescape(NAME.findall(row)[0])).split()),
            amounts_of(row),
            [unescape(link) for link, _ in CELL.findall(row)],
        )
        for kind, row in ROW.findall(page)
        if NAME.search(row)
    ]


def amounts_of(row: str) -> list[str]:
    """As the API writes them."""
    return [as_written(text) for _, text in CELL.findall(row)]


def as_written(amount: str) -> str:
    return amount.replace(",", "").replace("\N{MINUS SIGN}", "-")


def get(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text
