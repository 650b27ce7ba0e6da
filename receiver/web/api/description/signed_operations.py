"""OpenAPI of what an Odoo sends: hello, batches and proofs, signed requests all of them."""

import inspect
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from apispec import APISpec
from flask import Flask
from marshmallow import fields
from monitr_wire.signature import (
    CONNECTION_HEADER,
    ID_HEADER,
    REPLAY_WINDOW_SECONDS,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
)

from receiver.ingest.envelope import EnvelopeSchema
from receiver.ingest.hello import HelloSchema
from receiver.prove.proof_messages import (
    HiddenSchema,
    PartSchema,
    RowsStatementSchema,
    StatementSchema,
)
from receiver.web.api.ingest import (
    ingest,
    post_batch,
    post_hello,
    post_proof,
    post_proof_hidden,
    post_proof_part,
    post_proof_rows,
)

SIGNATURE = {
    "type": "apiKey",
    "in": "header",
    "name": SIGNATURE_HEADER,
    "description": (
        f"Standard Webhooks: `v1,` and the base64 of the HMAC-SHA256 of `{ID_HEADER}`,"
        f" `{TIMESTAMP_HEADER}` and the body, joined by dots, under the connection's secret."
        " Several signatures may be given, separated by spaces."
    ),
}
HEADERS = {
    CONNECTION_HEADER: "The connection's id, from its connection key",
    ID_HEADER: "The message's id; for a batch it is the idempotency key",
    TIMESTAMP_HEADER: "Seconds since 1970, UTC, at most"
    f" {REPLAY_WINDOW_SECONDS} seconds away from the receiver's clock",
}
BATCH_BODY = (
    "The gzip of one line of JSON, the `Envelope`, followed by the records: one line of text each,"
    " their fields in the order of the envelope, in PostgreSQL's COPY text format."
)
PROOF_BODY = (
    "The gzip of one line of JSON, the `Statement`, followed by a line for each bucket: stream,"
    " bucket, count of records, sum of their digests, sums of debit, credit and residual, joined by"
    " tabs."
    " A bucket of journal items is `company/account/YYYY-MM`, any other is the id divided by ten"
    " thousand."
)
PROOF_PART_BODY = (
    "The gzip of one line of JSON, the `StatementPart`, followed by a line for each of its buckets,"
    " as in a proof."
)
PROOF_ROWS_BODY = (
    "The gzip of one line of JSON, the `StatementOfRows`, followed by a line for each record: id"
    " and digest, joined by a tab."
)
PROOF_HIDDEN_BODY = "The gzip of one line of JSON, the `HiddenRecords`."


class ReceiptSchema(ma.Schema):
    batch_id = fields.String(required=True)
    stream = fields.String(required=True)
    run_id = fields.String(required=True)
    received_count = fields.Integer(required=True)
    written_count = fields.Integer(required=True, metadata={"description": "New or changed"})
    deleted_count = fields.Integer(required=True)
    stored_at = fields.DateTime(required=True)


class ToRepairSchema(ma.Schema):
    stream = fields.String(required=True)
    buckets = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "null is the whole stream"},
    )


class ToStateSchema(ma.Schema):
    stream = fields.String(required=True)
    ids = fields.List(fields.Integer(), required=True)


class AccountMonthDifferenceSchema(ma.Schema):
    company_id = fields.Integer(required=True)
    account_id = fields.Integer(required=True)
    month = fields.String(required=True)
    difference = fields.String(
        required=True, metadata={"description": "Odoo's balance less the stored one"}
    )


class ProofAnswerSchema(ma.Schema):
    proof_id = fields.String(required=True)
    run_id = fields.String(required=True)
    proven_at = fields.DateTime(required=True)
    ties_out = fields.Boolean(
        required=True, metadata={"description": "Nothing differs and nothing is set aside"}
    )
    bucket_count = fields.Integer(required=True)
    account_month_count = fields.Integer(required=True)
    record_count = fields.Integer(required=True)
    differing_count = fields.Integer(required=True, metadata={"description": "Of buckets"})
    set_aside_count = fields.Integer(required=True, metadata={"description": "Of records"})
    unbalanced_count = fields.Integer(
        required=True, metadata={"description": "Of stored entries that do not balance"}
    )
    largest_differences = fields.List(
        fields.Nested(AccountMonthDifferenceSchema),
        required=True,
        metadata={"description": "Of account-months; the first ones, the largest first"},
    )
    to_repair = fields.List(fields.Nested(ToRepairSchema), required=True)
    to_state = fields.List(
        fields.Nested(ToStateSchema),
        required=True,
        metadata={"description": "Records set aside that no batch has said anything of"},
    )


class KeptPartSchema(ma.Schema):
    number = fields.Integer(required=True)


class DifferingIdsSchema(ma.Schema):
    ids = fields.List(fields.Integer(), required=True)


class NotedHiddenSchema(ma.Schema):
    hidden_count = fields.Integer(required=True)


class WelcomeSchema(ma.Schema):
    connection = fields.String(required=True, metadata={"description": "The connection's name"})
    contract = fields.Integer(required=True)
    last_sequence = fields.Integer(
        required=True, metadata={"description": "That of the last batch that was stored"}
    )
    receiver_version = fields.String(required=True)
    authority = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Certificates (PEM) of the authority of the receiver's own that Odoo is"
            " to trust at its address from now on"
        },
    )


def describe_signed_operations(app: Flask, spec: APISpec) -> None:
    spec.tag({"name": "Push", "description": "What an Odoo sends, signed with its connection key"})
    spec.components.security_scheme("signature", SIGNATURE)
    spec.components.schema("Envelope", schema=EnvelopeSchema)
    spec.components.schema("Statement", schema=StatementSchema)
    spec.components.schema("StatementPart", schema=PartSchema)
    spec.components.schema("StatementOfRows", schema=RowsStatementSchema)
    spec.components.schema("HiddenRecords", schema=HiddenSchema)
    hello = {"required": True, "content": {"application/json": {"schema": HelloSchema}}}
    described = (
        (post_hello, hello, WelcomeSchema),
        (post_batch, _gzipped(BATCH_BODY), ReceiptSchema),
        (post_proof, _gzipped(PROOF_BODY), ProofAnswerSchema),
        (post_proof_part, _gzipped(PROOF_PART_BODY), KeptPartSchema),
        (post_proof_rows, _gzipped(PROOF_ROWS_BODY), DifferingIdsSchema),
        (post_proof_hidden, _gzipped(PROOF_HIDDEN_BODY), NotedHiddenSchema),
    )
    for view, body, answer in described:
        (rule,) = app.url_map.iter_rules(f"{ingest.name}.{view.__name__}")
        spec.path(rule=rule, operations={"post": _operation(view, body, answer)})


def _gzipped(description: str) -> dict[str, Any]:
    return {"required": True, "description": description, "content": {"application/gzip": {}}}


def _operation(
    view: Callable[..., object], body: dict[str, Any], answer: type[ma.Schema]
) -> dict[str, Any]:
    stored = {"description": "Stored", "content": {"application/json": {"schema": answer}}}
    summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n\n")
    return {
        "operationId": view.__name__,
        "summary": summary,
        "description": description,
        "tags": ["Push"],
        "security": [{"signature": []}],
        "parameters": [
            {
                "in": "header",
                "name": header,
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for header, description in HEADERS.items()
        ],
        "requestBody": body,
        "responses": {"200": stored, "default": "DEFAULT_ERROR"},
    }
