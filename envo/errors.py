"""The exceptions whose text a visitor reads."""


class UserError(Exception):
    """Something the visitor did or brought cannot be used.

    The message is one whole sentence that says what is wrong and, where there is one, the next step. Tabs show
    it as it is; every other exception is a fault of the app, is logged, and is never shown.
    """


class StorageError(UserError):
    """The disk is full or cannot be written to: nobody's photo is to blame, and later it may do."""


class NoMemory(UserError):  # noqa: N818, what a visitor reads
    """There is too little memory just now, or on this machine: nobody's photo is to blame."""


class NoRoom(UserError):  # noqa: N818, what a visitor reads
    """As much is kept of a visitor's as there is room for: nothing is wrong with what was brought."""


class NotFound(UserError):  # noqa: N818, a visitor's mistake rather than an error of ours
    """There is no such thing, or it is another owner's, which must look the same."""
