"""What a plain YAML scalar means: the core schema of YAML 1.2 (section 10.3.2), and no more.

So ``on``, ``yes`` and ``2024-01-31`` are texts, as they look; only quotes are needed to make a text
of ``true``, ``null`` or a number.
"""

from __future__ import annotations

import re

from mlstack.spec.source import Scalar

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    text: value
    for value, word in ((True, "true"), (False, "false"))
    for text in (word, word.title(), word.upper())
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INF = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})

# Python refuses to convert longer ones (sys.set_int_max_str_digits); no number of a spec comes near.
_DIGITS = 100


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > _DIGITS:
        return text
    if _INT.fullmatch(text):
        bases = {"0o": 8, "0x": 16}
        return int(text[2:], bases[text[:2]]) if text[:2] in bases else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INF.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if text in _NAN else text
