"""An accounting firm's receiver: two hundred clients, of whom some fail, and long histories."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import sqlalchemy as sa

from receiver.db.engine import make_engine, writing
from receiver.db.store.store import store
from receiver.db.tables import (
    connection_secrets,
    connections,
    odoo_accesses,
    proofs,
    pull_runs,
    workers,
)
from tests.odoo.receiver import Receiver
from tests.receiver.batches import incoming_of
from tests.receiver.records import record_of

COUNT = 200
FIRST_ID = 1000
RUNS = 60  # of each that is pulled, one each hour
FAILURE = "No connection to Odoo's server comes about. Is its address right, and does it run?"
TRADES = ("Bakery", "Garage", "Dental Practice", "Architects", "Transport", "Florist", "Brewery")
FAMILIES = ("Peeters", "Janssens", "Maes", "Dubois", "Lambert", "De Smet", "Van den Berg", "Claes")

Row = dict[str, object]


def add_clients(receiver: Receiver) -> None:
    """Every other one is pulled. Each 25th fails, each 40th was never heard."""
    engine, now = make_engine(receiver.database_url), datetime.now(UTC)
    numbers = range(COUNT)
    with writing(engine) as db:
        db.execute(sa.insert(workers).values(name="w", seen_at=now + timedelta(hours=1)))
        db.execute(sa.insert(connections), [_connection(each, now) for each in numbers])
        db.execute(sa.insert(connection_secrets), [_secret(each, now) for each in numbers[1::2]])
        db.execute(sa.insert(odoo_accesses), [_access(each, now) for each in numbers[::2]])
        db.execute(sa.insert(pull_runs), [row for each in numbers[::2] for row in _runs(each, now)])
        db.execute(sa.insert(proofs), [row for each in numbers for row in _proofs(each, now)])
        for each in numbers:
            company = record_of("companies", id=1, name=_company(each))
            store(db, FIRST_ID + each, incoming_of("companies", [company]))
    engine.dispose()


def _company(number: int) -> str:
    return f"{TRADES[number % len(TRADES)]} {FAMILIES[number % len(FAMILIES)]} {number}"


def _has_failed(number: int) -> bool:
    return number % 25 == 0


def _is_unheard(number: int) -> bool:
    return number % 40 == 1


def _connection(number: int, now: datetime) -> Row:
    heard = None if _is_unheard(number) else now
    return {
        "id": FIRST_ID + number,
        "public_id": f"con_{number}",
        "name": f"client-{number:03}",
        "created_at": now - timedelta(days=90),
        "series": "18.0",
        "push_every_minutes": 60,
        "last_contact_at": heard,
        "last_hello_at": heard,
    }


def _secret(number: int, now: datetime) -> Row:
    return {"connection_id": FIRST_ID + number, "encrypted_secret": "x", "created_at": now}


def _access(number: int, now: datetime) -> Row:
    return {
        "connection_id": FIRST_ID + number,
        "url": f"https://client-{number:03}.odoo.com",
        "database_name": "",
        "username": "accountant@firm.example",
        "encrypted_api_key": "x",
        "language": "en_US",
        "company_ids": "1",
        "checked_at": now - timedelta(days=90),
        "key_expires_at": now + timedelta(days=5 if number % 30 == 2 else 60),
        "key_count": 1,
    }


def _runs(number: int, now: datetime) -> Iterator[Row]:
    random = Random(number)
    for run_id in range(1, RUNS + 1):
        asked_at = now - timedelta(hours=RUNS - run_id, minutes=20)
        is_failed = _has_failed(number) and run_id in (20, 21, RUNS)
        seconds = 190 if run_id % 24 == 0 else random.randint(4, 30)
        records = 25_000 if run_id % 24 == 0 else random.randint(0, 900)
        yield {
            "connection_id": FIRST_ID + number,
            "run_id": run_id,
            "asked_at": asked_at,
            "asked_by": "schedule",
            "state": "failed" if is_failed else "succeeded",
            "due_at": asked_at,
            "started_at": asked_at,
            "finished_at": asked_at + timedelta(seconds=181 if is_failed else seconds),
            "record_count": 0 if is_failed else records,
            "written_count": 0 if is_failed else records // 3,
            "call_count": random.randint(20, 200),
            "milliseconds_in_odoo": seconds * 700,
            "repaired_count": None if is_failed else 0,
            "failure_code": "unreachable" if is_failed else None,
            "failure": FAILURE if is_failed else None,
        }


def _proofs(number: int, now: datetime) -> Iterator[Row]:
    for sequence in range(1, 0 if _is_unheard(number) else RUNS + 1):
        yield {
            "connection_id": FIRST_ID + number,
            "proof_id": f"msg_{number}_{sequence}",
            "body_sha256": "x",
            "run_id": f"pull_{sequence}",
            "sequence": sequence,
            "proven_at": now - timedelta(hours=RUNS - sequence, minutes=19),
            "bucket_count": 1204,
            "record_count": 25110,
            "differing_count": 2 if sequence == RUNS and number % 50 == 7 else 0,
            "totals": "[]",
        }
