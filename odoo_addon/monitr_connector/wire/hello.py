"""The hello: what an Odoo says about itself before a run, and to test a connection."""

from typing import Dict, NamedTuple, Optional, Tuple

from . import CONTRACT_VERSION

HELLO_PATH = "/v1/hello"


class Hello(NamedTuple):
    series: str  # "14.0" to "19.0"
    addon_version: str
    database_uuid: str  # a copied database keeps it until Odoo gives the copy its own
    database_name: str
    language: str  # of names, as Odoo writes it: "fr_BE"
    company_ids: Tuple[int, ...]
    start_date: Optional[str]  # ISO; nothing dated before it is sent


def encode_hello(hello: Hello) -> Dict[str, object]:
    body: Dict[str, object] = {"contract": CONTRACT_VERSION}
    body.update(hello._asdict())
    body["company_ids"] = list(hello.company_ids)
    return body
