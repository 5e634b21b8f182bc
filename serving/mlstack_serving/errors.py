"""What can go wrong, in two trees: a request that is refused, and a server that cannot start.

Refusal             status
├── BadInput           400   the body is wrong; names the field
├── NotAllowed         401   the key is missing, or another one
├── NotFound           404   no such route or model
├── WrongMethod        405
├── NotAcceptable      406   no type that the caller accepts can be given
├── TooSlow            408   the body did not arrive in time
├── TooLarge           413   body over the limit
├── WrongType          415   content type or encoding
├── Overloaded         429   all workers busy and the queue full; carries Retry-After
├── NotOffered         501   the environment lacks what this route needs
└── NotReady           503   the model is still loading

StartError          exit
├── UsageError            2   flags or environment variables, or the file that one names
├── IntegrityError        3   a model file is not the one that was registered
├── LoadError             4   the model or the user's code cannot be loaded
└── BindError             5   the address cannot be listened on
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A request that is answered with an error; ``field`` is where in the body its author looks."""

    status: ClassVar[int] = 400

    def __init__(self, message: str, field: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.headers = headers or {}


class BadInput(Refusal):
    status = 400


class NotAllowed(Refusal):
    status = 401


class NotFound(Refusal):
    status = 404


class WrongMethod(Refusal):
    status = 405


class NotAcceptable(Refusal):
    status = 406


class TooSlow(Refusal):
    status = 408


class TooLarge(Refusal):
    status = 413


class WrongType(Refusal):
    status = 415


class Overloaded(Refusal):
    status = 429


class NotOffered(Refusal):
    status = 501


class NotReady(Refusal):
    status = 503


class StartError(Exception):
    """The server ends with ``exit_code`` and the message on stderr."""

    exit_code: ClassVar[int] = 1


class UsageError(StartError):
    exit_code = 2


class IntegrityError(StartError):
    exit_code = 3


class LoadError(StartError):
    exit_code = 4


class BindError(StartError):
    exit_code = 5
