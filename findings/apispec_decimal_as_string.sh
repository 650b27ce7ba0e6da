#!/usr/bin/env bash
# apispec 6.10.1 describes marshmallow's Decimal(as_string=True) as a number, though a string is what is sent.
#
# as_string is how marshmallow keeps amounts exact in JSON: {"debit": "100.10"}. The OpenAPI document that apispec makes
# of the schema says {"type": "number"}, so a client generated from it, and any validator, refuses each true answer.
# Seen with marshmallow 4.4.0, for OpenAPI 3.1.0; metadata={"type": "string"} on the field mends it.
#
# It needs python3 with venv and PyPI. Exits 1 where the description is another.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
  apispec==6.10.1 marshmallow==4.4.0 jsonschema==4.25.1 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys
from decimal import Decimal

import jsonschema
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields


class Item(Schema):
    debit = fields.Decimal(as_string=True)
    credit = fields.Decimal(as_string=True, metadata={"type": "string"})


spec = APISpec("Books", "1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
spec.components.schema("Item", schema=Item)
described = spec.to_dict()["components"]["schemas"]["Item"]
answer = json.loads(Item().dumps({"debit": Decimal("100.10"), "credit": Decimal("0")}))
wrong = [list(error.path) for error in jsonschema.Draft202012Validator(described).iter_errors(answer)]
print("sent:", answer)
print("described:", described["properties"])
print("refused by its own description:", wrong)
sys.exit(
    described["properties"] != {"debit": {"type": "number"}, "credit": {"type": "string"}}
    or wrong != [["debit"]]
)
PYTHON
