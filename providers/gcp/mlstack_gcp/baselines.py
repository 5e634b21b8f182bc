"""How the rows of a baseline are written: Vertex AI is told so, and reads three forms."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from mlstack.spec import Data
from mlstack_gcp import uris

FORMS = {".csv": "csv", ".jsonl": "jsonl", ".tfrecord": "tf-record"}


def form(root: Path, data: Data) -> str | None:
    """ "csv", "jsonl" or "tf-record", by the name of a file; of a local folder, of its files. None: it is
    written in another way, or it does not say how."""
    given = data.path if data.path is not None else data.existing
    if not isinstance(given, str):
        return None
    names = [given]
    if uris.scheme(given) is None and (root / given).is_dir():
        names = [path.name for path in (root / given).rglob("*") if path.is_file()]
    found = {FORMS.get(PurePosixPath(name).suffix.lower()) for name in names}
    return found.pop() if len(found) == 1 else None
