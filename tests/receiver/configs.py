"""A receiver's settings in tests."""

from dataclasses import replace
from pathlib import Path

from cryptography.fernet import Fernet

from receiver.config import Config

SECRET_KEY = Fernet.generate_key().decode()


def config_of(data_dir: Path, database_url: str, **changed: object) -> Config:
    """Small limits, no waiting, nobody but users with a password."""
    config = Config(
        data_dir=data_dir,
        database_url=database_url,
        secret_key=SECRET_KEY,
        public_url="https://monitr.example.com",
        bind="127.0.0.1:8000",
        workers=1,
        max_body_mb=1,
        max_inflated_mb=2,
        allow_private_addresses=False,
        odoo_answer_seconds=10,
        odoo_answer_mb=1,
        odoo_calls_at_once=2,
        odoo_pause_ms=0,
        odoo_ca="",
        odoo_proxy="",
        public_ca="",
        trusted_proxies="",
        sign_in_header="",
        sign_in_secret="",
        open_id_issuer="",
        open_id_client_id="",
        open_id_client_secret="",
        sign_in_makes_users=False,
        pulls_at_once=2,
        serve_worker=True,
    )
    return replace(config, **changed)
