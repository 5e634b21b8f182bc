"""Blobs of a workspace's datastores: who may read and write them, and the client to do it with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlstack.errors import MlstackError, TargetError
from mlstack_azure.arm.client import Arm, Transport
from mlstack_azure.arm.credential import REHEARSED
from mlstack_azure.arm.failures import told, translated
from mlstack_azure.arm.ids import Workspace

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

#: What is sent at once; the most memory that one transfer takes.
BLOCK = 8 << 20
_CONNECT, _READ = 20, 120
_RETRIES, _THROTTLED = 6, 429
#: A role that was just given takes some minutes to count.
_ROLE_SECONDS, _ROLE_STEP = 300.0, 10.0


class _Patient(Transport):
    """Sends again what was throttled by 429: Azure Storage's own policy knows its 503 only."""

    def __init__(self, arm: Arm, **more: Any) -> None:
        super().__init__(arm.cancelled, **more)
        self._backoff = arm.backoff

    def send(self, request: Any, **more: Any) -> Any:
        for attempt in range(_RETRIES):
            answer = super().send(request, **more)
            if answer.status_code != _THROTTLED:
                return answer
            body = getattr(request, "content", None)
            if body is not None and hasattr(body, "seek"):
                body.seek(0)
            told = str(answer.headers.get("Retry-After") or "")
            self.sleep(float(told) if told.isdigit() else self._backoff * 2**attempt)
        return super().send(request, **more)


@dataclass
class Store:
    """A container of blobs behind a datastore. ``url`` is its address as Azure's services know it."""

    arm: Arm
    datastore_id: str
    account: str
    container: str
    address: str
    url: str
    log: Callable[[str], None] = lambda _line: None
    patience: float = _ROLE_SECONDS
    _client: ContainerClient | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def client(self) -> ContainerClient:
        """A client that is let in: with our token, else with what the workspace keeps for its datastore."""
        with self._lock:
            if self._client is None:
                self._client = self._let_in()
            return self._client

    def list(self, prefix: str) -> dict[str, int]:
        """Name -> size of all blobs whose name begins with ``prefix``."""
        with told(f"GET {self.address}"):
            return {blob.name: blob.size for blob in self.client.list_blobs(name_starts_with=prefix)}

    def newest(self, prefix: str) -> str | None:
        """The name of the ``.json`` blob right below a prefix that was written last."""
        with told(f"GET {self.address}"):
            blobs = [
                blob
                for blob in self.client.list_blobs(name_starts_with=prefix)
                if "/" not in blob.name.removeprefix(prefix) and blob.name.endswith(".json")
            ]
        newest = max(blobs, key=lambda blob: blob.last_modified, default=None)
        return None if newest is None else str(newest.name)

    def read(self, name: str) -> bytes | None:
        """The content of a small blob; None where there is none."""
        with told(f"GET {self.address}/{name}"):
            try:
                return self.client.download_blob(name).readall()
            except ResourceNotFoundError:
                return None

    def read_from(self, name: str, offset: int) -> bytes:
        """What a blob that is being written has beyond ``offset``."""
        with told(f"GET {self.address}/{name}"):
            try:
                return self.client.download_blob(name, offset=offset).readall()
            except ResourceNotFoundError:
                return b""
            except HttpResponseError as error:
                if error.status_code == 416:  # nothing has been added
                    return b""
                raise

    def write(self, name: str, content: bytes) -> None:
        with told(f"PUT {self.address}/{name}"):
            self.client.upload_blob(name, content, overwrite=True)

    def remove(self, name: str) -> None:
        with told(f"DELETE {self.address}/{name}"):
            try:
                self.client.delete_blob(name)
            except ResourceNotFoundError:
                return

    def _let_in(self) -> ContainerClient:
        client = self._made(self.arm.credential)
        waited_until = time.monotonic() + self.patience
        refusal = _refusal(client)
        if refusal is None:
            return client
        kept = self._kept()
        if kept is not None:
            client = self._made(kept)
            if _refusal(client) is None:
                return client
        self.log(f"waiting to be let in to the storage account {self.account}")
        client = self._made(self.arm.credential)
        while (refusal := _refusal(client)) is not None:
            if time.monotonic() >= waited_until:
                raise translated(refusal, f"GET {self.address}") from refusal
            Transport(self.arm.cancelled).sleep(_ROLE_STEP)
        return client

    def _kept(self) -> Any:
        """The key or signature of the datastore that the workspace keeps; None where it gives none."""
        try:
            secrets = self.arm.post(f"{self.datastore_id}/listSecrets")
        except MlstackError:
            return None
        if secrets.get("secretsType") == "AccountKey" and secrets.get("key"):
            return AzureNamedKeyCredential(self.account, secrets["key"])
        if secrets.get("secretsType") == "Sas" and secrets.get("sasToken"):
            return AzureSasCredential(secrets["sasToken"].lstrip("?"))
        return None

    def _made(self, credential: Any) -> ContainerClient:
        from azure.storage.blob import ContainerClient, ExponentialRetry

        quick = self.arm.cloud.emulated
        rehearsed: dict[str, Any] = (
            {} if credential else {"headers": {"Authorization": f"Bearer {REHEARSED}"}}
        )
        return ContainerClient(
            self.address.rpartition("/")[0],
            self.container,
            credential=credential,
            max_single_put_size=BLOCK,
            max_block_size=BLOCK,
            transport=_Patient(self.arm, connection_timeout=_CONNECT, read_timeout=_READ),
            retry_policy=ExponentialRetry(
                initial_backoff=0 if quick else 1, increment_base=0 if quick else 2, retry_total=_RETRIES
            ),
            **rehearsed,
        )


def open_store(
    arm: Arm, workspace: Workspace, datastore: str, log: Callable[[str], None] = lambda _line: None
) -> Store:
    """The container behind a datastore of blobs. Raises TargetError: no such datastore, another kind."""
    id = f"{workspace.id}/datastores/{datastore}"
    properties = arm.get(id)["properties"]
    account, container = properties.get("accountName"), properties.get("containerName")
    if not account or not container:
        raise TargetError(
            f"the datastore {datastore} holds no blobs, but {properties.get('datastoreType')}",
            where=id,
            category="user",
            remedy="name a datastore of type AzureBlob; each workspace has workspaceblobstore",
        )
    suffix = properties.get("endpoint") or ""
    real = f"{properties.get('protocol') or 'https'}://{account}.blob.{suffix}" if suffix else None
    address = arm.cloud.blob(account) if arm.cloud.own_blobs or not real else real
    return Store(
        arm=arm,
        datastore_id=id,
        account=account,
        container=container,
        address=f"{address}/{container}",
        url=f"{real or arm.cloud.store(account)}/{container}",
        log=log,
        patience=0 if arm.cloud.emulated else _ROLE_SECONDS,
    )


def _refusal(client: ContainerClient) -> HttpResponseError | None:
    """Why we may not look into a container; None where we may."""
    try:
        next(iter(client.list_blobs(results_per_page=1)), None)
    except HttpResponseError as error:
        if error.status_code in (401, 403):
            return error
        raise translated(error, client.url) from error
    return None
