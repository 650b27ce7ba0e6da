"""The viewer of the pages: the user of the request's session, and the connections they may see."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import g, redirect, request, session, url_for
from sqlalchemy import Connection as Database
from werkzeug.wrappers import Response as AnyResponse

from receiver.db.connections.connections import Connection, list_connections
from receiver.db.engine import writing
from receiver.db.users.sessions import SEEN_EVERY, find_session_user, update_last_seen
from receiver.db.users.users import (
    Role,
    User,
    find_user,
    find_user_by_email,
    list_roles,
    lock_users,
)
from receiver.errors import NotAllowed, NotFound
from receiver.sign_in import find_or_make_user
from receiver.web.current import current_config, current_engine, request_snapshot
from receiver.web.pages.shared.client_address import is_vouched_for
from receiver.web.pages.shared.session import SESSION_ID


@dataclass(frozen=True)
class Viewer:
    user: User
    connections: list[Connection]  # that they may see, by name
    roles: dict[int, Role]  # by the connection's id

    def administers(self, connection: Connection) -> bool:
        is_role = self.roles.get(connection.id) is Role.ADMINISTRATOR
        return self.user.is_administrator or is_role


def load_viewer() -> None:
    """Puts the viewer into ``g``: whom the proxy names, else the session's user, else None."""
    g.viewer = g.connection = g.company = None
    g.companies = []
    # A page that is about no company checks nothing of it: it hands it on to those that are.
    g.chosen_company_id = request.args.get("company_id", type=int)
    g.viewer = _named_by_proxy() or _of_session()


def _of_session() -> Viewer | None:
    session_id = session.get(SESSION_ID)
    if not session_id:
        return None
    now = datetime.now(UTC)
    with request_snapshot() as db:
        found = find_session_user(db, session_id, now)
        if found is None:
            return None
        user, last_seen_at = found
        viewer = _viewer(db, user)
    if now - last_seen_at > SEEN_EVERY:
        with writing(current_engine()) as db:
            update_last_seen(db, session_id, now)
    return viewer


def _named_by_proxy() -> Viewer | None:
    """Raises NotAllowed for one that may not sign in. From elsewhere the header means nothing."""
    header = current_config().sign_in_header
    name = request.headers.get(header, "").strip() if header else ""
    if not name or not is_vouched_for():
        return None
    with request_snapshot() as db:
        user = find_user(db, name) or find_user_by_email(db, name)
        viewer = _viewer(db, user) if user else None
    if viewer is None and current_config().sign_in_makes_users:
        with writing(current_engine()) as db:
            lock_users(db)  # the first two requests of somebody make one user
            user = find_user(db, name) or find_or_make_user(
                db, current_config(), name, datetime.now(UTC)
            )
            viewer = _viewer(db, user)
    if viewer is None or viewer.user.deactivated_at:
        raise NotAllowed("%(name)s has no user here. Ask an administrator for one.", name=name)
    return viewer


def _viewer(db: Database, user: User) -> Viewer:
    roles = list_roles(db, user.id)
    every = list_connections(db)
    return Viewer(user, [c for c in every if user.is_administrator or c.id in roles], roles)


def require_viewer() -> AnyResponse | None:
    """Leads to signing in, and from there back to where they wanted to go."""
    if g.viewer:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    address = url_for("signing_in_pages.show", next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request") == "true":
        return AnyResponse(status=401, headers={"HX-Redirect": url_for("signing_in_pages.show")})
    return redirect(address)


def current_viewer() -> Viewer:
    return cast(Viewer, g.viewer)


def get_viewed_connection(name: str) -> Connection:
    """Raises NotFound alike for a connection that is not there and one they may not see."""
    for connection in current_viewer().connections:
        if connection.name == name:
            g.connection = connection
            return connection
    raise NotFound("There is no connection named %(name)s.", name=name)


def handed_on_connection() -> Connection | None:
    """The one looked at, or on a page about none the one that was looked at before."""
    if g.get("viewer") is None:
        return None
    before = request.args.get("connection")
    named = (each for each in current_viewer().connections if each.name == before)
    return g.connection or next(named, None)


def get_administered_connection(name: str) -> Connection:
    """Raises NotFound as above, and NotAllowed for one that they may only see."""
    connection = get_viewed_connection(name)
    if not current_viewer().administers(connection):
        raise NotAllowed
    return connection


def choose_connection(name: str | None) -> Connection | None:
    """The one named, else the first that they see; None where they see none. Raises NotFound."""
    if name is not None:
        return get_viewed_connection(name)
    g.connection = next(iter(current_viewer().connections), None)
    return cast(Connection | None, g.connection)


def require_administrator() -> None:
    """Raises NotAllowed."""
    if not current_viewer().user.is_administrator:
        raise NotAllowed
