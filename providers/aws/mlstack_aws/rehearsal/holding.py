"""moto's state, kept in the world: what one command makes is there for the next, and a kill loses nothing.

moto keeps each service of an account and region in a backend, an object in memory. Here a backend is read
from the world when a call touches it, and written back with the same transaction that the call runs in.
Outside of a call moto's own dictionaries are as they were: others in this process may use moto too.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.core.model_instances import reset_model_data

from mlstack.rehearsal import World

#: Services whose state is kept, by moto's names.
SERVICES = (
    "applicationautoscaling",
    "budgets",
    "cloudwatch",
    "codebuild",
    "ec2",
    "ecr",
    "events",
    "iam",
    "kms",
    "logs",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
_VERSIONS = "aws/versions"
_STATE = "aws/state"
_CONTENT = "aws/content"

#: moto's dictionaries are the process's: one call at a time, of whichever world.
_LOCK = threading.RLock()
_RLOCK = type(_LOCK)


class Holding:
    """The backends of one account in one world."""

    def __init__(self, world: World, account: str) -> None:
        self._world = world
        self._account = account
        self._known: dict[str, tuple[int, BaseBackend, bytes]] = {}  # version, backend, its digest as kept
        self._touched: dict[str, BaseBackend] = {}
        self._versions: dict[str, int] = {}
        self._aside: dict[str, AccountSpecificBackend[Any] | None] = {}
        self._depth = 0
        self._dirty = False

    @contextmanager
    def inside(self, *, changing: bool) -> Iterator[None]:
        """moto is this account's within the block, and what ``changing`` calls did is kept with the
        transaction that the outermost block is. Where it fails nothing has happened."""
        with _LOCK:
            self._dirty |= changing
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self._depth, self._dirty = 1, changing
            try:
                with self._world.transaction():
                    self._versions = self._world.get(_VERSIONS) or {}
                    with self._swapped():
                        yield
                        if self._dirty:
                            self._keep()
            except BaseException:
                self._known.clear()  # memory may be ahead of the world now
                raise
            finally:
                self._depth = 0
                self._touched = {}

    def forget(self) -> None:
        """Read all anew: the world has been put back from outside."""
        with _LOCK:
            self._known.clear()

    def backend(self, service: str, region: str) -> BaseBackend:
        """As the world has it; a fresh one where it has none."""
        key = f"{service}/{region}"
        if key not in self._touched:
            version = self._versions.get(key, 0)
            known = self._known.get(key)
            if known is None or known[0] != version:
                known = (version, self._load(key, service, region), b"")
                self._known[key] = known
            self._touched[key] = known[1]
        return self._touched[key]

    def _load(self, key: str, service: str, region: str) -> BaseBackend:
        of = _backends(service).backend
        stored = self._world.get_blob(f"{_STATE}/{key}")
        if stored is None:
            made: BaseBackend = of(region, self._account)
            return made
        backend: BaseBackend = of.__new__(of)
        self._touched[key] = backend  # its parts refer to it
        backend.__dict__.update(_Reader(io.BytesIO(stored[0]), self, backend).load())
        reset_model_data()  # moto's list of all that was ever made, for its own dashboard
        return backend

    def _keep(self) -> None:
        for key, backend in self._touched.items():
            stream = io.BytesIO()
            _Writer(stream, self._world, backend).dump(backend.__dict__)
            digest = hashlib.sha256(stream.getbuffer()).digest()
            if key in self._known and self._known[key][2] == digest:
                continue  # only looked at
            version = self._versions.get(key, 0) + 1
            self._versions[key] = version
            self._known[key] = (version, backend, digest)
            self._world.put_blob(f"{_STATE}/{key}", stream.getvalue(), {})
        self._world.put(_VERSIONS, "versions", self._versions)

    @contextmanager
    def _swapped(self) -> Iterator[None]:
        """This account's backends in the place of what moto has of it."""
        aside: dict[str, AccountSpecificBackend[Any] | None] = {}
        self._aside = aside
        buckets = _backends("s3").bucket_accounts
        try:
            for service in SERVICES:
                if f"moto.{service}.models" in sys.modules:
                    self._enter(service, aside)
            yield
        finally:
            _backends("s3").bucket_accounts = buckets
            for service, was in aside.items():
                holder = _backends(service)
                if was is None:
                    dict.pop(holder, self._account, None)
                else:
                    dict.__setitem__(holder, self._account, was)

    def need(self, service: str) -> None:
        """Have a service that the process has not used before."""
        if service in SERVICES:
            self._enter(service, self._aside)

    def _enter(self, service: str, aside: dict[str, AccountSpecificBackend[Any] | None]) -> None:
        if service in aside:
            return
        holder = _backends(service)
        aside[service] = dict.get(holder, self._account)
        dict.__setitem__(holder, self._account, _Regions(self, service, holder))
        if service == "sagemaker":
            _leave_to_rules()
        if service == "s3":
            _mend_markers()
            kept = self._world.get("aws/buckets") or {}
            holder.bucket_accounts = _Buckets(self._world, {k: tuple(v) for k, v in kept.items()})


