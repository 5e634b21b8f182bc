"""For every test of the workspace."""

from __future__ import annotations

import signal

# A suite that is started in the background inherits ignored signals, and so would every process that a test
# starts: those tests that press Ctrl-C, or hang up, would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
