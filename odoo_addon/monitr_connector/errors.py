"""Why a push stops, named by what to do next. Each message is a sentence for the administrator.

A text is marked by ``_lt`` and has a name for each value, so that it is stored in English and shown
in the language of who looks: ``Misconfigured(_lt("%(name)s is archived."), name=name)``. A value
may be such a pair again: ``{"text": text, "values": values}``.

PushError
├── Misconfigured            a setting must change first
│   ├── MissingPermissions   the sync user may not read enough
│   └── CopiedDatabase       this database is a copy of the one the key was pasted into
├── NotProven                what was sent is stored, but whether it equals the books is not shown
│   ├── DoesNotTieOut        something still differs after its repair: a fault to be reported
│   ├── GoneFromSight        the user may not see any more what the receiver has: it stays there
│   └── ProofTooLong         reading the books for the proof takes longer than a worker may live
├── ModelsChange             Odoo's fields are being changed: trying again in a moment helps
├── Refused                  the receiver refused the request; sending it again changes nothing
│   ├── WrongRecords         single records of a batch: the rest can be sent without them
│   └── TooLarge             for its size alone: less of it may go through
└── Unreachable              no answer, or "later": the next scheduled push tries again
    └── NotConnected         nothing was sent, so its size has no part in it
"""


class PushError(Exception):
    def __init__(self, text, **values):
        super().__init__(in_english(text, values))
        self.text = text
        self.values = values


class Misconfigured(PushError):
    pass


class MissingPermissions(Misconfigured):
    pass


class CopiedDatabase(Misconfigured):
    pass


class NotProven(PushError):
    pass


class DoesNotTieOut(NotProven):
    pass


class GoneFromSight(NotProven):
    pass


class ProofTooLong(NotProven):
    pass


class ModelsChange(PushError):
    pass


class Refused(PushError):
    pass


class WrongRecords(Refused):
    def __init__(self, text, wrong, **values):
        super().__init__(text, **values)
        self.wrong = wrong  # {number of the line: Wrong}


class TooLarge(Refused):
    pass


class Unreachable(PushError):
    def __init__(self, text, wait_seconds=0, **values):
        super().__init__(text, **values)
        self.wait_seconds = wait_seconds  # how long the other side asked to wait


class NotConnected(Unreachable):
    pass


def in_english(text, values):
    return filled(text, values, in_english)


def filled(text, values, say):
    """The text with its values; ``say`` makes a sentence of a pair among them."""
    said = {name: say(**each) if isinstance(each, dict) else each for name, each in values.items()}
    return text % said if said else text