class _Regions(AccountSpecificBackend[Any]):
    """moto's dictionary of an account's regions, filled from the world when it is asked."""

    def __init__(self, holding: Holding, service: str, holder: BackendDict[Any]) -> None:
        super().__init__(
            holder.service_name,
            holding._account,
            holder.backend,
            holder._use_boto3_regions,
            holder._additional_regions,
        )
        self._holding = holding
        self._service = service

    def __getitem__(self, region_name: str) -> Any:
        return self._holding.backend(self._service, "aws" if region_name == "global" else region_name)


class _Buckets(dict[str, Any]):
    """Names of buckets are the world's, not one account's: moto keeps them beside its backends."""

    def __init__(self, world: World, kept: dict[str, Any]) -> None:
        super().__init__(kept)
        self._world = world

    def __setitem__(self, name: str, owner: Any) -> None:
        super().__setitem__(name, owner)
        self._world.put("aws/buckets", "buckets", dict(self))

    def pop(self, name: str, *default: Any) -> Any:
        found = super().pop(name, *default)
        self._world.put("aws/buckets", "buckets", dict(self))
        return found


def _backends(service: str) -> Any:
    module = importlib.import_module(f"moto.{service}.models")
    return getattr(module, f"{service}_backends")


class _Writer(pickle.Pickler):
    """A backend as bytes. Other backends are only named; what objects in S3 hold is kept beside, by its
    hash, so that a call writes what it brings and no more."""

    def __init__(self, stream: io.BytesIO, world: World, root: BaseBackend) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._world = world
        self._root = root

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, BaseBackend):
            if value is self._root:
                return "self", "", ""
            return "backend", type(value).__module__.split(".")[1], value.region_name
        return None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
            pem = value.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            return _private_key, (pem,)
        if isinstance(value, _RLOCK):
            return threading.RLock, ()
        if type(value).__module__ == "moto.s3.models" and "_value_buffer" in getattr(value, "__dict__", {}):
            state = {k: v for k, v in value.__dict__.items() if k not in ("_value_buffer", "lock")}
            return _unpickled_key, (type(value), state, self._content(value))
        return NotImplemented

    def _content(self, key: Any) -> str:
        buffer = key._value_buffer
        if isinstance(buffer, _Content) and buffer.digest:
            return buffer.digest
        content = key.value
        digest = hashlib.sha256(content).hexdigest()
        if self._world.get_blob(f"{_CONTENT}/{digest}") is None:
            self._world.put_blob(f"{_CONTENT}/{digest}", content, {})
        key._value_buffer = _Content(self._world, digest)
        return digest


class _Reader(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, holding: Holding, root: BaseBackend) -> None:
        super().__init__(stream)
        self._holding = holding
        self._root = root

    def persistent_load(self, told: Any) -> Any:
        kind, service, region = told
        if kind == "self":
            return self._root
        self._holding.need(service)
        return self._holding.backend(service, region)

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if found is _unpickled_key:
            return lambda of, state, digest: _unpickled_key(of, state, digest, self._holding._world)
        return found


class _Content:
    """The file that moto keeps an object's content in: read from the world when somebody looks."""

    def __init__(self, world: World, digest: str) -> None:
        self._world = world
        self._file: Any = None
        self.digest = digest

    def _open(self) -> Any:
        if self._file is None:
            stored = self._world.get_blob(f"{_CONTENT}/{self.digest}")
            self._file = tempfile.SpooledTemporaryFile(max_size=1 << 22)  # noqa: SIM115 - lives as the object
            self._file.write(stored[0] if stored else b"")
            self._file.seek(0)
        return self._file

    def seek(self, *where: int) -> Any:
        return self._open().seek(*where)

    def tell(self) -> Any:
        return self._open().tell()

    def read(self, *size: int) -> Any:
        return self._open().read(*size)

    def write(self, content: bytes) -> Any:
        self.digest = ""
        return self._open().write(content)

    def truncate(self, *size: int) -> Any:
        self.digest = ""
        return self._open().truncate(*size)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _unpickled_key(of: type, state: dict[str, Any], digest: str, world: World | None = None) -> Any:
    assert world is not None
    key: Any = object.__new__(of)
    key.__dict__.update(state)
    key._value_buffer = _Content(world, digest)
    key.lock = threading.Lock()
    return key


def _mend_markers() -> None:
    """moto disposes of all versions of an object that goes, and has forgotten that markers are among them."""
    from moto.s3.models import FakeDeleteMarker

    if not hasattr(FakeDeleteMarker, "dispose"):
        FakeDeleteMarker.dispose = lambda self: None  # type: ignore[attr-defined]


def _leave_to_rules() -> None:
    """moto's list of machines that serve ends before the G5, and it knows no variants without a model, as
    inference components have. botocore's words, and the rule `variant-model`, judge a request before."""
    from moto.sagemaker.models import FakeEndpointConfig, SageMakerModelBackend

    FakeEndpointConfig.validate_instance_type = lambda self, instance_type: None  # type: ignore[method-assign]
    SageMakerModelBackend.validate_production_variants = (  # type: ignore[method-assign]
        lambda self, production_variants: None
    )


def _private_key(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, None)
