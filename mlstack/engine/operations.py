"""Preview, up, down, refresh: the engine's four operations on a project, and what each tells."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation.errors import CommandError

from mlstack.engine import records
from mlstack.engine.events import Change, Journal, Listener
from mlstack.engine.failures import failure
from mlstack.engine.install import Engine
from mlstack.engine.project import Project
from mlstack.engine.recovery import recover
from mlstack.engine.session import Say, Session, opened
from mlstack.errors import MlstackError
from mlstack.program import Warned, run


class Interrupted(MlstackError):  # noqa: N818 - what the user did, not what went wrong
    """The user stopped the operation; the state is valid."""

    code = "interrupted"
    category = "user"
    exit_code = 130


@dataclass
class Result:
    """What an operation did, or would do."""

    stack: str
    cloud: str
    summary: dict[str, int]
    changes: list[Change]
    warnings: list[Warned] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "cloud": self.cloud,
            "summary": self.summary,
            "resources": [change.as_json() for change in self.changes],
            "cost": None,
            "warnings": [warned.as_json() for warned in self.warnings],
            "outputs": self.outputs,
        }


@dataclass(frozen=True)
class Operator:
    """Runs operations on one project. ``say`` gets lines for the user, ``listener`` each resource's moves."""

    project: Project
    engine: Engine
    say: Say = lambda _line: None
    listener: Listener | None = None
    on_interrupt: Callable[[int], None] = lambda _count: None
    debug: bool = False

    def preview(self) -> Result:
        """What `up` would do. Changes nothing, nor makes a stack that does not exist."""
        with self._session(None) as session:
            return self._run(session, "preview", session.stack.preview)

    def preview_down(self) -> Result:
        with self._session(None) as session:
            return self._run(session, "preview", session.stack.preview_destroy, program=False)

    def up(self) -> Result:
        """Make the stack what the program says. Recovers first from a run that was killed."""
        with self._session("up") as session:
            recover(session, self.say)
            return self._run(session, "up", session.stack.up)

    def down(self, *, unprotect: bool = False) -> Result:
        """Delete every resource of the stack; its file and its empty state stay."""
        with self._session("down") as session:
            recover(session, self.say)
            if unprotect:
                session.pulumi("state", "unprotect", "--all", "--yes")
            return self._run(session, "down", session.stack.destroy, program=False)

    def refresh(self) -> Result:
        """Reread what is really there into the state."""
        with self._session("refresh") as session:
            recover(session, self.say)
            return self._run(session, "refresh", session.stack.refresh, program=False)

    def resources(self) -> list[dict[str, Any]]:
        """The state's resources as the engine exports them, secrets in clear; empty for no stack."""
        with self._session(None) as session:
            return records.export(session)

    @contextmanager
    def _session(self, writing: str | None) -> Iterator[Session]:
        try:
            with opened(
                self.project, self.engine, writing=writing, say=self.say, on_interrupt=self.on_interrupt
            ) as session:
                yield session
        except CommandError as error:  # from the commands around an operation: of its own it has told
            raise failure(Journal(), str(error)) from error

    def _run(
        self, session: Session, what: str, operation: Callable[..., Any], *, program: bool = True
    ) -> Result:
        journal = Journal(self.listener)
        options: dict[str, Any] = {"on_event": journal, "color": "never"}
        if self.debug:
            options |= {"debug": True, "log_to_std_err": True, "log_verbosity": 3, "on_error": self.say}
        os.environ["MLSTACK_ROOT"] = str(self.project.root)
        with run() as ran:
            try:
                operation(**options)
            except CommandError as error:
                if session.command.interrupted:
                    raise Interrupted(
                        f"{what} was stopped; what was under way has been stopped or finished, and recorded",
                        remedy=f"`mlstack {what}` goes on from there",
                    ) from None
                raise ran.error or failure(journal, str(error)) from error
            except RuntimeError as error:  # the SDK's answer to an engine that died without a summary
                raise ran.error or failure(journal, str(error)) from error
            return Result(
                stack=self.project.stack,
                cloud=self.project.cloud,
                summary=journal.summary(),
                changes=journal.resources(),
                warnings=list(ran.warnings),
                outputs=records.masked(journal.outputs),
            )
