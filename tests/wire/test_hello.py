"""The hello is JSON as it is, with the contract's version."""

import json

from monitr_wire import CONTRACT_VERSION
from monitr_wire.hello import Hello, encode_hello

HELLO = Hello(
    series="19.0",
    addon_version="1.0.0",
    database_uuid="5a3c3d5e-0000-4000-8000-000000000000",
    database_name="acme",
    language="fr_BE",
    company_ids=(1, 3),
    start_date=None,
)


def test_a_hello_is_json_as_it_is() -> None:
    body = encode_hello(HELLO)

    assert json.loads(json.dumps(body)) == body
    assert body == {
        "contract": CONTRACT_VERSION,
        "series": "19.0",
        "addon_version": "1.0.0",
        "database_uuid": "5a3c3d5e-0000-4000-8000-000000000000",
        "database_name": "acme",
        "language": "fr_BE",
        "company_ids": [1, 3],
        "start_date": None,
    }
