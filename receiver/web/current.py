"""What views take from the running app: the settings, the database engine, and the one snapshot of
the database that a request has.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import naming_outages, reading

CONFIG = "monitr_config"
ENGINE = "monitr_engine"


def equip(app: Flask, config: Config, engine: Engine) -> None:
    app.extensions[CONFIG] = config
    app.extensions[ENGINE] = engine


def current_config() -> Config:
    return cast(Config, current_app.extensions[CONFIG])


def current_engine() -> Engine:
    return cast(Engine, current_app.extensions[ENGINE])


@contextmanager
def request_snapshot() -> Iterator[Database]:
    """The snapshot, begun by whoever is the first to read in it. Raises DatabaseUnavailable."""
    if "snapshot" not in g:
        ending = ExitStack()
        g.snapshot_db = ending.enter_context(reading(current_engine()))
        g.snapshot = ending
    with naming_outages():
        yield g.snapshot_db


def snapshot_ending() -> ExitStack:
    """What ends the snapshot: of an answer that goes on reading in it after the request."""
    return cast(ExitStack, g.snapshot)


def end_snapshot(_error: BaseException | None = None) -> None:
    """End it, if one was begun and not taken; who reads again begins another one."""
    if "snapshot" in g:
        g.pop("snapshot").close()
