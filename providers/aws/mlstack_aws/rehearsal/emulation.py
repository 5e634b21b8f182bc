"""The door of the provider: inputs of pulumi-aws in, what AWS would answer out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from mlstack.rehearsal import Change, CloudFault, Emulation, Kept, Made, Refusal, World
from mlstack.rehearsal.emulation import Asked, Operation, Properties, Wsgi
from mlstack.resource import UNKNOWN
from mlstack_aws.rehearsal import door, invoke, leftovers, seed, shapes, things, wire
from mlstack_aws.rehearsal.adapters import Adapter, Aws, adapter
from mlstack_aws.rehearsal.adapters.base import parsed
from mlstack_aws.rehearsal.cloud import Cloud
from mlstack_aws.rehearsal.rules import judged, model

_VERBS: Mapping[str, tuple[Operation, ...]] = {
    "Create": ("create",),
    "Put": ("create", "update"),
    "Register": ("create", "update"),
    "Start": ("create",),
    "Run": ("create",),
    "Update": ("update",),
    "Delete": ("delete",),
    "Deregister": ("delete",),
    "Invoke": ("invoke",),
}


class AwsEmulation(Emulation):
    """AWS over one world, for what the AWS target makes."""

    packages: ClassVar[tuple[str, ...]] = ("aws",)
    stable: ClassVar[frozenset[str]] = frozenset(
        {"arn", "name", "id", "uniqueId", "repositoryUrl", "registryId"}
    )
    replace_on_config: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World, settings: Any, region: str | None) -> None:
        super().__init__(world, settings, region)
        self.cloud = Cloud(world, region)

    # what is refused

    def check(self, token: str, inputs: Properties, *, known: bool) -> Iterable[Refusal]:
        one = adapter(token)
        if one is None:
            return [Refusal("", f"{token} is not emulated", "mlstack_aws/rehearsal/adapters")]
        return _refusals(one, inputs)

    def name_property(self, token: str) -> str | None:
        return _adapter(token).name

    def change(self, token: str) -> Change:
        one = _adapter(token)
        names = frozenset({one.name}) if one.name else frozenset()
        return Change(one.replaces | {"region"}, names=names, delete_before_replace=False)

    def promise(self, token: str, inputs: Properties) -> Properties:
        made = dict(inputs)
        if "tags" in made:
            made["tagsAll"] = made["tags"] or {}
        return made

    # what is done

    def create(self, token: str, inputs: Properties) -> Made:
        one, aws = _adapter(token), self._aws(inputs)
        with self.cloud.holding.inside(changing=True):
            id = one.create(aws, inputs)
            things.note(self.world, token, id, aws.region, inputs)
            return self._made(one, aws, id, inputs, inputs)

    def read(self, token: str, id: str, inputs: Properties) -> Made | None:
        one = _adapter(token)
        id, _, region = (
            id.partition("@") if not inputs and re.search(r"@[a-z]+-[a-z]+-\d$", id) else (id, "", "")
        )
        aws = self._aws({"region": region} if region else inputs)
        with self.cloud.holding.inside(changing=False):
            there = one.look(aws, id, inputs)
            if there is None:
                return None
            if inputs:
                return self._made(one, aws, id, inputs, _overlay(dict(inputs), there, one.whole))
            return self._made(one, aws, id, inputs, _imported(token, there))

    def update(self, token: str, id: str, old: Properties, new: Properties) -> Made:
        one, aws = _adapter(token), self._aws(new)
        with self.cloud.holding.inside(changing=True):
            if one.look(aws, id, old) is None:
                raise CloudFault(404, "NotFound", f"{id} does not exist")
            one.update(aws, id, old, new)
            things.note(self.world, token, id, aws.region, new)
            return self._made(one, aws, id, new, new)

    def delete(self, token: str, id: str, inputs: Properties) -> None:
        one, aws = _adapter(token), self._aws(inputs)
        with self.cloud.holding.inside(changing=True):
            if one.look(aws, id, inputs) is not None:
                one.delete(aws, id, inputs)
            things.forget(self.world, token, id)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return invoke.answer(self.cloud, token, arguments)

    def _aws(self, inputs: Properties) -> Aws:
        return Aws(self.cloud, str(inputs.get("region") or self.cloud.region))

    def _made(self, one: Adapter, aws: Aws, id: str, given: Properties, inputs: Properties) -> Made:
        there = one.look(aws, id, given)
        if there is None:
            raise CloudFault(500, "InternalFailure", f"{one.type} {id} is not there after it was made")
        outputs = {"region": aws.region, **there, **_echo(inputs, there)}
        return Made(id, inputs, outputs)

    # the other door

    def app(self) -> Wsgi:
        return door.Door(self.cloud)

    def environment(self) -> Mapping[str, str]:
        found = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}
        return found if os.environ.get("AWS_REGION") else {**found, "AWS_REGION": self.cloud.region}

    def asked(self, environ: Mapping[str, Any]) -> Asked:
        service, region = door.scope(environ, self.cloud.region)
        request = door.request(environ, service, region, self.cloud)
        called = wire.called(request, service, region)
        usual: tuple[Operation, ...] = ("invoke",) if called.changing else ("read",)
        meant = next((verbs for verb, verbs in _VERBS.items() if called.operation.startswith(verb)), usual)
        return Asked(meant, door.subject(called), f"/{service}/{called.operation}")

    def error_body(self, status: int, code: str, message: str) -> bytes:
        return wire.error("sagemaker", status, code, message).body

    def words(self, fault: CloudFault) -> str:
        """As AWS's SDK for Go words it, which pulumi-aws hands on."""
        where = getattr(fault, "operation", "")
        said = f"operation error {where}, " if where else ""
        return (
            f"{said}https response error StatusCode: {fault.status}, RequestID: rehearsal, "
            f"api error {fault.code}: {fault.message}"
        )

    # what is there without having been made

    def seed(self, existing: Iterable[tuple[str, Properties]]) -> None:
        seed.seed(self.cloud, self.settings, existing)

    def leftovers(self) -> Iterable[Kept]:
        return leftovers.leftovers(self.cloud)

    # behind a stack's back

    def documents(self) -> Iterator[Any]:
        return things.documents(self.cloud)

    def put_document(self, id: str, kind: str, body: Properties) -> None:
        things.edit(self.cloud, id, body)

    def remove_document(self, id: str) -> list[str]:
        return things.remove(self.cloud, id)


