"""Assembles the receiver: settings, database and every part of the web, in one Flask app."""

from flask import Flask

from receiver.config import Config
from receiver.db.engine import make_engine
from receiver.web.addresses import check_address
from receiver.web.api.description.openapi import init_api
from receiver.web.api.health import health
from receiver.web.api.ingest import ingest
from receiver.web.current import equip
from receiver.web.errors import register_errors
from receiver.web.pages.menu import init_pages


def create_app(config: Config) -> Flask:
    """Make the application, once in each process, after it was forked."""
    app = Flask("receiver.web")
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    equip(app, config, make_engine(config.database_url))
    app.before_request(check_address)
    app.register_blueprint(health)
    app.register_blueprint(ingest)
    init_api(app)
    init_pages(app, config)
    register_errors(app)
    return app
