"""Requests and replies that are lost, cut, doubled, delayed and overtaken during a run."""

from random import Random

from monitr_wire.batch import BATCHES_PATH

from tests.faults import network
from tests.faults.kills import REQUESTS_OF_CHANGES
from tests.faults.network import Answer, Fault, Network
from tests.faults.runs import assert_ties_out, run
from tests.faults.working_day import change_books
from tests.faults.world import World

TRIES = 3  # of one request within a run
OF_PROOFS = "/v1/proof"  # what a proof asks, whole or in parts
ALL = 1000
OVERTAKEN = 409


def drop_replies(world: World, rng: Random) -> None:
    run_badly(world, rng, network.drop_reply)


def cut_requests(world: World, rng: Random) -> None:
    run_badly(world, rng, network.cut_request)


def cut_replies(world: World, rng: Random) -> None:
    run_badly(world, rng, network.cut_reply)


def answer_503(world: World, rng: Random) -> None:
    run_badly(world, rng, network.answer_503)


def delay_requests(world: World, _rng: Random) -> None:
    world.network.misbehave(network.delay, times=ALL)
    run(world)
    world.network.behave()


def double_requests(world: World, _rng: Random) -> None:
    world.network.misbehave(network.send_twice, times=ALL)
    run(world)
    world.network.behave()
    assert_ties_out(world)


def deliver_after_a_later_run(world: World, rng: Random) -> None:
    """What was sent before is refused, for it would bring back old values."""
    hold_back_until_postponed(world, rng)
    change_books(world.odoo, rng)
    run(world)

    assert set(world.network.deliver_held_back()) == {OVERTAKEN}
    assert_ties_out(world)


def deliver_into_a_later_run(world: World, rng: Random) -> None:
    hold_back_until_postponed(world, rng)
    change_books(world.odoo, rng)

    def deliver_before(line: Network, request: bytes) -> Answer:
        line.deliver_held_back()
        return network.forward(line, request)

    world.network.misbehave(deliver_before, at=rng.randrange(REQUESTS_OF_CHANGES))
    run(world)
    world.network.behave()


def run_through_everything_at_once(world: World, rng: Random) -> None:
    """Every second request of two runs suffers from something."""
    faults = (*[network.forward] * 6, *EVERY_FAULT)
    world.network.misbehave(lambda line, request: rng.choice(faults)(line, request), times=ALL)
    run(world)
    run(world)
    world.network.behave()
    world.network.deliver_held_back()


EVERY_FAULT: tuple[Fault, ...] = (
    network.drop_reply,
    network.cut_request,
    network.cut_reply,
    network.send_twice,
    network.hold_back,
    network.answer_503,
)


def run_badly(world: World, rng: Random, fault: Fault) -> None:
    """One request of the run suffers: once, so that its next try goes through, or at every try."""
    at = rng.randrange(REQUESTS_OF_CHANGES)
    world.network.misbehave(fault, at=at, times=rng.choice((1, TRIES)))
    run(world)
    assert world.network.behave() > at
    assert world.last_run()["state"] in ("succeeded", "running"), "it is a matter of time alone"


def hold_back_until_postponed(world: World, rng: Random) -> None:
    path = rng.choice((BATCHES_PATH, OF_PROOFS))
    world.network.misbehave(network.hold_back, times=TRIES, path=path)
    run(world)
    world.network.behave()
    assert world.last_run()["state"] == "running"
