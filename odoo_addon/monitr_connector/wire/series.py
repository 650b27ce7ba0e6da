"""What follows from the number of an Odoo series: whether it is served, where a record opens in it.

How its data differs stands in ``streams.py``, how its framework does in the addon's ``series.py``.
No other file asks which series it is: ``tests/test_series.py`` finds those that do.
"""

OLDEST_MAJOR = 14  # the first with API keys
PATHS_SINCE = 18  # before, the web client is at /web alone and knows a record by the fragment


def major_of(series: str) -> int:
    return int(series.partition(".")[0])


def is_served(series: str) -> bool:
    return major_of(series) >= OLDEST_MAJOR


def record_path(series: str, model: str, id: int) -> str:
    """Where the web client shows a record, on the Odoo's own address."""
    if major_of(series) >= PATHS_SINCE:
        return "/odoo/%s/%s" % (model, id)
    return "/web#id=%s&model=%s&view_type=form" % (id, model)
