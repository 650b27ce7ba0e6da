"""The test books, ready to use: built once per series in a template database, copied in a moment.

The template is kept between runs and built again when the script or the Odoo changes.
"""

import fcntl
import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.odoo.installations import Installation
from tests.odoo.server import PROJECT_ADDONS, Odoo
from tests.postgres import PostgresServer, cache_folder

SCRIPT = Path(__file__).with_name("books_script.py")
# Before 17 the names of accounts can be translated by this module only.
SERIES_WITH_MULTILANG = ("14.0", "15.0", "16.0")
# Attachments move into the database, so that a copy of the database is a copy of everything.
# The setting goes back to its default: new attachments are files again.
PACK_ATTACHMENTS = """
settings = env["ir.config_parameter"]
settings.set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
settings.set_param("ir_attachment.location", False)
"""


@contextmanager
def copy_of_books(
    installation: Installation, postgres: PostgresServer, folder: Path
) -> Iterator[Odoo]:
    """A fresh copy of the test books; its Odoo is not running yet and writes into `folder`."""
    with _copy(books_template(installation, postgres), installation, postgres, folder) as odoo:
        yield odoo


@contextmanager
def copy_of_books_with_addon(
    installation: Installation,
    postgres: PostgresServer,
    folder: Path,
    *,
    loaded: Sequence[Path] = (),
) -> Iterator[Odoo]:
    """The same with the project's addon installed, as it is in the working tree."""
    template = addon_template(installation, postgres)
    with _copy(template, installation, postgres, folder, loaded=loaded) as odoo:
        yield odoo


@contextmanager
def _copy(
    template: str,
    installation: Installation,
    postgres: PostgresServer,
    folder: Path,
    *,
    loaded: Sequence[Path] = (),
) -> Iterator[Odoo]:
    database = f"copy_{_slug(installation)}_{secrets.token_hex(4)}"
    postgres.create_database(database, template=template)
    odoo = Odoo(installation, postgres, database, folder, loaded=loaded)
    try:
        yield odoo
    finally:
        odoo.kill()
        postgres.drop_database(database)


def books_template(installation: Installation, postgres: PostgresServer) -> str:
    """The name of the template database with the test books, built if need be."""
    template = f"{_prefix(installation)}{_fingerprint(installation)}"
    with _lock(installation):
        if template not in postgres.databases():
            _drop_templates(_prefix(installation), postgres)
            _build(installation, postgres, template)
    return template


def addon_template(installation: Installation, postgres: PostgresServer) -> str:
    """The name of the template database with the test books and the addon."""
    books = books_template(installation, postgres)
    prefix = f"addon_{_slug(installation)}_"
    template = prefix + _hash(books.encode(), *(path.read_bytes() for path in _addon_files()))
    with _lock(installation):
        if template not in postgres.databases():
            _drop_templates(prefix, postgres)
            _install_addon(installation, postgres, books, template)
    return template


def _install_addon(
    installation: Installation, postgres: PostgresServer, books: str, template: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="monitr-addon-") as folder:
        part = f"{template}_part"
        postgres.drop_database(part)
        postgres.create_database(part, template=books)
        Odoo(installation, postgres, part, Path(folder)).install("monitr_connector")
        postgres.make_template(part, template=template)


def _addon_files() -> list[Path]:
    files = (PROJECT_ADDONS / "monitr_connector").rglob("*")
    return sorted(path for path in files if path.is_file() and path.suffix != ".pyc")


def _build(installation: Installation, postgres: PostgresServer, template: str) -> None:
    database = f"{template}_part"
    postgres.drop_database(database)
    postgres.create_database(database)
    with tempfile.TemporaryDirectory(prefix="monitr-books-") as folder:
        odoo = Odoo(installation, postgres, database, Path(folder))
        odoo.install(*_modules(installation))
        odoo.shell(f"{SCRIPT.read_text()}\nbuild(env)\n{PACK_ATTACHMENTS}")
    postgres.make_template(database, template=template)


def _modules(installation: Installation) -> list[str]:
    multilang = ["l10n_multilang"] if installation.series in SERIES_WITH_MULTILANG else []
    return ["account", *multilang]


def _drop_templates(prefix: str, postgres: PostgresServer) -> None:
    for database in postgres.databases():
        if database.startswith(prefix):
            postgres.drop_database(database)


def _fingerprint(installation: Installation) -> str:
    return _hash(installation.version.encode(), SCRIPT.read_bytes())


def _hash(*made_of: bytes) -> str:
    return hashlib.sha256(b"\0".join(made_of)).hexdigest()[:12]


def _prefix(installation: Installation) -> str:
    return f"books_{_slug(installation)}_"


def _slug(installation: Installation) -> str:
    return installation.series.replace(".", "_")


@contextmanager
def _lock(installation: Installation) -> Iterator[None]:
    """One session builds, the others wait for it."""
    with (cache_folder() / f"books-{installation.series}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
