"""How much of a file is read before it is taken for an attack or an accident.

Chosen so that the worst file within them is refused or loaded well under a second: the slowest
text that the parser has been seen to chew (one scalar of one-letter words) takes 2 s per MiB.
"""

from __future__ import annotations

MAX_BYTES = 256 * 1024
MAX_VALUES = 20_000  # keys, values and collections, aliases written out
MAX_DEPTH = 64
MAX_SUGGESTIONS = 100  # a "did you mean" costs about a millisecond
