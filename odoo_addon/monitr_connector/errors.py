"""Why a push stops, named by what to do next. Each message is a sentence for the administrator.

PushError
├── Misconfigured            a setting must change first
│   ├── MissingPermissions   the sync user may not read enough
│   └── CopiedDatabase       this database is a copy of the one the key was pasted into
├── DoesNotTieOut            something still differs after its repair: a fault to be reported
├── Refused                  the receiver refused the request; sending it again changes nothing
└── Unreachable              no answer, or "later": the next scheduled push tries again
    └── TimedOut             so long no answer that this worker has no time left for another try
"""


class PushError(Exception):
    pass


class Misconfigured(PushError):
    pass


class MissingPermissions(Misconfigured):
    pass


class CopiedDatabase(Misconfigured):
    pass


class DoesNotTieOut(PushError):
    pass


class Refused(PushError):
    pass


class Unreachable(PushError):
    pass


class TimedOut(Unreachable):
    pass
