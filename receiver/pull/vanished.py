"""What is gone from the user's sight is not deleted: the pull stops and says so, and all stays,
unless an administrator lets go of it.

Odoo answers of records that are hidden as it does of records that are deleted, until it is asked to
read them.
"""

from collections.abc import Sequence

from monitr_wire.batch import IdRange
from monitr_wire.records import split_lines

from receiver.db.engine import reading
from receiver.db.pull.owners import list_owners
from receiver.errors import GoneFromSight
from receiver.messages import Sentence
from receiver.pull.extract.read import Reader, id_of
from receiver.pull.run import Run


def store_read(
    run: Run,
    reader: Reader,
    lines: bytes,
    *,
    id_range: IdRange | None = None,
    deletions: tuple[int, ...] = (),
) -> None:
    """Store it as the run does. Raises GoneFromSight, and stores nothing, where a record that is
    here would be deleted though Odoo only hides it; a run that lets go deletes it."""
    check_seen(run, reader, id_range or deletions, lines)
    run.store(reader.stream, lines, id_range=id_range, deletions=deletions)


def check_seen(
    run: Run, reader: Reader, asked: IdRange | Sequence[int], lines: bytes = b""
) -> None:
    """Raises GoneFromSight where one of the records that were asked for is here and was not
    answered in these lines, but is in Odoo all the same; not of a run that lets go."""
    if run.lets_go:
        return
    hidden_id = reader.find_hidden(_vanished(run, reader, lines, asked))
    if hidden_id is not None:
        raise GoneFromSight(
            "Record %(id)s of %(stream)s (%(model)s) is still in Odoo, but the user of the API key"
            " may not see it any more. Nothing was deleted: what Monitr has of it stays here. Ask"
            " your Odoo administrator which record rule hides it, and to let this user see it"
            ' again; or press "Let go of what is hidden" (settings of this connection): then it is'
            " removed from Monitr.",
            id=str(hidden_id),
            stream=Sentence(reader.stream.label),
            model=reader.model,
        )


def _vanished(run: Run, reader: Reader, lines: bytes, asked: IdRange | Sequence[int]) -> list[int]:
    """What is here of what was asked for, and was not answered. Companies that were chosen no more
    take theirs with them."""
    with reading(run.engine) as db:
        owners = list_owners(db, run.connection.id, reader.stream, asked)
    answered = {id_of(line) for line in split_lines(lines)} if owners else set()
    return [
        id
        for id, company_ids in owners.items()
        if id not in answered and (not company_ids or reader.in_scope(company_ids))
    ]
