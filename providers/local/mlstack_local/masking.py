"""Secrets taken out of what a process writes, wherever it is cut into pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = b"***"
#: Shorter values are found everywhere by chance: masking them would tear a log to pieces, and where each of
#: them stood would tell more than it hides.
SHORTEST = 4


class Masker:
    """Takes bytes as they come, and gives them back with a mask in place of each secret.

    Of a value with several lines each line counts too. What may be the beginning of a secret is held back
    until more has come, or until `flush`.
    """

    def __init__(self, values: Iterable[str]) -> None:
        texts = {text.encode() for value in values for text in (value, *value.splitlines())}
        stripped = {text.strip() for text in texts} | texts
        self._secrets = sorted((text for text in stripped if len(text) >= SHORTEST), key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._secrets)) or b"(?!)")
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        text, done, at = self._held + data, [], 0
        while True:
            held = self._held_from(text, at)
            found = self._pattern.search(text, at)
            # a secret that begins where a longer one may still come waits for it
            if found is None or found.start() >= held:
                done.append(text[at:held])
                self._held = text[held:]
                return b"".join(done)
            done += [text[at : found.start()], MASK]
            at = found.end()

    def flush(self) -> bytes:
        """What was held back, as nothing more comes."""
        rest, self._held = self._held, b""
        return self._pattern.sub(MASK, rest)

    def text(self, whole: str) -> str:
        """A whole text, masked; what was fed counts for nothing."""
        return self._pattern.sub(MASK, whole.encode()).decode(errors="replace")

    def _held_from(self, text: bytes, at: int) -> int:
        """Where the first ending of the text stands that is the beginning of a secret."""
        first = len(text)
        for secret in self._secrets:
            start = max(at, len(text) - len(secret) + 1)
            while (start := text.find(secret[:1], start, first)) != -1:
                if secret.startswith(text[start:]):
                    first = start
                start += 1
        return first
