#!/usr/bin/env bash
# price-parser 0.5.1 (PyPI) reads "KWD 12,345.678" as 12345678 and "1’234.50 CHF" as 1: both without a word.
#
# Three digits after the last separator are thousands to it, even where the other separator stands before them and so
# can only be the thousands. Dinars of Kuwait, Bahrain, Iraq, Jordan, Libya and Tunisia, and rials of Oman, have three
# decimals, so each amount of theirs is a thousand times too large; "0.001" is 1. The apostrophe U+2019, which many
# Swiss statements print between thousands, ends the number; the ASCII one does not. A minus or an accountant's
# brackets are dropped: only decimal_separator="." mends the first.
#
# It needs python3 with venv and PyPI. Exits 1 where the amounts are others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check price-parser==0.5.1 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import sys

from price_parser import Price

EXPECTED = {
    "KWD 12,345.67": "12345.67",
    "KWD 12,345.678": "12345678",
    "TND 0.001": "1",
    "CHF 1'234.50": "1234.50",
    "CHF 1\u2019234.50": "1",
    "EUR -12.50": "12.50",
    "EUR (12.50)": "12.50",
}
seen = {text: str(Price.fromstring(text).amount) for text in EXPECTED}
for text, amount in seen.items():
    print(f"{text}: {amount}")
told = str(Price.fromstring("KWD 12,345.678", decimal_separator=".").amount)
print("KWD 12,345.678, told that the point is the decimal separator:", told)
sys.exit(seen != EXPECTED or told != "12345.678")
PYTHON
