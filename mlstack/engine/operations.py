"""Preview, up, down, refresh: the engine's four operations on a project, and what each tells."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pulumi.automation.errors import CommandError

from mlstack.cost import Cost
from mlstack.engine import records
from mlstack.engine.events import Change, Journal, Listener
from mlstack.engine.failures import failure, place
from mlstack.engine.install import Engine
from mlstack.engine.located import located
from mlstack.engine.project import Project
from mlstack.engine.recovery import recover
from mlstack.engine.session import Say, Session, opened
from mlstack.engine.stackfile import StackFile
from mlstack.engine.watching import Watch, watching
from mlstack.errors import MlstackError
from mlstack.program import Run, Warned, run


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
    cost: Cost | None = None
    #: Whether the program ran: what is only taken away, or reread, is not priced.
    planned: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "cloud": self.cloud,
            "summary": self.summary,
            "resources": [change.as_json() for change in self.changes],
            "cost": self.cost.as_json() if self.cost is not None else None,
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
    replan: bool = False

    def preview(self) -> Result:
        """What `up` would do. Changes nothing, nor makes a stack that does not exist."""
        with self._session(None) as session:
            session.warm()
            return self._run(session, "preview", session.stack.preview)

    def preview_down(self) -> Result:
        with self._session(None) as session:
            return self._run(session, "preview", session.stack.preview_destroy)

    def up(self) -> Result:
        """Make the stack what the program says. Recovers first from a run that was killed."""
        with self._session("up") as session:
            session.warm()
            found = recover(session, self.say)
            done = self._run(session, "up", session.stack.up, found.foreign)
            session.asked.forget()
            return done

    def down(self, *, unprotect: bool = False) -> Result:
        """Delete every resource of the stack; its file and its empty state stay.

        Names of the next `up` are of another generation: a cloud may keep a removed name for months.
        """
        with self._session("down") as session:
            recover(session, self.say)
            if unprotect:
                session.pulumi("state", "unprotect", "--all", "--yes")
            done = self._run(session, "down", session.stack.destroy)
            if done.summary["delete"]:
                file = StackFile(self.project.stack_file.path)
                file.begin_generation()
                file.save()
            return done

    def refresh(self) -> Result:
        """Reread what is really there into the state."""
        with self._session("refresh") as session:
            recover(session, self.say)
            return self._run(session, "refresh", session.stack.refresh)

    def resources(self) -> list[dict[str, Any]]:
        """The state's resources as the engine exports them, secrets in clear; empty for no stack."""
        with self._session(None) as session:
            return records.export(session)

    @contextmanager
    def _session(self, writing: str | None) -> Iterator[Session]:
        interrupts = 0

        def count(number: int) -> None:
            nonlocal interrupts
            interrupts = number
            self.on_interrupt(number)

        try:
            with opened(
                self.project, self.engine, writing=writing, say=self.say, on_interrupt=count
            ) as session:
                yield session
        except CommandError as error:  # from the commands around an operation: of its own it has told
            if interrupts:
                raise _stopped(writing or "it", interrupts) from None
            raise failure(Journal(), str(error)) from error

    def _run(
        self,
        session: Session,
        what: str,
        operation: Callable[..., Any],
        foreign: Mapping[str, str] = MappingProxyType({}),
    ) -> Result:
        journal = Journal(self.listener)
        options: dict[str, Any] = {"on_event": journal, "color": "never"}
        if self.debug:
            options |= {"debug": True, "log_to_std_err": True, "log_verbosity": 3, "on_error": self.say}
        os.environ["MLSTACK_ROOT"] = str(self.project.root)
        if session.command.interrupted:  # by a Ctrl-C that one of the commands before it lived through
            raise _stopped(what, session.command.interrupts)
        with run(anew=self.replan, keep=session.keep if what == "up" else _not_yet) as ran:
            try:
                with self._watching(what, session, ran) as watch:
                    operation(**options)
            except (CommandError, RuntimeError) as error:  # the latter: an engine that died without a summary
                interrupted = session.command.interrupted
                failed = (
                    _stopped(what, session.command.interrupts) if interrupted else ran.error or watch.error
                )
                if failed is None:
                    failed = failure(journal, str(error), foreign)
                    failed.where = located(failed.where, ran.scope.stack if ran.scope else None)
                failed.reached = self._result(journal, ran)
                raise failed from (None if interrupted else error)
            return self._result(journal, ran)

    def _watching(self, what: str, session: Session, ran: Run) -> AbstractContextManager[Watch]:
        return watching(ran, session.command.stop, self.say, begin=what == "up")

    def _result(self, journal: Journal, ran: Run) -> Result:
        return Result(
            stack=self.project.stack,
            cloud=self.project.cloud,
            summary=journal.summary(),
            changes=journal.resources(),
            warnings=[*ran.notes, *ran.warnings, *_warnings(journal)],
            outputs=records.masked(journal.outputs),
            cost=ran.cost,
            planned=ran.scope is not None,
        )


def _not_yet(_made: Mapping[str, str]) -> None:
    """A preview keeps no choice."""


def _stopped(what: str, count: int) -> Interrupted:
    ending = (
        "what was under way has been stopped or finished, and recorded"
        if count == 1
        else "what was under way may be half done: the next run looks for it"
    )
    return Interrupted(f"{what} was stopped; {ending}", remedy=f"`mlstack {what}` goes on from there")


def _warnings(journal: Journal) -> list[Warned]:
    """What the engine and the program's own log warned of."""
    return [Warned("engine-warning", place(urn) or "", "", text) for urn, text in journal.warnings]
