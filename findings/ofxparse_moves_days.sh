#!/usr/bin/env bash
# ofxparse 0.21 (PyPI) moves a bank's last minute of January into February, and says nothing of it.
#
# OFX writes a moment with its offset: 20230131235959.000[-5:EST] is 31 January in the bank's books. ofxparse subtracts
# the offset and gives a datetime without a time zone, 2023-02-01 04:59:59, which nobody can tell from a local one; a
# ledger that takes its date puts the payment into the next month. East of Greenwich midnight goes to the day before.
# ofxtools 1.1.1 computes the same moment but keeps that it is UTC, so it can be turned back.
#
# It needs python3 with venv and PyPI. Exits 1 where the dates are others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check ofxparse==0.21 ofxtools==1.1.1 2>/dev/null

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io
import sys

from ofxparse import OfxParser
from ofxtools.Parser import OFXTree

HEAD = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
BODY = (
    "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20230201<LANGUAGE>ENG"
    "</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
    "<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>2<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
    "<DTSTART>20230101<DTEND>20230201<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{}<TRNAMT>-1.00<FITID>1<NAME>A"
    "</STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20230201</LEDGERBAL></STMTRS></STMTTRNRS>"
    "</BANKMSGSRSV1></OFX>"
)


def read_by_both(moment):
    file = (HEAD + BODY.format(moment)).encode()
    one = OfxParser.parse(io.BytesIO(file)).account.statement.transactions[0].date
    tree = OFXTree()
    tree.parse(io.BytesIO(file))
    return str(one), str(tree.convert().statements[0].transactions[0].dtposted)


seen = {moment: read_by_both(moment) for moment in ("20230131235959.000[-5:EST]", "20230201000000.000[+9:JST]")}
for moment, (one, other) in seen.items():
    print(f"{moment}: ofxparse {one}, ofxtools {other}")
sys.exit(
    seen
    != {
        "20230131235959.000[-5:EST]": ("2023-02-01 04:59:59", "2023-02-01 04:59:59+00:00"),
        "20230201000000.000[+9:JST]": ("2023-01-31 15:00:00", "2023-01-31 15:00:00+00:00"),
    }
)
PYTHON
