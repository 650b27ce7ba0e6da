"""Why a push stops, named by what to do next. Each message is a sentence for the administrator.

PushError
├── Misconfigured            a setting must change first
│   ├── MissingPermissions   the sync user may not read enough
│   └── CopiedDatabase       this database is a copy of the one the key was pasted into
├── NotProven                what was sent is stored, but whether it equals the books is not shown
│   ├── DoesNotTieOut        something still differs after its repair: a fault to be reported
│   └── ProofTooLong         reading the books for the proof takes longer than a worker may live
├── Refused                  the receiver refused the request; sending it again changes nothing
└── Unreachable              no answer, or "later": the next scheduled push tries again
"""


class PushError(Exception):
    pass


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


class ProofTooLong(NotProven):
    pass


class Refused(PushError):
    pass


class Unreachable(PushError):
    pass
