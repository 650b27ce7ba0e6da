#!/usr/bin/env bash
# Babel 2.19.0 writes amounts in fifteen currencies without the decimals that ISO 4217 gives them: HUF 12.34 is "HUF12".
#
# format_currency takes the decimals of a currency from CLDR, which says how much is used at a counter today; books are
# kept by ISO 4217 (here from the package iso4217). Where the two differ a report loses the cents, or the dinar's fils,
# without a word, and rows no longer add up to their total. get_currency_precision says 0 for all of them.
# Seen: AFN ALL COP HUF IDR IRR KPW LAK LBP MGA MMK SOS SYP YER (ISO 4217: 2) and IQD (3).
# Passing currency_digits=False with a pattern of the wanted decimals writes them.
#
# It needs python3 with venv and PyPI. Exits 1 where the currencies are others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check babel==2.19.0 iso4217==1.16.20260101 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import sys
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from iso4217 import Currency

differing = {
    each.code: (each.exponent, get_currency_precision(each.code))
    for each in Currency
    if each.exponent is not None and each.exponent != get_currency_precision(each.code)
}
for code, (by_iso, by_cldr) in sorted(differing.items()):
    written = format_currency(Decimal("12.345"), code, locale="en")
    print(f"{code}: ISO 4217 {by_iso}, CLDR {by_cldr}; 12.345 is written {written}")
pattern = "\u00a4#,##0.00"
with_decimals = format_currency(Decimal("12.34"), "HUF", pattern, locale="en", currency_digits=False)
print("HUF with a pattern:", with_decimals)
without = "AFN ALL COP HUF IDR IRR KPW LAK LBP MGA MMK SOS SYP YER".split()
expected = {code: (2, 0) for code in without} | {"IQD": (3, 0)}
sys.exit(differing != expected or with_decimals != "HUF12.34")
PYTHON
