"""What can go wrong for a user, as one tree.

    AppError                    a sentence for the user and what to do about it
    ├── UsageError              wrong words on the command line or in an address   (exit code 2)
    ├── InputError              a file, mapping or value that cannot be read       (exit code 2)
    ├── NotFoundError           a trace, judge or category that is not in the store (exit code 2)
    ├── StoreBusyError          another process holds the database                  (exit code 3)
    ├── StoreUnreadableError    no database, or a newer one                         (exit code 3)
    │   └── StoreDamagedError   a part of it is not what was written
    ├── StoreClosedError        the program is being ended                          (exit code 3)
    ├── StoreUnwritableError    nothing could be stored: the disk is full           (exit code 3)
    └── ModelError              a model was asked and gave no usable answer         (exit code 1)

Anything else is a fault of the program and is never shown as if the user had made it.
"""


class AppError(Exception):
    """A problem that the user can understand and act on: `message` says what and where, `remedy` what to do."""

    exit_code = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(AppError):
    """Words on the command line or in an address that do not fit."""


class InputError(AppError):
    """A file, a mapping or a value that cannot be read."""


class NotFoundError(AppError):
    """A trace, judge, category or import that the store does not hold."""


class StoreBusyError(AppError):
    """Another process holds the database."""

    exit_code = 3


class StoreClosedError(AppError):
    """The store was closed while something was asked of it: the program is being ended."""

    exit_code = 3


class StoreUnwritableError(AppError):
    """What was to be stored could not be written; what was stored before is safe."""

    exit_code = 3


class StoreUnreadableError(AppError):
    """The database cannot be opened: it is missing, newer than this program, or damaged."""

    exit_code = 3


class StoreDamagedError(StoreUnreadableError):
    """The database, or a part of it that was asked for, is not what was written."""


class ModelError(AppError):
    """A model was asked and gave no usable answer: why, in words that fit behind a colon."""

    exit_code = 1

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}".strip()
