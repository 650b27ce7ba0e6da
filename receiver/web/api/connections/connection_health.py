"""GET /v1/connections/{name}/health: whether an Odoo is heard in its rhythm, and if not, why."""

from datetime import UTC, datetime

import marshmallow as ma
from marshmallow import fields

from receiver.db.engine import reading
from receiver.monitoring.connection_status import find_standing
from receiver.monitoring.health import Health, State
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.query import Query

health = ReadingBlueprint("Health", "Whether each Odoo is heard in its rhythm")


class ReasonSchema(ma.Schema):
    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    sentence = fields.String(
        required=True, metadata={"description": "What is wrong, and what to do next"}
    )


class HealthSchema(ma.Schema):
    state = fields.Enum(State, by_value=fields.String, required=True)
    reasons = fields.List(
        fields.Nested(ReasonSchema),
        required=True,
        metadata={"description": "The gravest first; empty where all is well"},
    )
    notes = fields.List(
        fields.Nested(ReasonSchema),
        required=True,
        metadata={
            "description": "What may be meant so, such as records that Odoo's rules hide, and what"
            " anyone can have sent in this connection's name"
        },
    )
    expected_every_minutes = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null where Odoo pushes by hand, or does not say"},
    )
    last_contact_at = fields.DateTime(required=True, allow_none=True)
    last_scheduled_contact_at = fields.DateTime(required=True, allow_none=True)
    next_contact_expected_at = fields.DateTime(required=True, allow_none=True)


@health.reads("/connections/<name>/health", Query(), HealthSchema())
def get_connection_health(_query: object, name: str) -> Health:
    """Whether Odoo is heard in the rhythm that it promised, and if not, why.

    `late`: a contact is overdue, by more than a quarter of the rhythm (at least ten minutes, at
    most an hour). `silent`: a second one is overdue as well, by an hour. `failing`: Odoo is heard
    and says that its pushes fail. `refused`: its last request was refused. `by_hand`: it promised
    no rhythm. `unknown`: its addon is too old to say. `incomplete`: all is well, but records are
    set aside or stored entries do not balance, which the reasons say.

    An Odoo that is pulled is heard each time that a pull succeeds. `failing`: the last pull failed.
    `refused`: Odoo refused the key, and the schedule waits until it is replaced or someone asks for
    a pull. `by_hand`: no schedule pulls it.
    """
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        return find_standing(db, connection, datetime.now(UTC)).health
