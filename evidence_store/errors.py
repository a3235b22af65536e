"""What can go wrong with a log. In each case nothing was written."""


class LogError(Exception):
    """The log can't do what was asked; nothing was written."""


class LogExistsError(LogError):
    """A log of this origin is already open."""


class UnknownLogError(LogError):
    """No log of this origin was opened."""


class ConcurrentAppendError(LogError):
    """Another transaction appended to the log at the same time; roll back and try again."""


class NothingToEraseError(LogError):
    """The entry has no such personal data, or it is erased already."""


class LegalHoldError(LogError):
    """A legal hold is in force, so nothing may be erased."""


class WrongKeyError(LogError):
    """Another key signs this log since its last rotation; the message says what to do."""
