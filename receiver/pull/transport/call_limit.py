"""So many calls to one address at once and no more, whichever threads of this process make them."""

from threading import BoundedSemaphore, Lock
from weakref import WeakValueDictionary

_turns: WeakValueDictionary[tuple[str, int], BoundedSemaphore] = WeakValueDictionary()
_one_by_one = Lock()


def turns_at(url: str, count: int) -> BoundedSemaphore:
    """The same for everybody who asks, until nobody holds it any more."""
    with _one_by_one:
        turns = _turns.get((url, count)) or BoundedSemaphore(count)
        _turns[url, count] = turns
    return turns
