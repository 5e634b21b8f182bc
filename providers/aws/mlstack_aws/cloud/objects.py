"""Objects of S3: sent part by part, resumable, in bounded memory; listed, read and removed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack_aws.cloud.failures import AwsFailure, told
from mlstack_aws.cloud.session import client
from mlstack_aws.cloud.waiting import Interrupted

#: Bytes of a part, and parts that are on their way at once: what bounds the memory.
PART = 16 * 2**20
_STREAMS = 4
#: S3's limits: of parts in one object, of keys in one removal.
_MOST_PARTS, _MOST_KEYS = 10_000, 1_000


@dataclass(frozen=True)
class Store:
    """A bucket. Raises TargetError, and `Interrupted` once ``cancelled`` is set."""

    bucket: str
    region: str | None
    cancelled: threading.Event

    @property
    def client(self) -> Any:
        return client("s3", self.region)

    def home(self) -> str:
        """The region that the bucket is in."""
        with told(f"s3://{self.bucket}"):
            found: str = self.client.head_bucket(Bucket=self.bucket)["BucketRegion"]
        return found

    def list(self, prefix: str) -> dict[str, int]:
        """Key -> size of all that begins so."""
        return {each["Key"]: each["Size"] for each in self.listed(prefix)}

    def listed(self, prefix: str) -> Iterator[dict[str, Any]]:
        with told(f"s3://{self.bucket}/{prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                yield from page.get("Contents", ())

    def newest(self, prefix: str) -> str | None:
        """The key of the ``.json`` object right below a prefix that was written last."""
        found = [
            each
            for each in self.listed(prefix)
            if "/" not in each["Key"].removeprefix(prefix) and each["Key"].endswith(".json")
        ]
        newest = max(found, key=lambda each: each["LastModified"], default=None)
        return None if newest is None else str(newest["Key"])

    def read(self, key: str) -> bytes | None:
        try:
            with told(f"s3://{self.bucket}/{key}"):
                content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
                return content
        except AwsFailure as failure:
            if failure.gone:
                return None
            raise

    def fetch(self, key: str, path: Path) -> None:
        """An object as a file, in bounded memory."""
        with told(f"s3://{self.bucket}/{key}"), path.open("wb") as file:
            body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            while part := body.read(PART):
                self._go_on()
                file.write(part)

    def write(self, key: str, content: bytes) -> None:
        with told(f"s3://{self.bucket}/{key}"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def remove(self, prefix: str) -> None:
        """All that begins so, with its old versions; what was begun and never ended, too."""
        named = list(self._versions(prefix))
        for start in range(0, len(named), _MOST_KEYS):
            self._go_on()
            with told(f"s3://{self.bucket}/{prefix}"):
                answer = self.client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": named[start : start + _MOST_KEYS], "Quiet": True}
                )
            for error in answer.get("Errors", ()):
                raise TargetError(
                    f"{error['Key']} cannot be removed: {error.get('Message')} [{error.get('Code')}]",
                    where=f"s3://{self.bucket}",
                    category="permission" if error.get("Code") == "AccessDenied" else "transient",
                    remedy="run the same command again; or look at the bucket's policy",
                )
        with told(f"s3://{self.bucket}/{prefix}"):
            for upload in self._begun(prefix):
                self.client.abort_multipart_upload(
                    Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )

    def _versions(self, prefix: str) -> Iterator[dict[str, str]]:
        with told(f"s3://{self.bucket}/{prefix}"):
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket, Prefix=prefix
            )
            for page in pages:
                for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    yield {"Key": each["Key"], "VersionId": each["VersionId"]}

    def send(self, files: Mapping[str, tuple[Path, str]], progress: Progress) -> None:
        """Key -> (file, its SHA-256 in hex). An object appears whole, and only with just that content.

        Parts that an interrupted transfer of the same content left are not sent again. TargetError: a file
        is not what it was when it was hashed.
        """
        room = threading.BoundedSemaphore(_STREAMS)
        with told(f"s3://{self.bucket}"), ThreadPoolExecutor(_STREAMS) as pool:
            soon = _Soon(pool, room, progress)
            try:
                for key, (path, digest) in files.items():
                    self._go_on()
                    self._send(key, path, digest, soon)
                soon.end()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _send(self, key: str, path: Path, digest: str, soon: _Soon) -> None:
        size = max(PART, -(-path.stat().st_size // _MOST_PARTS))
        whole = hashlib.sha256()
        if path.stat().st_size <= size:
            content = path.read_bytes()
            whole.update(content)
            _check(path, whole, digest)
            put = partial(self.client.put_object, Bucket=self.bucket, Key=key, Body=content)
            soon.run(put, len(content))
            return
        upload, there = self._resumed(key)
        named = {"Bucket": self.bucket, "Key": key, "UploadId": upload}
        parts: list[dict[str, Any]] = []

        def send(number: int, part: bytes) -> None:
            tag = self.client.upload_part(**named, PartNumber=number, Body=part)["ETag"]
            parts.append({"PartNumber": number, "ETag": tag})

        with path.open("rb") as stream:
            number = 0
            while part := stream.read(size):
                self._go_on()
                number += 1
                whole.update(part)
                tag = f'"{hashlib.md5(part, usedforsecurity=False).hexdigest()}"'
                if there.get(number) == tag:
                    parts.append({"PartNumber": number, "ETag": tag})
                    soon.progress.add(len(part))
                else:
                    soon.run(partial(send, number, part), len(part))
        soon.end()
        _check(path, whole, digest)
        ordered = sorted(parts, key=lambda each: int(each["PartNumber"]))
        self.client.complete_multipart_upload(**named, MultipartUpload={"Parts": ordered})

    def _resumed(self, key: str) -> tuple[str, dict[int, str]]:
        """(id of the transfer, the tags of its parts that are there); a new one where none was begun.

        Where the bucket's key is one's own the tags are no hash of the content, and all is sent again.
        """
        begun = [upload["UploadId"] for upload in self._begun(key) if upload["Key"] == key]
        if not begun:
            made = self.client.create_multipart_upload(Bucket=self.bucket, Key=key)
            return str(made["UploadId"]), {}
        pages = self.client.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=key, UploadId=begun[0]
        )
        return begun[0], {
            part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", ())
        }

    def _begun(self, prefix: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        for page in pages:
            yield from page.get("Uploads", ())

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise Interrupted("stopped while S3 was worked on", remedy="run the same command again")


class _Soon:
    """Calls on threads; who gives one waits until one is free, so that no more is read than is sent."""

    def __init__(
        self, pool: ThreadPoolExecutor, room: threading.BoundedSemaphore, progress: Progress
    ) -> None:
        self._pool, self._room, self.progress = pool, room, progress
        self._going: list[Future[None]] = []

    def run(self, call: Callable[[], object], size: int) -> None:
        self._room.acquire()

        def run() -> None:
            try:
                call()
                self.progress.add(size)
            finally:
                self._room.release()

        self._going.append(self._pool.submit(run))
        ended = [future for future in self._going if future.done()]
        for future in ended:
            future.result()
        self._going = [future for future in self._going if future not in ended]

    def end(self) -> None:
        """All that was given is done; the first error of them is raised."""
        for future in self._going:
            future.result()
        self._going = []


def _check(path: Path, whole: hashlib._Hash, digest: str) -> None:
    if whole.hexdigest() != digest:
        raise TargetError(
            f"{path.name} changes while it is sent",
            code="content-changes",
            category="transient",
            where=str(path),
            remedy="wait until nobody writes to it, then run the same command again",
        )
