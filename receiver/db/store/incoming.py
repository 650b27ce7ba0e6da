"""What ingest hands to the database: the checked records of one batch."""

from dataclasses import dataclass

from monitr_wire.batch import IdRange
from monitr_wire.set_aside import SetAside
from monitr_wire.streams import Field, Stream


@dataclass(frozen=True)
class Incoming:
    """Records that keep the contract: ids rise, and each line has its id and its digest."""

    stream: Stream
    fields: tuple[Field, ...]  # those that the lines have; the stream may know more
    lines: tuple[bytes, ...]
    ids: tuple[int, ...]
    digests: tuple[int, ...]
    range: IdRange | None
    deletions: tuple[int, ...]
    set_aside: tuple[SetAside, ...] = ()  # their ids are in the range, or among the deletions

    @property
    def column_names(self) -> tuple[str, ...]:
        return (*(field.name for field in self.fields), "digest")


@dataclass(frozen=True)
class Stored:
    written_count: int  # new or changed
    deleted_count: int
