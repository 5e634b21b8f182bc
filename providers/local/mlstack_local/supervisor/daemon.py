"""supervisord, except that it looks after its processes five times a second instead of once.

A worker that died is then started again within 0.2 s; a second of waiting would be a third of the time in
which requests have to succeed again.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from supervisor.options import ServerOptions  # type: ignore[import-untyped]
from supervisor.supervisord import go  # type: ignore[import-untyped]

from mlstack_local.supervisor.orphans import SUPERVISORD, note_self

INTERVAL = 0.2
_SIGNALS = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2}
)


class Options(ServerOptions):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        patient = self.poller.poll

        def poll(timeout: float) -> Any:
            return patient(min(timeout, INTERVAL))

        self.poller.poll = poll

    def fork(self) -> int:
        """A child takes its first signals itself.

        Until it has become its program it would have supervisord's own handlers, which only take note: a
        SIGTERM that comes early would be lost.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid: int = super().fork()
        if pid == 0:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return pid

    def write_pidfile(self) -> None:
        super().write_pidfile()
        note_self(Path("run", SUPERVISORD))


def main() -> None:
    options = Options()
    options.realize(sys.argv[1:])
    options.first = True
    options.test = False
    go(options)
    options.close_httpservers()
    options.close_logger()


if __name__ == "__main__":
    main()
