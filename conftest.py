"""For every test of the workspace."""

from __future__ import annotations

import signal

# A suite that is started in the background inherits ignored interrupts, and so would every process that a
# test starts: those tests that press Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
