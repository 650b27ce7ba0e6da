"""The proof, and the repair of what it finds different.

Digests and records are read in the transaction in which the last changes were sent, so in the very
snapshot that the receiver is to equal: what others commit meanwhile is not a difference.
"""

import time

from psycopg2.extensions import QueryCanceledError

from . import set_aside
from .errors import DoesNotTieOut, GoneFromSight, ProofTooLong
from .scope import account_name
from .wire.batch import Batch, IdRange
from .wire.marked import _lt
from .wire.proof import is_digest

LONGEST_READ_SECONDS = 60  # of all digests and counts together
ROWS_AT_ONCE = 100_000
NAMED = 3  # of the records that are gone from sight
GONE_FROM_SIGHT = _lt(
    'The user "%(user)s" may not see any more what Monitr has: %(count)s records, such as '
    "%(stream)s %(names)s. They stay in Monitr. Let the user see them again (Settings, Technical, "
    'Record Rules), choose another user here, or press "Let go of what is hidden": then they are '
    "removed from Monitr."
)
REPAIRS = 2  # of the same snapshot; one is enough unless something is broken


def tie_out(run, readers, sender, deadline):
    """Prove, repair what differs, prove again. False where the time ran out before the end.

    Raises DoesNotTieOut where the repair does not help, GoneFromSight where what differs is only
    hidden from the user, ProofTooLong for very large books.
    """
    for _attempt in range(REPAIRS):
        answer = _prove(run, readers, sender)
        if _is_equal(answer):
            return True
        if not _repair(run, readers, sender, answer, deadline):
            return False
    answer = _prove(run, readers, sender)
    if not _is_equal(answer):
        raise _what_differs(run.env, answer)
    return True


def send_ids(run, reader, sender, ids):
    """Send the records of these ids as they are now, and as deletions those that are not there.
    What is hidden from the user is there."""
    for lines, deletions in reader.read_some(ids):
        batch = Batch(reader.stream, run.run_id, lines, deletions=deletions)
        for part, receipt in sender.send(batch):
            set_aside.renew(run.env.cr, part)
            run.record(part.stream, receipt)


def _prove(run, readers, sender):
    cr = run.env.cr
    read = {name: readers[name] for name in readers if name not in run.left_out()}
    digests, hidden = _read(cr, readers, read)
    odd = [digest for digest in digests if not is_digest(digest)]
    if odd:
        _set_aside_of(run, readers, sender, odd)
        digests, hidden = _read(cr, readers, read)
    answer = sender.proof(
        run.run_id,
        digests,
        set_aside=set_aside.ids_by_stream(cr),
        hidden=hidden,
        left_out=run.left_out(),
    )
    run.record_proof(answer, hidden)
    return answer


def _is_equal(answer):
    """Whether all is the same but for what is set aside, and the receiver knows what that is."""
    return not answer["differing_count"] and not answer["to_state"]


def _set_aside_of(run, readers, sender, digests):
    """Send the records of slices that cannot be stated, for one of them is none: it is set aside.

    They get there where no trigger told of the change.
    """
    for digest in digests:
        reader = readers[digest.stream]
        send_ids(run, reader, sender, reader.list_ids(digest.bucket))


def _read(cr, readers, read):
    """The digests of all buckets of those that are read, and ``{stream: count}`` of what is
    hidden, where anything is.

    A worker that is killed could say nothing, so it stops in time by itself.
    """
    digests, hidden, deadline = [], {}, time.monotonic() + LONGEST_READ_SECONDS
    try:
        with cr.savepoint():
            for name, reader in readers.items():
                _limit_to(cr, deadline)
                digests += reader.read_digests() if name in read else []
                _limit_to(cr, deadline)
                hidden[name] = reader.count_hidden()
            cr.execute("SET LOCAL statement_timeout TO DEFAULT")
    except QueryCanceledError as error:
        text = _lt(
            "Everything is sent, but not proven: Odoo's database takes longer than %(seconds)s "
            "seconds to read the books for it."
        )
        raise ProofTooLong(text, seconds=LONGEST_READ_SECONDS) from error
    return digests, {name: count for name, count in hidden.items() if count}


def _limit_to(cr, deadline):
    milliseconds_left = int((deadline - time.monotonic()) * 1000)
    cr.execute("SET LOCAL statement_timeout = %s", (max(milliseconds_left, 1),))


def _repair(run, readers, sender, answer, deadline):
    """False where the time ran out. What is repaired by then stays so, the next proof goes on.

    Raises GoneFromSight where the receiver has what is hidden from the user.
    """
    hidden = {}
    for unknown in answer["to_state"]:
        if unknown["stream"] not in run.left_out():
            send_ids(run, readers[unknown["stream"]], sender, unknown["ids"])
    for differing in answer["to_repair"]:
        reader = readers[differing["stream"]]
        for ids in _differing_ids(reader, answer["proof_id"], differing["buckets"], sender):
            send_ids(run, reader, sender, ids)
            unseen = reader.hidden_ids([("id", "in", ids)]) if ids else []
            if unseen:
                hidden.setdefault(reader, []).extend(unseen)
                sender.proof_hidden(answer["proof_id"], reader.stream, unseen)
            run.repaired_count += len(ids) - len(unseen)
            if len(ids) > len(unseen) and time.monotonic() > deadline:
                return False  # what is the same brings a slice no further
    _check_seen(run, hidden)
    return True


def _check_seen(run, hidden):
    """Raises GoneFromSight where any record is hidden."""
    if not hidden:
        return
    reader, ids = next(iter(hidden.items()))
    raise GoneFromSight(
        GONE_FROM_SIGHT,
        user=run.connection_id.user_id.name,
        count=sum(map(len, hidden.values())),
        stream={"text": reader.stream.label, "values": {}},
        names=reader.names(ids[:NAMED]),
    )


def _differing_ids(reader, proof_id, buckets, sender):
    """Yields lists of ids; the records of the buckets are compared a hundred thousand at a time."""
    after_id = 0
    while after_id is not None:
        rows = reader.read_rows(buckets, after_id, ROWS_AT_ONCE)
        up_to_id = rows[-1][0] if len(rows) == ROWS_AT_ONCE else None
        id_range = IdRange(after_id, up_to_id)
        yield sender.proof_rows(proof_id, reader.stream, buckets, id_range, rows)
        after_id = up_to_id


def _what_differs(env, answer):
    """Which accounts and months, and by how much."""
    text = _lt(
        "%(differing)s of %(all)s slices of the books differ even after their repair: please "
        "report it.%(largest)s Monitr shows all of them."
    )
    largest = "".join(
        " %s, %s: %s."
        % (
            account_name(env, each["company_id"], each["account_id"]),
            each["month"],
            each["difference"],
        )
        for each in answer["largest_differences"]
    )
    counts = {"differing": answer["differing_count"], "all": answer["bucket_count"]}
    return DoesNotTieOut(text, largest=largest, **counts)
