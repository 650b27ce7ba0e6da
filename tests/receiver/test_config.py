"""Settings are read once, strictly, and what is wrong is said in one sentence."""

import base64
import os
import stat
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from receiver.config import Config, read_config
from receiver.errors import Misconfigured
from tests.receiver.configs import config_of
from tests.receiver.pull.servers import make_certificate

KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("MONITR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def config_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """Reads the settings with these variables set: ``config_with(BIND="...")``."""

    def config_with(**variables: object) -> Config:
        for name, value in variables.items():
            monkeypatch.setenv(f"MONITR_{name}", str(value))
        return read_config()

    return config_with


def test_it_needs_no_variables_at_all(config_with: Callable[..., Config], tmp_path: Path) -> None:
    config = config_with()

    assert config.data_dir == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path}/data/monitr.sqlite3"
    assert config.public_url == "http://127.0.0.1:8000"
    assert config.max_body_bytes == 32 * 1024 * 1024


def test_it_reads_every_variable(config_with: Callable[..., Config], tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path).read_text().strip()
    given = config_of(
        tmp_path / "elsewhere",
        "postgresql://monitr:secret@db/monitr",
        bind="0.0.0.0:9000",
        allow_private_addresses=True,
        odoo_calls_at_once=1,
        odoo_pause_ms=250,
        odoo_ca=certificate,
        odoo_proxy="http://anna:secret@proxy.example:3128",
        public_ca=certificate,
        trusted_proxies="10.0.0.5,172.16.0.0/12",
        sign_in_header="X-Remote-User",
        sign_in_secret="told to the proxy and to nobody else",
        open_id_issuer="https://id.example.com",
        open_id_client_id="monitr",
        open_id_client_secret="secret",
        sign_in_makes_users=True,
        serve_worker=False,
    )
    by_default = vars(config_with())

    read = config_with(**{each.name.upper(): getattr(given, each.name) for each in fields(Config)})

    assert read == given
    assert [name for name, value in vars(given).items() if value == by_default[name]] == []
    assert not given.data_dir.exists()


def test_any_variable_may_be_given_as_a_file(
    config_with: Callable[..., Config], tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(KEY + "\n")

    assert config_with(SECRET_KEY_FILE=tmp_path / "key").secret_key == KEY


def test_the_address_loses_its_last_slash(config_with: Callable[..., Config]) -> None:
    config = config_with(PUBLIC_URL="https://monitr.example.com/")

    assert config.public_url == "https://monitr.example.com"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COLOUR", "red"),
        ("PUBLIC_CA", "no certificate"),
        *(("ODOO_PROXY", url) for url in ("proxy:3128", "https://proxy:3128", "http://proxy")),
        *(("ODOO_PROXY", f"http://{rest}") for rest in ("a@proxy:1", "a:b@proxy:1/x", "a:b@c@d:1")),
        ("MAX_BODY_BYTES", "1"),
        ("WORKERS", "two"),
        ("WORKERS", "0"),
        ("MAX_BODY_MB", "-1"),
        ("MAX_INFLATED_MB", "0"),
        ("BIND", "127.0.0.1"),
        ("BIND", "0.0.0.0:8000"),  # then Odoo needs another address, which only people know
        ("PUBLIC_URL", "http://monitr.example.com"),
        ("PUBLIC_URL", "monitr.example.com"),
        ("SECRET_KEY", "secret"),
        ("SECRET_KEY", f"{KEY},"),
        ("SECRET_KEY_FILE", "/no/such/file"),
        ("DATABASE_URL", "mysql://localhost/monitr"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://localhost:port/monitr"),
        ("DATABASE_URL", "monitr.sqlite3"),
        ("DATA_DIR", "/proc/nothing"),
        ("DATA_DIR", __file__),
        ("BIND", "127.0.0.1:65536"),
        ("BIND", ":8000"),
        ("ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("TRUSTED_PROXIES", "10.0.0.5,proxy"),
        ("TRUSTED_PROXIES", "10.0.0.5/8"),  # which of the two is meant?
        ("SIGN_IN_HEADER", "X-Remote-User"),  # without a proxy that may say it
        ("OPEN_ID_ISSUER", "https://id.example.com"),  # without a client
        ("ODOO_ANSWER_SECONDS", "0"),
        ("ODOO_ANSWER_SECONDS", "481"),
        ("ODOO_ANSWER_MB", "0"),
        ("ODOO_CALLS_AT_ONCE", "0"),
        ("ODOO_PAUSE_MS", "-1"),
        ("ODOO_CA", "a certificate"),
        ("ODOO_CA_FILE", "/no/such/file"),
        ("PULLS_AT_ONCE", "0"),
        ("SERVE_WORKER", "maybe"),
    ],
)
def test_what_is_wrong_stops_it_with_one_sentence(
    config_with: Callable[..., Config], variable: str, value: str
) -> None:
    with pytest.raises(Misconfigured) as refusal:
        config_with(**{variable: value})

    sentence = str(refusal.value)
    assert f"MONITR_{variable}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert KEY not in sentence


def test_an_address_that_odoo_cannot_reach_asks_for_the_one_it_can(
    config_with: Callable[..., Config],
) -> None:
    with pytest.raises(Misconfigured, match=r"MONITR_BIND=0\.0\.0\.0:8000, MONITR_PUBLIC_URL must"):
        config_with(BIND="0.0.0.0:8000")


def test_an_empty_variable_is_as_if_it_were_not_set(
    config_with: Callable[..., Config],
) -> None:
    unset = config_with()

    names = [each.name.upper() for each in fields(Config)]
    assert config_with(**dict.fromkeys(names, "")) == unset


def test_a_variable_and_its_file_are_not_both_taken(
    config_with: Callable[..., Config], tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(KEY)

    with pytest.raises(Misconfigured, match=r"MONITR_SECRET_KEY and MONITR_SECRET_KEY_FILE"):
        config_with(SECRET_KEY=KEY, SECRET_KEY_FILE=tmp_path / "key")


@pytest.mark.parametrize("networks", ["0.0.0.0/0", "10.0.0.5,::/0"])
def test_a_sign_in_header_is_not_believed_from_everywhere(
    config_with: Callable[..., Config], networks: str
) -> None:
    with pytest.raises(Misconfigured, match="anybody could sign in as anybody"):
        config_with(
            SIGN_IN_HEADER="X-Remote-User", SIGN_IN_SECRET="s" * 32, TRUSTED_PROXIES=networks
        )


@pytest.mark.parametrize("secret", ["", "s" * 31])
def test_a_sign_in_header_is_not_believed_without_a_secret(
    config_with: Callable[..., Config], secret: str
) -> None:
    with pytest.raises(Misconfigured, match="X-Monitr-Sign-In-Secret"):
        config_with(
            SIGN_IN_HEADER="X-Remote-User", SIGN_IN_SECRET=secret, TRUSTED_PROXIES="10.0.0.5"
        )


def test_a_wrong_variable_makes_no_files(
    config_with: Callable[..., Config], tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match="MONITR_COLOUR"):
        config_with(COLOUR="red")

    assert list(tmp_path.iterdir()) == []


def test_what_a_former_release_needed_does_not_keep_it_from_starting(
    config_with: Callable[..., Config],
) -> None:
    given = config_with(JOBS_URL="postgresql://monitr:secret@db/jobs")

    assert "jobs" not in repr(given)


def test_variables_of_the_tests_are_none_of_its_business(
    config_with: Callable[..., Config],
) -> None:
    assert config_with(TEST_ODOO_19="anything")


def test_the_key_made_at_first_start_is_for_its_owner_alone(
    config_with: Callable[..., Config], tmp_path: Path
) -> None:
    previous = os.umask(0)
    try:
        config = config_with()
    finally:
        os.umask(previous)

    key_file = tmp_path / "data" / "secret.key"
    assert key_file.read_text() == config.secret_key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert config_with().secret_key == config.secret_key


def test_workers_that_start_at_once_use_the_same_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as workers:
        keys = list(workers.map(read_secret_key, [str(tmp_path)] * 16))

    assert len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def read_secret_key(folder: str) -> str:
    os.chdir(folder)
    return read_config().secret_key


def test_an_older_key_still_decrypts_after_a_newer_one_was_put_first(
    config_with: Callable[..., Config],
) -> None:
    encrypted = config_with(SECRET_KEY=KEY).cipher.encrypt(b"secret")
    newer = Fernet.generate_key().decode()

    rotated = config_with(SECRET_KEY=f"{newer},{KEY}")

    assert rotated.cipher.decrypt(encrypted) == b"secret"
    assert Fernet(newer).decrypt(rotated.cipher.encrypt(b"secret")) == b"secret"
