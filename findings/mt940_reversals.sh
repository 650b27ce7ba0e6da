#!/usr/bin/env bash
# mt-940 5.1.1 (PyPI) gives a reversed credit (mark RC in :61:) the sign of money that came in.
#
# SWIFT's field 61 has four marks: C credit, D debit, RC reversal of a credit, RD reversal of a debit. What a bank takes
# back with RC leaves the account, as D does: its own balances say so. The library takes the sign from the mark D
# alone, so RC arrives as +100.00 beside its status, and who adds up the amounts is off by twice the reversal. RD, which
# brings money back, is right. Seen, for 100,00: C +100.00, D -100.00, RC +100.00, RD +100.00; in the statement below
# the amounts add up to 200.00 where its own balances differ by 0.00.
#
# It needs python3 with venv and PyPI. Exits 1 where the amounts are others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check mt-940==5.1.1 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import mt940

HEAD = ":20:STARTUMSE\n:25:10010010/1234567890\n:28C:00001/001\n:60F:C230101EUR1000,00\n"
FOOT = ":62F:C230102EUR1000,00\n"


def amounts(*marks):
    lines = "".join(f":61:2301020102{mark}100,00NTRFNONREF\n" for mark in marks)
    return [str(each.data["amount"].amount) for each in mt940.parse(HEAD + lines + FOOT)]


seen = {mark: amounts(mark)[0] for mark in ("C", "D", "RC", "RD")}
print("mt-940 5.1.1, :61: of 100,00:", seen)
print("a credit and its reversal, opening and closing balance 1000,00:", amounts("C", "RC"))
expected = {"C": "100.00", "D": "-100.00", "RC": "100.00", "RD": "100.00"}
sys.exit(seen != expected or amounts("C", "RC") != ["100.00", "100.00"])
PYTHON
