"""References from one resource to another, declared where the field is declared.

``Annotated[str, Ref("environments")]`` takes a name, since its kind is fixed. With several kinds the
reference is open and takes a path: ``data.digits``, ``jobs.train.model``. ``mlstack.graph`` finds every
reference by these marks; no other place knows which field refers to what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, TypeAlias

from pydantic import BaseModel, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from mlstack.spec.base import Spec
from mlstack.spec.faults import fault, shown
from mlstack.spec.text import NAME, PARAMETER, Scalar

OUTPUTS_OF = frozenset({"jobs", "steps"})
"""Kinds that are referred to by one of their outputs (``jobs.train.model``), not as a whole."""


class Target(NamedTuple):
    """What a reference names: ``jobs.train.model`` is ("jobs", "train", ("model",))."""

    kind: str
    name: str
    rest: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.kind, self.name, *self.rest))


class Ref:
    """Marks a field as a reference to one of these kinds.

    One kind: the value is a name. Several, or ``open``: the value is a path. ``or_else`` is a class that may
    stand in place of the reference, such as a literal ``{value: 1}``. A component (anything with a text
    ``mlstack_reference``, its path) is taken for its reference.
    """

    def __init__(self, *kinds: str, open: bool = False, or_else: type[BaseModel] | None = None) -> None:
        self.kinds = kinds
        self.open = open or len(kinds) > 1
        self.or_else = or_else

    def __repr__(self) -> str:
        return f"Ref({', '.join(map(repr, self.kinds))})"

    def target(self, value: str) -> Target:
        """What a valid value of this field names."""
        if not self.open:
            return Target(self.kinds[0], value)
        kind, name, *rest = value.split(".")
        return Target(kind, name, tuple(rest))

    @property
    def word(self) -> str:
        return self.forms if self.open else f"name in {self.kinds[0]}"

    @property
    def forms(self) -> str:
        """How such a reference is written, for people."""
        if not self.open:
            return "a name"
        return ", ".join(f"{kind}.NAME{'.OUTPUT' if kind in OUTPUTS_OF else ''}" for kind in self.kinds)

    def check(self, value: Any) -> Any:
        """The value as it is kept: a text, or an object of ``or_else``."""
        if self.or_else is not None and isinstance(value, Mapping | self.or_else):
            return self.or_else.model_validate(value)
        path = getattr(value, "mlstack_reference", value)
        if not isinstance(path, str):
            raise self._fault(value)
        return self._open(path) if self.open else self._fixed(path, component=path is not value)

    def _fixed(self, value: str, *, component: bool) -> str:
        kind = self.kinds[0]
        name = value.removeprefix(f"{kind}.")
        if not NAME.fullmatch(name):
            raise self._fault(value)
        if name != value and not component:
            raise fault("bad-reference", f"{shown(value)} is a path, and a name is wanted", f"write {name}")
        return name

    def _open(self, value: str) -> str:
        kind, *names = value.split(".")
        wanted = 2 if kind in OUTPUTS_OF else 1
        rules = (NAME, PARAMETER)
        if kind in self.kinds and len(names) == wanted:
            if all(rule.fullmatch(name) for rule, name in zip(rules, names, strict=False)):
                return value
        elif not names and NAME.fullmatch(kind):
            choices = ", ".join(
                f"{each}.{kind}{'.OUTPUT' if each in OUTPUTS_OF else ''}" for each in self.kinds
            )
            remedy = f"say what kind it is of: {choices}{self._literal()}"
            raise fault("bad-reference", f"{shown(value)} does not say of what kind it is", remedy)
        raise self._fault(value)

    def _literal(self) -> str:
        return ", or a literal as {value: …}" if self.or_else is Value else ""

    def _fault(self, value: object) -> Exception:
        kinds = " or ".join(self.kinds)
        if isinstance(value, str):
            message = f"{shown(value)} is no reference to {kinds}"
        elif isinstance(getattr(value, "mlstack_reference", None), str):
            message = f"a {type(value).__name__} is no reference to {kinds}"
        else:
            message = f"{shown(value)} is no reference to {kinds}"
            if self.or_else is Value and isinstance(value, bool | int | float):
                return fault("bad-reference", message, f"write a literal as {{value: {shown(value)}}}")
        return fault("bad-reference", message, f"write {self.forms}{self._literal()}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        accepted: core_schema.CoreSchema = core_schema.str_schema(pattern=self._pattern())
        if self.or_else is not None:
            accepted = core_schema.union_schema([accepted, handler.generate_schema(self.or_else)])
        return core_schema.no_info_plain_validator_function(self.check, json_schema_input_schema=accepted)

    def _pattern(self) -> str:
        if not self.open:
            return f"^{NAME.pattern}$"
        output = rf"\.{PARAMETER.pattern}"
        forms = (rf"{kind}\.{NAME.pattern}{output if kind in OUTPUTS_OF else ''}" for kind in self.kinds)
        return f"^({'|'.join(forms)})$"


class Value(Spec):
    """A literal in a place where a reference may stand as well."""

    value: Scalar = Field(description="The literal itself: a number, true or false, or a text. Required.")


SecretRef: TypeAlias = Annotated[str, Ref("secrets")]
ComputeRef: TypeAlias = Annotated[str, Ref("compute")]
EnvironmentRef: TypeAlias = Annotated[str, Ref("environments")]
JobRef: TypeAlias = Annotated[str, Ref("jobs")]
EndpointRef: TypeAlias = Annotated[str, Ref("endpoints")]
DeploymentRef: TypeAlias = Annotated[str, Ref("deployments")]
NotificationRef: TypeAlias = Annotated[str, Ref("notifications")]
PipelineRef: TypeAlias = Annotated[str, Ref("pipelines")]
StepRef: TypeAlias = Annotated[str, Ref("steps")]
