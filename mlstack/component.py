"""The base of `mlstack.Endpoint`, `mlstack.Job` and the others: a spec in, a provider's children below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import pulumi
from pydantic import BaseModel, ValidationError

from mlstack.errors import Problem, SpecError, UsageError
from mlstack.native import Passthrough
from mlstack.program import Warned, current, scope
from mlstack.provider import OUTPUTS, Build
from mlstack.spec import KINDS
from mlstack.tokens import token


class Component(pulumi.ComponentResource):
    """A resource of the spec. ``kind`` is its collection key; the outputs of the kind are attributes.

    Handing a component to another one's field refers to it: ``Endpoint(…, deployments={"blue":
    Deployment(model=model)})``.
    """

    kind: ClassVar[str]

    def __init__(self, name: str, spec: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        here = scope()
        if self.kind not in here.provider.builders:
            reason = here.provider.unsupported.get(self.kind, "this target does not have it")
            raise UsageError(
                f"{self.kind} cannot be made on {here.provider.name}: {reason}", code="unsupported"
            )
        self.logical_name = name
        self.spec = spec
        here.add(self)  # before the engine hears of it: its own words for one name twice are no help
        super().__init__(token(self.kind), name, None, opts)
        run = current()
        native = _native(self.kind, name, spec)
        native.below(self, name)
        made = here.provider.builder(self.kind)(
            Build(
                kind=self.kind,
                name=name,
                spec=spec,
                parent=self,
                stack_uid=here.stack_uid,
                root=here.root,
                settings=here.settings,
                outputs=lambda kind, other: here.find(kind, other).values,
                spec_of=lambda kind, other: here.find(kind, other).spec,
                warn=lambda field, message: run.warn(
                    Warned("no-effect", f"{self.kind}.{name}", field, message), self
                ),
                stackwide=here.stackwide,
                consumed=_consumed(self.kind, name),
                shared=here.shared,
                capabilities=here.capabilities,
                use=run.used.append,
                choices=run.choices,
                note=lambda field, message: run.note(Warned("placed", f"{self.kind}.{name}", field, message)),
                native=native,
                place=native.place[:-2],
                locate=native.where,
                stack=here.stack,
            )
        )
        run.native_of(native)
        wanted = OUTPUTS[self.kind]
        if set(made) != set(wanted):
            raise TypeError(f"the builder of {self.kind} returned {sorted(made)}, not {sorted(wanted)}")
        self.values: Mapping[str, pulumi.Output[Any]] = {
            key: pulumi.Output.from_input(made[key]) for key in wanted
        }
        for key, value in self.values.items():
            setattr(self, key, value)
        self.register_outputs(dict(self.values))

    @classmethod
    def make(cls, kind: str, name: str, spec: Any, opts: pulumi.ResourceOptions | None = None) -> Component:
        """The component of a kind from a spec object that is validated already."""
        from mlstack import components

        component_class: type[Component] = components.BY_KIND[kind]
        made = component_class.__new__(component_class)
        Component.__init__(made, name, spec, opts)
        return made

    @property
    def mlstack_reference(self) -> str:
        """How a spec refers to it (read by the reference fields of `mlstack.spec`)."""
        return f"{self.kind}.{self.logical_name}"


Spec = TypeVar("Spec", bound=BaseModel)


def given(cls: type[Spec], resource: str, /, **fields: Any) -> Spec:
    """The spec object of the arguments of a component ("jobs.train"); None counts as left out.

    Raises SpecError with all that is wrong.
    """
    try:
        return cls.model_validate({key: value for key, value in fields.items() if value is not None})
    except ValidationError as error:
        raise SpecError(
            [
                Problem(
                    code=_code(item["type"]),
                    message=item["msg"],
                    path=".".join((resource, *(str(key) for key in item["loc"]))),
                    remedy=(item.get("ctx") or {}).get("remedy"),
                )
                for item in error.errors(include_url=False, include_input=False)
            ]
        ) from None


def _code(kind: str) -> str:
    """The spec's own codes are hyphenated; the library's few are told as a spec file would tell them."""
    if "-" in kind:
        return kind
    return {"missing": "missing-key", "extra_forbidden": "unknown-key"}.get(kind, "wrong-type")


def _native(kind: str, name: str, spec: Any) -> Passthrough:
    """What the spec's ``native`` block has for the present target."""
    here = scope()
    place = (kind,) if KINDS[kind].single else (kind, name)
    return Passthrough(
        here.provider.name,
        ".".join(place),
        (*place, "native", here.provider.name),
        spec.native.get(here.provider.name) or {},
        here.stack.where if here.stack is not None else lambda _path: (None, None, None),
        manifests=here.provider.manifests,
    )


def _consumed(kind: str, name: str) -> bool:
    """Whether something refers to it. A program that makes components one by one cannot know: then yes."""
    from mlstack.graph import references

    stack = scope().stack
    if stack is None:
        return True
    return any(reference.kind == kind and reference.name == name for reference in references(stack))
