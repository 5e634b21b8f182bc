"""One supervisord per stack: it keeps workers and gateways alive after the command has ended."""

from mlstack_local.supervisor.control import Supervisor
from mlstack_local.supervisor.program import Process, Program

__all__ = ["Process", "Program", "Supervisor"]
