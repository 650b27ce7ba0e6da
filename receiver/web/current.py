"""What the running app holds for its views: the settings and the database engine."""

from typing import cast

from flask import Flask, current_app
from sqlalchemy import Engine

from receiver.config import Config

CONFIG = "monitr_config"
ENGINE = "monitr_engine"


def equip(app: Flask, config: Config, engine: Engine) -> None:
    app.extensions[CONFIG] = config
    app.extensions[ENGINE] = engine


def current_config() -> Config:
    return cast(Config, current_app.extensions[CONFIG])


def current_engine() -> Engine:
    return cast(Engine, current_app.extensions[ENGINE])
