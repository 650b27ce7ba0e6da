"""Reporting structures as a connection has them: made, changed, changed back, deleted."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.accounting.shared.statement_kinds import FIGURES, PROFIT_AND_LOSS
from receiver.accounting.structures.structure import add_line
from receiver.accounting.structures.structure_json import EMPTY
from receiver.accounting.structures.structure_store import (
    Starter,
    change_structure,
    copy_structure,
    create_structure,
    delete_structure,
    get_chosen_structure,
    get_structure,
    list_structures,
    map_unmapped,
    rename_structure,
    require_state,
    undo_change,
)
from receiver.db.connections.connections import delete_connection, get_connection
from receiver.db.engine import reading, writing
from receiver.db.tables import structures
from receiver.errors import ChangedMeanwhile, InvalidQuery, InvalidStructure, NameTaken, NotFound
from tests.receiver.records import record_of
from tests.receiver.signed import post_records

NOW = datetime(2026, 1, 31, tzinfo=UTC)
STARTER = Starter("international")
WHILE_SECONDS = 0.5  # in which the others come to the point where they wait


@pytest.fixture
def acme_id(engine: Engine, acme: ConnectionKey) -> int:
    return id_of(engine, "acme")


def id_of(engine: Engine, name: str) -> int:
    with reading(engine) as db:
        return get_connection(db, name).id


def test_a_new_structure_has_its_accounts_mapped(
    client: FlaskClient, engine: Engine, acme: ConnectionKey, acme_id: int
) -> None:
    sales = record_of("accounts", id=20, codes={"1": "70"}, type="income")
    post_records(client, acme, "accounts", [sales])
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)

    with reading(engine) as db:
        made = get_structure(db, acme_id, id)

    assert (made.name, made.can_undo) == ("International", False)
    assert set(made.structure.mapping[PROFIT_AND_LOSS]) == {20}


def test_a_change_is_kept_and_can_be_undone_and_redone(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
        before = get_structure(db, acme_id, id).structure
        change_structure(
            db, acme_id, id, lambda structure: add_line(structure, PROFIT_AND_LOSS, "New"), NOW
        )

    with writing(engine) as db:
        changed = get_structure(db, acme_id, id)
        undone = undo_change(db, acme_id, id, NOW)
        redone = undo_change(db, acme_id, id, NOW)

    assert changed.can_undo
    assert "New" in {line.name for line in changed.structure.lines}
    assert undone == before
    assert redone == changed.structure


def test_a_change_that_changes_nothing_can_not_be_undone(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
        map_unmapped(db, acme_id, id, NOW)

        with pytest.raises(InvalidStructure, match="no change to undo"):
            undo_change(db, acme_id, id, NOW)


def test_what_arrives_later_is_mapped_when_asked(
    client: FlaskClient, engine: Engine, acme: ConnectionKey, acme_id: int
) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
    post_records(client, acme, "accounts", [record_of("accounts", id=20, type="income")])

    with writing(engine) as db:
        mapped = map_unmapped(db, acme_id, id, NOW)

    assert set(mapped.mapping[PROFIT_AND_LOSS]) == {20}


def test_a_name_is_had_once_in_a_connection(
    engine: Engine, acme_id: int, globex: ConnectionKey
) -> None:
    with writing(engine) as db:
        create_structure(db, acme_id, STARTER, NOW)
        other = create_structure(db, acme_id, Starter("dutch", name=" Mine "), NOW)
        create_structure(db, get_connection(db, "globex").id, STARTER, NOW)
        with pytest.raises(NameTaken, match="International"):
            create_structure(db, acme_id, STARTER, NOW)
        with pytest.raises(NameTaken, match="International"):
            rename_structure(db, acme_id, other, "International")
        rename_structure(db, acme_id, other, "Mine")

    with reading(engine) as db:
        assert [each.name for each in list_structures(db, acme_id)] == ["International", "Mine"]


def test_a_foreign_structure_is_not_there(
    engine: Engine, acme_id: int, globex: ConnectionKey
) -> None:
    with writing(engine) as db:
        id = create_structure(db, get_connection(db, "globex").id, STARTER, NOW)

        for each in (get_structure, delete_structure):
            with pytest.raises(NotFound):
                each(db, acme_id, id)


def test_a_deleted_structure_is_gone(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
        delete_structure(db, acme_id, id)

        assert list_structures(db, acme_id) == []


def test_structures_go_with_their_connection(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        create_structure(db, acme_id, STARTER, NOW)
        delete_connection(db, acme_id)

        assert db.scalar(sa.select(sa.func.count()).select_from(structures)) == 0


def test_it_refuses_an_unknown_template(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db, pytest.raises(NotFound, match="international, belgian, dutch"):
        create_structure(db, acme_id, Starter("martian"), NOW)


def test_a_copy_has_the_same_lines_and_mapping(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
        copy_id = copy_structure(db, acme_id, id, "Mine", NOW)
        with pytest.raises(NameTaken):
            copy_structure(db, acme_id, id, "Mine", NOW)

        copy, original = (get_structure(db, acme_id, each) for each in (copy_id, id))

    assert (copy.name, copy.can_undo) == ("Mine", False)
    assert copy.structure == original.structure


def test_structures_made_at_the_same_moment_are_two(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)

    def copy() -> int:
        with writing(engine) as db:
            return copy_structure(db, acme_id, id, "A copy", NOW)

    def create() -> int:
        with writing(engine) as db:
            return create_structure(db, acme_id, Starter("international", name="Another"), NOW)

    with ThreadPoolExecutor() as threads:
        with writing(engine) as db:
            copy_structure(db, acme_id, id, "The first", NOW)
            others = [threads.submit(copy), threads.submit(create)]
            time.sleep(WHILE_SECONDS)
        ids = {other.result() for other in others}

    assert ids == {id + 2, id + 3}


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "Make a reporting structure first"),
        (["Ours", "Theirs"], r"The connection has: 1 \(Ours\), 2 \(Theirs\)\."),
    ],
)
def test_a_report_needs_one_structure_to_be_made_by(
    engine: Engine, acme_id: int, names: list[str], sentence: str
) -> None:
    with writing(engine) as db:
        for name in names:
            create_structure(db, acme_id, Starter("international", name=name), NOW)

    with reading(engine) as db, pytest.raises(InvalidQuery, match=sentence):
        get_chosen_structure(db, acme_id, None)


def test_a_structure_of_another_connection_is_not_copied(
    engine: Engine, acme_id: int, globex: ConnectionKey
) -> None:
    with writing(engine) as db:
        id = create_structure(db, id_of_globex(db), STARTER, NOW)

        with pytest.raises(NotFound):
            copy_structure(db, acme_id, id, "Mine", NOW)


def test_a_state_is_over_with_the_next_change(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, STARTER, NOW)
        seen = get_structure(db, acme_id, id).state
        require_state(db, acme_id, id, seen)
        later = NOW + timedelta(microseconds=1)
        change_structure(
            db, acme_id, id, lambda structure: add_line(structure, PROFIT_AND_LOSS, "New"), later
        )

        with pytest.raises(ChangedMeanwhile):
            require_state(db, acme_id, id, seen)
        require_state(db, acme_id, id, get_structure(db, acme_id, id).state)


def test_an_empty_structure_holds_the_computed_earnings_alone(engine: Engine, acme_id: int) -> None:
    with writing(engine) as db:
        id = create_structure(db, acme_id, Starter(EMPTY), NOW)

        lines = get_structure(db, acme_id, id).structure.lines

    assert sorted(line.figure or "" for line in lines) == sorted(FIGURES)


def id_of_globex(db: Database) -> int:
    return get_connection(db, "globex").id
