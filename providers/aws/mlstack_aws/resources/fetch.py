"""What is on S3 as files of this machine: a folder, or an archive that is unpacked."""

from __future__ import annotations

import tarfile
from pathlib import Path

from mlstack.content import size as shown_size
from mlstack.errors import TargetError
from mlstack.resource import Context
from mlstack_aws.cloud.objects import Store


def files(context: Context, uri: str, region: str, folder: Path) -> dict[str, Path]:
    """Name -> file below ``folder``, of ``s3://BUCKET/FOLDER/`` or ``s3://BUCKET/….tar.gz``. TargetError:
    there is nothing."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    store = Store(bucket, region, context.cancelled)
    there = {name: size for name, size in store.list(key).items() if not name.endswith("/")}
    if not there:
        raise TargetError(
            f"there is nothing at {uri}",
            remedy="look whether the job writes to the output that the model is made from",
        )
    context.log(f"fetching {len(there)} files, {shown_size(sum(there.values()))}, from {uri}")
    found: dict[str, Path] = {}
    for name in there:
        short = name.removeprefix(key) or Path(name).name
        target = folder / short
        target.parent.mkdir(parents=True, exist_ok=True)
        store.fetch(name, target)
        found[short] = target
    if uri.endswith(".tar.gz"):
        return _unpacked(folder / Path(key).name, folder / "unpacked")
    return found


def _unpacked(packed: Path, folder: Path) -> dict[str, Path]:
    with tarfile.open(packed) as held:
        held.extractall(folder, filter="data")  # nothing outside of the folder, no devices
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
