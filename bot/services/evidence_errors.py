"""What can be wrong with a file that is to become evidence."""


class FileRefusedError(ValueError):
    """A file that can't be taken as evidence; the message says why and what to do."""
