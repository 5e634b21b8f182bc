"""``mlstack:azure:Upload``: a local file or folder as blobs in a workspace's datastore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mlstack.errors import TargetError
from mlstack.lowering import stores, upload
from mlstack.lowering.progress import Progress
from mlstack.lowering.stores import Files, Home
from mlstack.resource import Context, Properties
from mlstack_azure.arm import Workspace, blobs, present
from mlstack_azure.arm.failures import HttpFailure
from mlstack_azure.arm.transfer import remove_all, send
from mlstack_azure.tree import TREE


class UploadInputs(upload.UploadInputs):
    """``datastore`` is one of blobs, of the workspace."""

    workspace_id: str
    datastore: str = "workspaceblobstore"


class Upload(upload.Upload[UploadInputs]):
    """Ids are the datastore's ARM id, and ``/mlstack/STACK/HOME/``. More outputs: ``url`` (https://…; ``uri``
    is azureml://…), ``account`` and ``container``."""

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "workspace_id", "datastore"})
    tree = TREE
    outputs = (*upload.Upload.outputs, "url", "account", "container")

    def store_of(self, inputs: UploadInputs) -> str:
        return f"{Workspace.of(inputs.workspace_id).id}/datastores/{inputs.datastore}"

    @contextmanager
    def open(self, context: Context, store: str, inputs: Properties) -> Iterator[Store]:
        with present(context.cancelled) as arm:
            yield Store(blobs.open_store(arm, *_parts(store), context.log))

    def located(self, store: str, opened: stores.Store) -> dict[str, Any]:
        workspace, datastore = _parts(store)
        return {"workspace_id": workspace.id, "datastore": datastore}

    def is_gone(self, error: TargetError) -> bool:
        return isinstance(error, HttpFailure) and error.status == 404

    def shown(self, store: str) -> str:
        return _parts(store)[1]

    def uri(self, store: str, name: str) -> str:
        workspace, datastore = _parts(store)
        return workspace.datastore_uri(datastore, name)

    def put_out(
        self, home: Home, store: stores.Store, digest: str, manifest: Mapping[str, Any]
    ) -> dict[str, Any]:
        assert isinstance(store, Store)
        found, held = super().put_out(home, store, digest, manifest), store.held
        url = "/".join(filter(None, (held.url, found["prefix"], manifest.get("file"))))
        return {**found, "url": url, "account": held.account, "container": held.container}


@dataclass(frozen=True)
class Store:
    """A datastore's container."""

    held: blobs.Store

    def list(self, prefix: str) -> dict[str, int]:
        return self.held.list(prefix)

    def newest(self, prefix: str) -> str | None:
        return self.held.newest(prefix)

    def read(self, name: str) -> bytes | None:
        return self.held.read(name)

    def write(self, name: str, content: bytes) -> None:
        self.held.write(name, content)

    def send(self, files: Files, progress: Progress) -> None:
        send(self.held, files, progress)

    def remove(self, prefix: str) -> None:
        remove_all(self.held, list(self.held.list(prefix)))


def _parts(store: str) -> tuple[Workspace, str]:
    workspace = Workspace.of(store)
    return workspace, store[len(workspace.id) :].removeprefix("/datastores/")
