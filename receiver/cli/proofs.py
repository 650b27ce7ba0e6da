"""``monitr prove``: what is stored against what Odoo stated last."""

from pathlib import Path

import click
from sqlalchemy import Engine

from receiver.cli.terminal import database, minute, name_argument, own_name
from receiver.config import read_config
from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading
from receiver.db.proof.proofs import MadeBy, Proof
from receiver.monitoring.proofs import (
    report_proof,
    told_of_hidden,
    told_of_set_aside,
    told_of_tie_out,
    told_of_unbalanced,
)
from receiver.prove.check import Check, check
from receiver.web.proof_certificate import render_statement

LISTED_DIFFERENCES = 20
NOT_COMPARED = 3  # 1 and 2 are click's: what went wrong, and what was typed wrongly


@click.command()
@name_argument
@click.option(
    "--statement",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the last proof into this file, as HTML.",
)
def prove(name: str, statement: Path | None) -> None:
    """Read everything that a connection has sent again, and compare it with what Odoo stated last.

    Exit code 1 where it is not the same; the next push or pull of everything then repairs it. Exit
    code 3 where there is nothing to compare with: Odoo has stated nothing yet, or what it stated is
    older than what it has begun to send since.
    """
    with database(read_config()) as engine:
        result = check(engine, name)
        click.echo(_told(result))
        if result.proof and statement:
            _write_statement(engine, name, result.proof, statement)
    if not result.is_right:
        raise click.ClickException(_remedy(result, name))
    if result.differences is None:
        raise click.exceptions.Exit(NOT_COMPARED)


def _write_statement(engine: Engine, name: str, proof: Proof, path: Path) -> None:
    with reading(engine) as db:
        connection = get_connection(db, name)
        text = render_statement(connection, report_proof(db, connection, proof))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"The statement of the last proof is in {path}.")


def _outcome(proof: Proof) -> str:
    told = (told_of_hidden(proof), told_of_unbalanced(proof))
    return " ".join((_tied_out(proof), *(f"{each}." for each in told if each)))


def _tied_out(proof: Proof) -> str:
    if not proof.set_aside_count:
        return f"tied out, {told_of_tie_out(proof)}."
    return (
        f"ties out {told_of_set_aside(proof)}, {told_of_tie_out(proof)}. What is set aside is named"
        " on the connection's health page."
    )


def _remedy(result: Check, name: str) -> str:
    if result.proof and result.proof.made_by is MadeBy.AGGREGATES:
        return f"Reading everything again repairs it: {own_name()} pull {name} --everything"
    return "The next push repairs it: Settings > Monitr > Push now."


def _told(result: Check) -> str:
    read = f"{result.record_count:,} records read, {result.damaged_count:,} damaged."
    if result.proof is None:
        return f"{read} Odoo has stated nothing yet: its first proof ends a push or a pull."
    stated = f"{read} Odoo's last statement is of {minute(result.proof.proven_at)}"
    if result.differences is None:
        return f"{stated}; a push or pull has begun since and will prove it anew."
    if not result.differences:
        return f"{stated}: {_outcome(result.proof)}"
    listed = "\n".join(
        f"  {each.odoo.stream} {each.odoo.bucket}: {each.odoo.record_count:,} records in Odoo,"
        f" {each.stored.record_count:,} stored"
        for each in result.differences[:LISTED_DIFFERENCES]
    )
    return f"{stated}: {len(result.differences):,} slices differ.\n{listed}"
