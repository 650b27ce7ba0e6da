"""Onboarding, from connected to the first report: the first import as it comes, and the steps after
it."""

from datetime import UTC, datetime

from flask import render_template

from receiver.db.engine import reading
from receiver.monitoring.connection_status import find_standing
from receiver.monitoring.onboarding import find_onboarding
from receiver.web.current import current_engine
from receiver.web.pages.shared.blueprint import Page, PagesBlueprint, is_htmx
from receiver.web.pages.shared.polling import seconds_between_looks
from receiver.web.pages.shared.viewer import get_viewed_connection

onboarding = PagesBlueprint("onboarding", section="integrations")


@onboarding.get("/connections/<connection>/onboarding")
def show(connection: str) -> Page:
    """The whole page, or for htmx the steps alone."""
    found, now = get_viewed_connection(connection), datetime.now(UTC)
    with reading(current_engine()) as db:
        standing = find_standing(db, found, now)
        steps = find_onboarding(db, standing, now)
    template = "pages/onboarding_steps.html" if is_htmx() else "pages/onboarding.html"
    return render_template(
        template,
        standing=standing,
        onboarding=steps,
        look_again_seconds=seconds_between_looks(steps.last_sign_at, now),
        now=now,
    )
