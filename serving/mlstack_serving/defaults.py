"""What others than the server want to know of its settings, without what the server needs."""

from __future__ import annotations

#: Predictions that run at the same time.
CONCURRENCY = 4
