"""The receiver's settings: read once from ``MONITR_*`` variables into one frozen object."""

import os
import re
import secrets
import ssl
import stat
from contextlib import suppress
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from environs import EnvError, FileAwareEnv, ValidationError
from monitr_wire.connection_key import InvalidConnectionKey, check_address
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from receiver.errors import Misconfigured

PREFIX = "MONITR_"
FOR_TESTS = "MONITR_TEST_"
SQLITE_FILE = "monitr.sqlite3"
SECRET_KEY_FILE = "secret.key"
BESIDE_SQLITE = ("-wal", "-shm", "-journal")  # SQLite makes them with the mode of its file
PRIVATE_FOLDER, PRIVATE_FILE, OF_OTHERS = 0o700, 0o600, 0o077
# Settings of former releases that do nothing any more: an installation that has them still starts.
FORMER_VARIABLES = {"MONITR_JOBS_URL"}
MEBIBYTE = 1024 * 1024
LAST_PORT = 65535
SHORTEST_SECRET = 32  # characters of what proxy and receiver share
LONGEST_ANSWER_SECONDS = 480  # less than another worker waits before it takes over a pull
ONE_OR_MORE = (
    *("workers", "max_body_mb", "max_inflated_mb"),
    *("odoo_answer_seconds", "odoo_answer_mb", "odoo_calls_at_once", "pulls_at_once"),
)
# What urllib.parse.urlsplit reads of it is safe then.
PROXY = re.compile(r"http://(?:[^\s@/:]*:[^\s@/]*@)?(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}/?")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Config:
    """Every setting. The variable of ``x`` is MONITR_X, or MONITR_X_FILE: a file that holds it."""

    data_dir: Path  # the embedded database and the key, unless they are given below
    database_url: str  # an SQLAlchemy URL
    secret_key: str  # Fernet key for the stored secrets; older keys after it, joined by commas
    public_url: str  # the address that Odoo reaches, put into connection keys
    public_ca: str  # certificates (PEM) of an authority of one's own, that Odoo trusts there
    bind: str  # host:port that gunicorn listens on
    workers: int  # gunicorn processes
    max_body_mb: int  # a compressed request body, in MiB
    max_inflated_mb: int  # the same body, inflated
    allow_private_addresses: bool  # an Odoo to read from may be in a private network, without TLS
    odoo_answer_seconds: int  # that an answer of an Odoo which is read may take
    odoo_answer_mb: int  # how large it may be, in MiB, inflated
    odoo_calls_at_once: int  # to one Odoo, from one process
    odoo_pause_ms: int  # between two calls of a pull, in milliseconds
    odoo_ca: str  # certificates (PEM) of an authority of one's own, that Odoos may show too
    odoo_proxy: str  # http://user:password@host:port by which Odoos to read from are reached
    trusted_proxies: str  # addresses or networks, joined by commas, that say who the client is
    sign_in_header: str  # in which a trusted proxy says who signed in, such as X-Remote-User
    sign_in_secret: str  # that the proxy sends beside it, so that nobody else can
    open_id_issuer: str  # https address of an OpenID provider; empty: there is none
    open_id_client_id: str
    open_id_client_secret: str
    sign_in_makes_users: bool  # for whom proxy or provider vouch and who has no user yet
    pulls_at_once: int  # of one worker, each of another connection
    serve_worker: bool  # ``monitr serve`` runs a worker too

    @property
    def cipher(self) -> MultiFernet:
        """Encrypts with the first of the comma-separated keys, decrypts with any of them."""
        return MultiFernet([Fernet(key.strip()) for key in self.secret_key.split(",")])

    def encrypt(self, secret: str) -> str:
        return self.cipher.encrypt(secret.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Raises Misconfigured where the secret key is another one than it was encrypted with."""
        try:
            return self.cipher.decrypt(encrypted.encode()).decode()
        except InvalidToken as error:
            raise Misconfigured(
                "MONITR_SECRET_KEY is not the key that the stored secrets were encrypted with."
            ) from error

    @property
    def proxy_networks(self) -> list[Network]:
        return [ip_network(each.strip()) for each in self.trusted_proxies.split(",") if each]

    @property
    def max_body_bytes(self) -> int:
        return self.max_body_mb * MEBIBYTE

    @property
    def max_inflated_bytes(self) -> int:
        return self.max_inflated_mb * MEBIBYTE

    @property
    def odoo_answer_bytes(self) -> int:
        return self.odoo_answer_mb * MEBIBYTE


def read_config() -> Config:
    """Makes the data folder and the key where they are not given.

    Raises Misconfigured, with one sentence, for a wrong or unknown variable.
    """
    _refuse_unknown_variables()
    try:
        config = _config_from(_Env(prefix=PREFIX, strip_whitespace=True))
    except (EnvError, ValueError, OSError) as error:
        raise Misconfigured(f"{error}.".replace("..", ".")) from error
    _check(config)
    return config


class _Env(FileAwareEnv):
    """Takes a variable that is empty for one that is not set, as compose files write it."""

    def text(self, name: str, default: str = "") -> str:
        return self.str(name, "") or default

    def whole_number(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not text.removeprefix("-").isdecimal():
            raise Misconfigured(f"{PREFIX}{name} must be a whole number, such as {default}.")
        return int(text)

    def yes_or_no(self, name: str, default: bool) -> bool:
        try:
            return self.bool(name, default) if self.text(name) else default
        except ValidationError as error:
            raise Misconfigured(f"{PREFIX}{name} must be true or false.") from error


def _refuse_unknown_variables() -> None:
    known = {PREFIX + field.name.upper() for field in fields(Config)} | FORMER_VARIABLES
    for name in os.environ:
        is_ours = name.startswith(PREFIX) and not name.startswith(FOR_TESTS)
        variable = name.removesuffix("_FILE")
        if is_ours and variable not in known:
            raise Misconfigured(f"{name} is not a setting. The settings are listed in README.md.")
        if is_ours and variable != name and os.environ.get(variable):
            raise Misconfigured(f"{variable} and {name} are both set: take one of them away.")


def _config_from(env: _Env) -> Config:
    data_dir = Path(env.text("DATA_DIR", "data")).absolute()
    bind = env.text("BIND", "127.0.0.1:8000")
    return Config(
        data_dir=data_dir,
        database_url=env.text("DATABASE_URL") or _sqlite_database_in(data_dir),
        secret_key=env.text("SECRET_KEY") or _secret_key_in(data_dir),
        public_url=env.text("PUBLIC_URL", _address_of(bind)).rstrip("/"),
        public_ca=env.text("PUBLIC_CA"),
        bind=bind,
        workers=env.whole_number("WORKERS", 2),
        max_body_mb=env.whole_number("MAX_BODY_MB", 32),
        max_inflated_mb=env.whole_number("MAX_INFLATED_MB", 256),
        allow_private_addresses=env.yes_or_no("ALLOW_PRIVATE_ADDRESSES", False),
        # Odoo ends a request after 120 seconds.
        odoo_answer_seconds=env.whole_number("ODOO_ANSWER_SECONDS", 180),
        odoo_answer_mb=env.whole_number("ODOO_ANSWER_MB", 128),
        odoo_calls_at_once=env.whole_number("ODOO_CALLS_AT_ONCE", 2),
        odoo_pause_ms=env.whole_number("ODOO_PAUSE_MS", 0),
        odoo_ca=env.text("ODOO_CA"),
        odoo_proxy=env.text("ODOO_PROXY"),
        trusted_proxies=env.text("TRUSTED_PROXIES"),
        sign_in_header=env.text("SIGN_IN_HEADER"),
        sign_in_secret=env.text("SIGN_IN_SECRET"),
        open_id_issuer=env.text("OPEN_ID_ISSUER").rstrip("/"),
        open_id_client_id=env.text("OPEN_ID_CLIENT_ID"),
        open_id_client_secret=env.text("OPEN_ID_CLIENT_SECRET"),
        sign_in_makes_users=env.yes_or_no("SIGN_IN_MAKES_USERS", False),
        pulls_at_once=env.whole_number("PULLS_AT_ONCE", 4),
        serve_worker=env.yes_or_no("SERVE_WORKER", True),
    )


def _sqlite_database_in(data_dir: Path) -> str:
    _make_private(data_dir)
    return f"sqlite:///{data_dir / SQLITE_FILE}"


def _secret_key_in(data_dir: Path) -> str:
    """The key made at first start, readable by its owner alone.

    It appears under its name whole and at once, so that workers starting together use the same.
    """
    path = data_dir / SECRET_KEY_FILE
    if not path.exists():
        _make_private(data_dir)
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        draft.touch(mode=PRIVATE_FILE, exist_ok=False)
        draft.write_bytes(Fernet.generate_key())
        with suppress(FileExistsError):  # another worker was faster
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"MONITR_DATA_DIR: {folder} cannot be made ({error.strerror}). Name a folder that may"
            " be written."
        ) from error


def keep_private(config: Config) -> list[str]:
    """What was readable by others of this machine and is the service's own from now on, a sentence
    each. The embedded database is made, so that it never is anybody else's.

    Raises Misconfigured for what is not this user's to keep private.
    """
    database = _embedded_database(config)
    if database and not database.exists() and database.parent.is_dir():
        database.touch(mode=PRIVATE_FILE)
    key = config.data_dir / SECRET_KEY_FILE
    beside = [database.with_name(database.name + end) for end in BESIDE_SQLITE] if database else []
    files = [each for each in (key, database, *beside) if each and each.exists()]
    is_used = any(each.parent == config.data_dir for each in files)
    folders = [config.data_dir] if is_used else []
    wanted = [
        *((each, PRIVATE_FOLDER) for each in folders),
        *((each, PRIVATE_FILE) for each in files),
    ]
    return [
        f"{path} could be read by others of this machine; now it is for this user alone."
        for path, mode in wanted
        if _made_private(path, mode)
    ]


def _embedded_database(config: Config) -> Path | None:
    url = make_url(config.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _made_private(path: Path, mode: int) -> bool:
    """False where it was private."""
    found = stat.S_IMODE(path.stat().st_mode)
    if not found & OF_OTHERS:
        return False
    if found & stat.S_ISVTX:
        raise Misconfigured(
            f"MONITR_DATA_DIR: {path} is a folder that all users share. Name one of Monitr's own,"
            f" such as {path / 'monitr'}."
        )
    try:
        path.chmod(mode)
    except OSError as error:
        raise Misconfigured(
            f"{path} can be read by others of this machine, and this user may not change that"
            f" ({error.strerror}). Give it to the user that runs Monitr, or name a folder of its"
            " own in MONITR_DATA_DIR."
        ) from error
    return True


def _check(config: Config) -> None:
    _check_bind(config.bind)
    _check_public_url(config)
    _check_secret_key(config)
    _check_database_url(config.database_url)
    _check_proxies(config)
    _check_open_id(config)
    for name in ONE_OR_MORE:
        if getattr(config, name) < 1:
            raise Misconfigured(f"{PREFIX}{name.upper()} must be 1 or more.")
    if config.odoo_answer_seconds > LONGEST_ANSWER_SECONDS:
        raise Misconfigured(f"MONITR_ODOO_ANSWER_SECONDS must be {LONGEST_ANSWER_SECONDS} or less.")
    if config.odoo_pause_ms < 0:
        raise Misconfigured("MONITR_ODOO_PAUSE_MS must be 0 or more.")
    _check_certificates("MONITR_ODOO_CA", config.odoo_ca)
    _check_certificates("MONITR_PUBLIC_CA", config.public_ca)
    _check_proxy(config.odoo_proxy)


def _check_bind(bind: str) -> None:
    host, _, port = bind.rpartition(":")
    if not (host and port.isdecimal() and int(port) <= LAST_PORT):
        raise Misconfigured("MONITR_BIND must be host:port, for instance 127.0.0.1:8000.")


def _check_public_url(config: Config) -> None:
    try:
        check_address(config.public_url)
    except InvalidConnectionKey as error:
        if config.public_url == _address_of(config.bind):
            raise Misconfigured(
                f"With MONITR_BIND={config.bind}, MONITR_PUBLIC_URL must be set to the https://"
                " address that your Odoo reaches, such as https://monitr.example.com."
            ) from error
        raise Misconfigured(f"MONITR_PUBLIC_URL: {error}") from error


def _address_of(bind: str) -> str:
    """The receiver's own, where it is not said how Odoo reaches it."""
    return f"http://{bind}"


def _check_proxy(url: str) -> None:
    if url and not PROXY.fullmatch(url):
        raise Misconfigured(
            "MONITR_ODOO_PROXY must look like http://proxy:3128 or http://user:password@proxy:3128."
        )


def _check_certificates(name: str, text: str) -> None:
    if not text:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise Misconfigured(f"{name} holds no certificates in PEM format.") from error


def _check_secret_key(config: Config) -> None:
    try:
        config.cipher.encrypt(b"")
    except ValueError as error:
        raise Misconfigured(
            "MONITR_SECRET_KEY is not a Fernet key (32 bytes in url-safe base64), or several"
            " of them joined by commas."
        ) from error


def _check_proxies(config: Config) -> None:
    try:
        config.proxy_networks  # noqa: B018 (read for what it raises)
    except ValueError as error:
        raise Misconfigured(
            "MONITR_TRUSTED_PROXIES must be addresses or networks joined by commas, for instance"
            " 10.0.0.5,172.16.0.0/12."
        ) from error
    if config.sign_in_header and not config.trusted_proxies:
        raise Misconfigured(
            "MONITR_SIGN_IN_HEADER needs MONITR_TRUSTED_PROXIES: from anywhere else the header"
            " could be made up."
        )
    if config.sign_in_header and len(config.sign_in_secret) < SHORTEST_SECRET:
        raise Misconfigured(
            f"MONITR_SIGN_IN_HEADER needs MONITR_SIGN_IN_SECRET, of {SHORTEST_SECRET} characters or"
            " more, which the proxy sends as X-Monitr-Sign-In-Secret: anybody in its network could"
            " make the header up."
        )
    if config.sign_in_header and any(each.prefixlen == 0 for each in config.proxy_networks):
        raise Misconfigured(
            "With MONITR_SIGN_IN_HEADER, MONITR_TRUSTED_PROXIES must name the proxies alone: so,"
            " anybody could sign in as anybody."
        )


def _check_open_id(config: Config) -> None:
    issuer, client_id = config.open_id_issuer, config.open_id_client_id
    if bool(issuer) != bool(client_id) or bool(issuer) != bool(config.open_id_client_secret):
        raise Misconfigured(
            "MONITR_OPEN_ID_ISSUER, MONITR_OPEN_ID_CLIENT_ID and MONITR_OPEN_ID_CLIENT_SECRET"
            " belong together: set all three or none."
        )
    if not issuer:
        return
    try:
        check_address(issuer)
    except InvalidConnectionKey as error:
        raise Misconfigured(
            "MONITR_OPEN_ID_ISSUER must begin with https://, such as https://id.example.com."
        ) from error


def _check_database_url(text: str) -> None:
    if not _is_database_url(text):
        raise Misconfigured(
            "MONITR_DATABASE_URL must look like postgresql://user:password@host/database"
            " or sqlite:////folder/file."
        )


def _is_database_url(text: str) -> bool:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return False
    if url.drivername == "sqlite":  # in a file, for all workers must see the same
        return url.database not in (None, "", ":memory:")
    return url.drivername in ("postgresql", "postgresql+psycopg")
