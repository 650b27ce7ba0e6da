"""Sudden death in the middle of a run: of Odoo, of the receiver, of one of its workers."""

import os
import signal
import threading
from collections.abc import Callable
from random import Random

import requests

from tests.faults.network import Answer, Network, forward
from tests.faults.runs import run_into_trouble
from tests.faults.world import World
from tests.odoo.server import Odoo, OdooError
from tests.odoo.test_resume import wait_until

LANGUAGES = ("fr_FR", "en_US")
REQUESTS_OF_CHANGES = 3  # at least: the hello, the journal items, the proof
REQUESTS_OF_EVERYTHING = 12
LONGEST_WAIT_SECONDS = 0.2

Strike = Callable[[], None]


def kill_odoo(world: World, rng: Random) -> None:
    strike_during_a_run(world, rng, world.odoo.kill)
    world.odoo.start()


def kill_receiver(world: World, rng: Random) -> None:
    """It is started again at once, as a process manager does, or only after the run."""
    strike_during_a_run(world, rng, world.receiver.kill)
    world.receiver.start()


def restart_killed_receiver(world: World, rng: Random) -> None:
    def kill_and_start() -> None:
        world.receiver.kill()
        world.receiver.start()

    strike_during_a_run(world, rng, kill_and_start)


def kill_one_worker(world: World, rng: Random) -> None:
    strike_during_a_run(world, rng, lambda: kill(rng.choice(world.receiver.worker_pids())))


def kill_all_workers(world: World, rng: Random) -> None:
    strike_during_a_run(world, rng, lambda: kill(*world.receiver.worker_pids()))


def restart_postgresql(world: World, rng: Random) -> None:
    """Under Odoo and, for 19, under the receiver."""
    strike_during_a_run(world, rng, world.cluster.restart_at_once)
    # Each connection that Odoo still believes in fails one request.
    wait_until(lambda: answers(world.odoo))


def answers(odoo: Odoo) -> bool:
    try:
        odoo.call("res.users", "search_count", [])
    except (OdooError, requests.HTTPError):
        return False
    return True


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def strike_during_a_run(world: World, rng: Random, strike: Strike) -> None:
    """A run of what changed or of everything, struck while any of its requests is under way."""
    is_of_everything = rng.random() < 0.5
    if is_of_everything:
        send_everything_again(world)
    at = rng.randrange(REQUESTS_OF_EVERYTHING if is_of_everything else REQUESTS_OF_CHANGES)
    striking = threading.Timer(rng.uniform(0, LONGEST_WAIT_SECONDS), strike)

    def strike_soon(network: Network, request: bytes) -> Answer:
        striking.start()
        return forward(network, request)

    world.network.misbehave(strike_soon, at=at)
    run_into_trouble(world)
    assert world.network.behave() > at, "the run ended before it could be struck"
    striking.join()


def send_everything_again(world: World) -> None:
    [(language,)] = world.odoo.sql("SELECT language FROM monitr_connection")
    world.set(language=next(other for other in LANGUAGES if other != language))
