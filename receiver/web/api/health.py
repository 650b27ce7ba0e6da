"""GET /healthz: whether this receiver can do its work, for load balancers and containers."""

import sqlalchemy as sa
from flask import Blueprint

from receiver.db.engine import reading
from receiver.web.current import current_engine

health = Blueprint("health", __name__)


@health.get("/healthz")
def answer_health() -> dict[str, str]:
    """200 where the database answers, else the problem ``database_unavailable``, 503."""
    with reading(current_engine()) as db:
        db.execute(sa.select(1))
    return {"status": "ok"}
