"""Analytic plans and accounts, as stored."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import STREAM_TABLES

plans = STREAM_TABLES["analytic_plans"].c
analytic_accounts = STREAM_TABLES["analytic_accounts"].c


@dataclass(frozen=True)
class AnalyticPlan:
    id: int
    name: str | None
    parent_id: int | None


@dataclass(frozen=True)
class AnalyticAccount:
    id: int
    name: str | None
    code: str | None
    plan_id: int | None


def list_plans(db: Database, connection_id: int) -> list[AnalyticPlan]:
    """List plans by name."""
    query = sa.select(plans.id, plans.name, plans.parent_id)
    mine = query.where(plans.connection_id == connection_id).order_by(plans.name, plans.id)
    return [AnalyticPlan(**row._mapping) for row in db.execute(mine)]


def list_analytic_accounts(db: Database, connection_id: int) -> list[AnalyticAccount]:
    columns = (
        analytic_accounts.id,
        analytic_accounts.name,
        analytic_accounts.code,
        analytic_accounts.plan_id,
    )
    query = sa.select(*columns).where(analytic_accounts.connection_id == connection_id)
    return [AnalyticAccount(**row._mapping) for row in db.execute(query)]