def _adapter(token: str) -> Adapter:
    found = adapter(token)
    if found is None:
        raise CloudFault(
            501, "NotEmulated", f"{token} is not emulated: mlstack_aws/rehearsal/adapters has no such type"
        )
    return found


def _refusals(one: Adapter, inputs: Properties) -> Iterator[Refusal]:
    seen: set[str] = set()
    for service, operation, parameters in one.requests(inputs):
        shape = shapes.parameters_of(service, operation)
        said = [
            *judged(service, operation, parameters),
            *(
                (path, what, model.source(service, operation))
                for path, what in model.problems(shape, parameters)
            ),
        ]
        for path, what, source in said:
            if path not in seen:
                seen.add(path)
                yield Refusal(_pulumi(one, path, inputs), f"{path}: {what}", source)


def _pulumi(one: Adapter, path: str, inputs: Properties) -> str:
    """The property that a parameter was made of; empty where none is."""
    first = re.split(r"[.\[]", path)[0].lower()
    renames = {v.lower(): k for k, v in getattr(one, "names", {}).items()}
    renames[str(getattr(one, "key", "")).lower()] = one.name or ""
    wanted = renames.get(first, first)
    return next((key for key in inputs if key.lower() == wanted.lower()), "")


def _overlay(given: dict[str, Any], there: Mapping[str, Any], whole: frozenset[str]) -> dict[str, Any]:
    """The inputs as AWS has them now: what is the same stays as it was written."""
    for key, value in list(given.items()):
        if key not in there or key == "region":
            continue
        given[key] = _merged(value, there[key], key in whole, whole)
    if "tags" not in given and there.get("tags"):
        given["tags"] = there["tags"]
    return given


def _merged(was: Any, now: Any, whole: bool, names: frozenset[str]) -> Any:
    if _same(was, now):
        return was
    if isinstance(was, Mapping) and isinstance(now, Mapping) and not whole:
        return {k: _merged(v, now[k], k in names, names) if k in now else v for k, v in was.items()}
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return [_merged(a, b, whole, names) for a, b in zip(was, now, strict=True)]
    return now


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a == b or parsed(a) == parsed(b)
    if isinstance(a, (int, float)) and isinstance(b, str):
        return f"{a:g}" == b
    if isinstance(a, list) and isinstance(b, list) and all(isinstance(x, str) for x in [*a, *b]):
        return sorted(a) == sorted(b)
    return bool(a == b)


def _echo(inputs: Properties, there: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as outputs: as they were given, but for what only AWS knows."""
    return {key: value for key, value in inputs.items() if value is not UNKNOWN}


def _imported(token: str, there: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs for an import: what a caller can set, and has a value."""
    from mlstack.sdktypes import args_class, resource_class, wire_shape

    cls = resource_class(token)
    args = args_class(cls) if cls is not None else None
    known = wire_shape(args) if args is not None else {}
    return {
        k: v
        for k, v in there.items()
        if k in known and v not in (None, "", [], {}) and not k.endswith("Prefix")
    }
