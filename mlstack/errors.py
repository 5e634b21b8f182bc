"""Every error that mlstack raises on purpose, in one tree.

    MlstackError                 exit  category
    ├── UsageError                  2  user        the command or the call itself is wrong
    ├── SpecError                   3  user        the spec is invalid; carries every problem at once
    ├── RefusedError                4  quota       policy, budget or quota says no
    ├── AnswerNeeded                5  user        a question, and nobody there to answer it
    ├── LockedError                 6  conflict    another run holds the stack
    ├── TargetError                 1  (any)       the cloud, or this machine, refused or failed
    └── EngineError                 1  engine      the Pulumi engine failed or cannot be had

An error says what happened, where, and what to do: three lines. ``code`` is stable; the page
"Errors" of the docs explains each (``CODES`` below is its source).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Category = Literal["user", "quota", "transient", "permission", "conflict", "engine", "bug"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a spec, and the place where its author can mend it.

    ``line`` and ``column`` count from 1; both are None where a problem has no place in a file
    (a value built in Python). ``path`` is the dotted path in the spec, "" for the whole of it.
    """

    code: str
    message: str
    path: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    remedy: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "remedy": self.remedy,
        }

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        lines = [f"{self.message} [{self.code}]", f"  at {' '.join(p for p in (place, self.path) if p)}"]
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class MlstackError(Exception):
    """Base of all. Raise one of its children."""

    code: str = "internal-error"
    category: Category = "bug"
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        remedy: str | None = None,
        code: str | None = None,
        category: Category | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy
        self.code = code or type(self).code
        self.category = category or type(self).category
        #: Of an operation that failed on its way: what it would have returned, as far as it came.
        self.reached: Any = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            "error": {
                "code": self.code,
                "category": self.category,
                "message": self.message,
                "where": self.where,
                "remedy": self.remedy,
            }
        }

    def __str__(self) -> str:
        lines = [f"{self.message} [{self.code}]"]
        if self.where:
            lines.append(f"  at {self.where}")
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class UsageError(MlstackError):
    """The command line, or a call, makes no sense as it stands."""

    code = "usage"
    category: Category = "user"
    exit_code = 2


class SpecError(MlstackError):
    """The spec is invalid. ``problems`` holds all that is wrong with it, in the order of the file."""

    code = "invalid-spec"
    category: Category = "user"
    exit_code = 3

    def __init__(self, problems: list[Problem]) -> None:
        count = len(problems)
        super().__init__(f"the spec has {count} problem{'' if count == 1 else 's'}")
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        return {"errors": [problem.as_json() for problem in self.problems]}

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class RefusedError(MlstackError):
    """Policy, budget or quota forbids it."""

    code = "refused"
    category: Category = "quota"
    exit_code = 4


class AnswerNeeded(MlstackError):  # noqa: N818 - it is a question more than an error
    """A person has to decide, and standard input is not one."""

    code = "answer-needed"
    category: Category = "user"
    exit_code = 5


class LockedError(MlstackError):
    """Another run holds the stack; the message names it."""

    code = "locked"
    category: Category = "conflict"
    exit_code = 6


class TargetError(MlstackError):
    """The target (a cloud, a cluster, this machine) refused or failed."""

    code = "target-failed"
    category: Category = "transient"


class EngineError(MlstackError):
    """The Pulumi engine failed, or cannot be had."""

    code = "engine-failed"
    category: Category = "engine"
