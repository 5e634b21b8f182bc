"""A recording as the text of `__main__.py`: a section for each component, what is referred to first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack.eject.layout import Expression, call, imports, listed, mapping, quoted, statement
from mlstack.eject.marks import Leaf, Piece
from mlstack.eject.names import Function, accessor, function, parameter
from mlstack.eject.naming import unused, variables, words
from mlstack.eject.options import options
from mlstack.eject.record import Call, Recording, Registered
from mlstack.eject.values import Writer
from mlstack.engine.urn import Urn
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.sdktypes import args_class, resource_class, wire_shape

OURS = "mlstack:"


@dataclass(frozen=True)
class Made:
    """A statement in the making. ``used``: URNs, and keys of calls, that have to be there before it."""

    function: str = ""
    positional: list[Expression] = field(default_factory=list)
    named: dict[str, Expression] = field(default_factory=dict)
    used: frozenset[str] = frozenset()


class Program:
    """``secrets`` are values, and the environment variable that holds each."""

    def __init__(self, recording: Recording, title: str, secrets: Mapping[str, str]) -> None:
        self.title = title
        self.resources = recording.resources
        self.calls = dict(sorted(recording.calls.items()))
        self.outputs = recording.outputs
        seen = [each.marked for each in self.resources.values()]
        seen += [marked for _, marked in self.outputs.values()]
        hidden = frozenset(recording.marks.made_secret(seen))
        self.writer = Writer(recording.marks, self._reach, self._qualified, secrets, hidden=hidden)
        #: Modules that are imported, and their names here.
        self.modules: dict[str, str] = {}
        self.custom = {urn: each for urn, each in self.resources.items() if each.request.custom}
        self.classes = {urn: _class(each) for urn, each in self.custom.items() if not _is_ours(each)}
        self.functions = {key: _function(each) for key, each in self.calls.items()}
        for module in (
            *(cls.__module__.rpartition(".")[0] for cls in self.classes.values()),
            *(each.module.__name__ for each in self.functions.values()),
        ):
            self._imported(module)
        made = [(urn, each.request.custom) for urn, each in self.resources.items()]
        self.names = variables(made, self.modules.values())
        taken = {*self.names.values(), *self.modules.values()}
        for key, each in self.functions.items():
            self.names[key] = unused(self._answer(self.calls[key], each.name), taken)
        #: The outputs of resources of ours that something refers to.
        self._wanted: dict[str, set[str]] = {}
        self._used: set[str] = set()
        self._asked = {key: self._call(each) for key, each in self.calls.items()}
        self._made = {urn: self._resource(each) for urn, each in self.custom.items()}
        self._waits = {urn: self._waited(urn) for urn in self.custom}
        #: Names of what several resources wait for.
        self._lists: dict[tuple[str, ...], str] = {}
        for waits, count in Counter(self._waits.values()).items():
            if count > 1 and len(waits) > 1:
                above = self._above(waits[-1])
                self._lists[waits] = unused(f"{self.names[above[0]] if above else 'stack'}_ready", taken)
        self._shared: dict[str, Made] = {}
        self._exported = self._exports()
        self._registered = {
            urn: self._component_outputs(urn) for urn in self._components() if urn in self.outputs
        }

    @property
    def targets(self) -> set[str]:
        """The targets whose resources of ours the program has."""
        return {each.parsed.type.split(":")[1] for each in self.custom.values() if _is_ours(each)}

    @property
    def packages(self) -> set[str]:
        """The distributions of the SDKs."""
        return {module.partition(".")[0].replace("_", "-") for module in self.modules}

    def text(self) -> str:
        body = "\n".join(self._body())
        head = [f'"""{self.title}"""', ""]
        head += ["import os", ""] if "os.environ[" in body else []
        # what was asked of a cloud to no end is not written, and neither is the import that it would need
        used = {module: name for module, name in self.modules.items() if f"{name}." in body}
        ours = {"mlstack.gap": ["GapResource"]} if self.targets else {}
        head += imports({"pulumi": "pulumi", **used}, ours)
        head += ["", "config = pulumi.Config()"] if self.writer.asked else []
        return "\n".join([*head, body]) + "\n"

    # The order of statements.

    def _body(self) -> Iterator[str]:
        """Each component above its first child, its outputs below all that they refer to."""
        there: set[str] = set()
        waiting = dict(self._registered)
        owners = {above for urn in self.custom for above in self._above(urn)}
        for urn in self.resources:
            if urn not in self.custom and urn in owners:
                continue  # it comes with its first child
            yield from self._declared(urn, there)
            if urn in self.custom:
                yield from self._called(self._made[urn], there)
                yield from self._named_waits(urn, there)
                yield from ("", self._complete(urn))
            there.add(urn)
            for component in [each for each in waiting if self._is_ready(each, there)]:
                outputs = waiting.pop(component)
                yield from self._called(outputs, there)
                yield from ("", *self._outputs_of(component, outputs))
        yield from self._called(self._exported, there)
        exports = [call("pulumi.export", quoted(key), value) for key, value in self._exported.named.items()]
        yield from ("", *(statement("", each) for each in exports)) if exports else ()

    def _declared(self, urn: str, there: set[str]) -> Iterator[str]:
        """The components that a resource is below of, and itself where it is one."""
        for each in [*reversed(self._above(urn)), urn]:
            if each in there or each in self.custom:
                continue
            there.add(each)
            parsed = Urn.parse(each)
            yield from ("", f"# {parsed.kind if parsed.is_component else parsed.type}.{parsed.name}")
            said: list[Expression] = [quoted(parsed.type), quoted(parsed.name)]
            given = options(self.resources[each].request, self.names)
            yield self._stated(each, Made("pulumi.ComponentResource", said), given)

    def _called(self, made: Made, there: set[str]) -> Iterator[str]:
        """The calls that a statement refers to, and that are not there yet."""
        for key in sorted(made.used & self._asked.keys() - there):
            asked = self._asked[key]
            yield from self._called(asked, there)
            there.add(key)
            waits = [
                self.names[urn]
                for urn in self.calls[key].needs
                if urn in self.names and urn not in asked.used
            ]
            given: dict[str, Expression] = {"depends_on": listed([*waits])} if waits else {}
            yield from ("", self._stated(key, asked, given, "InvokeOutputOptions"))

    def _complete(self, urn: str) -> str:
        made, waits = self._made[urn], self._waits[urn]
        if wanted := sorted(self._wanted.get(urn, ())):
            outputs: dict[str, Expression] = {"outputs": listed([quoted(each) for each in wanted])}
            made = Made(made.function, made.positional, made.named | outputs)
        after = self._lists.get(waits) or listed([self.names[each] for each in waits])
        given = options(self.resources[urn].request, self.names, after if waits else None)
        return self._stated(urn, made, given)

    def _named_waits(self, urn: str, there: set[str]) -> Iterator[str]:
        """What several resources wait for, above the first of them."""
        waits = self._waits[urn]
        if (name := self._lists.get(waits)) and name not in there:
            there.add(name)
            yield from ("", statement(name, listed([self.names[each] for each in waits])))

    def _waited(self, urn: str) -> tuple[str, ...]:
        """What a resource waits for beyond what its inputs refer to."""
        known = set(self._made[urn].used)
        for key in known & self._asked.keys():
            known |= self._asked[key].used
        asked = set(self.resources[urn].request.dependencies) - known
        return tuple(each for each in self.resources if each in asked)

    def _stated(
        self, key: str, made: Made, given: Mapping[str, Expression], options: str = "ResourceOptions"
    ) -> str:
        opts = {"opts": call(f"pulumi.{options}", **given)} if given else {}
        return statement(self.names[key], call(made.function, *made.positional, **made.named, **opts))

    def _is_ready(self, component: str, there: set[str]) -> bool:
        used = set(self._registered[component].used)
        for key in used & self._asked.keys():
            used |= self._asked[key].used
        below = {urn for urn in self.custom if component in self._above(urn)}
        return component in there and below | (used - self._asked.keys()) <= there

    def _outputs_of(self, component: str, outputs: Made) -> Iterator[str]:
        name = self.names[component]
        if component in self._shared:
            yield statement(f"{name}_outputs", outputs.positional[0])
            outputs = Made(positional=[f"{name}_outputs"])
        yield statement("", call(f"{name}.register_outputs", *outputs.positional))

    # What a statement is made of.

    def _resource(self, resource: Registered) -> Made:
        self._used = set()
        name, type = resource.parsed.name, resource.parsed.type
        if _is_ours(resource):
            inputs = {
                key: self.writer.write(value, resource.marked.get(key), (), f"{name}-{key}")
                for key, value in sorted(resource.plain.items())
            }
            return Made("GapResource", [quoted(type), quoted(name), mapping(inputs)], {}, self._taken())
        cls = self.classes[resource.urn]
        named = {
            # the resource's own name has taken this word
            "resource_name_" if each.name == "resource_name" else each.name: self.writer.write(
                resource.plain[key], resource.marked.get(key), each.types, f"{name}-{key}"
            )
            for key, each in wire_shape(_args(cls)).items()
            if key in resource.plain
        }
        return Made(self._qualified(cls), [quoted(name)], named, self._taken())

    def _call(self, asked: Call) -> Made:
        self._used = set()
        found = self.functions[asked.key]
        named = {
            parameter(found, key) or key: self.writer.write(value, asked.marked.get(key), (), key)
            for key, value in sorted(asked.plain.items())
        }
        return Made(f"{self._imported(found.module.__name__)}.{found.name}", [], named, self._taken())

    def _answer(self, asked: Call, function: str) -> str:
        """A variable for an answer: what is asked for, of the first resource that the call names."""
        named = (
            self.writer.marks.parts(each) for _, each in sorted(asked.marked.items()) if isinstance(each, str)
        )
        owners = (part.leaf.owner for parts in named for part in parts if isinstance(part, Piece))
        owner = next((words(Urn.parse(each).name) for each in owners if each in self.resources), "found")
        return f"{owner}_{function.removesuffix('_output').removeprefix('list_').removeprefix('get_')}"

    def _component_outputs(self, urn: str) -> Made:
        if urn in self._shared:
            return self._shared[urn]
        return self._value(*self.outputs[urn], Urn.parse(urn).name)

    def _exports(self) -> Made:
        """What the stack exports. What a component of ours has as its outputs is written once, there."""
        root = next((urn for urn in self.outputs if Urn.parse(urn).is_root), None)
        sent, marked = self.outputs[root] if root else ({}, {})
        named: dict[str, Expression] = {}
        used: frozenset[str] = frozenset()
        for key, value in sorted(sent.items()):
            owned = self._owned(key, value)
            for name, urn in owned.items():
                self._shared[urn] = self._value(value[name], marked[key][name], f"{key}-{name}")
            if owned:
                named[key] = mapping({name: f"{self.names[urn]}_outputs" for name, urn in owned.items()})
            else:
                made = self._value(value, marked.get(key), key)
                named[key], used = made.positional[0], used | made.used
        return Made(named=named, used=used)

    def _value(self, sent: Any, marked: Any, key: str) -> Made:
        self._used = set()
        written = self.writer.write(sent, marked, (), key)
        return Made(positional=[written], used=self._taken())

    def _owned(self, kind: str, exported: Any) -> dict[str, str]:
        """The components whose outputs are what is exported, by name; empty where it is anything else."""
        if not isinstance(exported, Mapping):
            return {}
        found = {
            Urn.parse(urn).name: urn
            for urn in self._components()
            if Urn.parse(urn).is_component and Urn.parse(urn).kind == kind and urn in self.outputs
        }
        same = found.keys() == exported.keys() and all(
            _some(self.outputs[urn][0]) == _some(exported[name]) for name, urn in found.items()
        )
        return dict(sorted(found.items())) if same else {}

    def _components(self) -> list[str]:
        return [urn for urn in self.resources if urn not in self.custom]

    def _above(self, urn: str) -> list[str]:
        """The components that a resource is below of, the nearest first."""
        found, parent = [], self.resources[urn].request.parent
        while parent in self.resources:
            found.append(parent)
            parent = self.resources[parent].request.parent
        return found

    # What expressions refer to.

    def _taken(self) -> frozenset[str]:
        return frozenset(self._used)

    def _reach(self, leaf: Leaf) -> str | None:
        first, *rest = leaf.path
        if leaf.owner in self.calls:
            written = accessor(self.functions[leaf.owner].result, leaf.path)
        elif leaf.owner in self.classes:
            written = accessor(self.classes[leaf.owner], leaf.path)
        elif first == "id":
            written = ".id"
        else:
            self._wanted.setdefault(leaf.owner, set()).add(str(first))
            attribute = str(first).isidentifier() and not hasattr(GapResource, str(first))
            written = f".{first}" if attribute else f".output({quoted(str(first))})"
            written += "".join(f"[{quoted(key) if isinstance(key, str) else key}]" for key in rest)
        if written is None:
            return None
        self._used.add(leaf.owner)
        return self.names[leaf.owner] + written

    def _qualified(self, cls: type) -> str:
        module = cls.__module__.rpartition(".")[0]
        return f"{self._imported(module)}.{cls.__name__}"

    def _imported(self, module: str) -> str:
        """The name of a module here; with its package's where another one has it."""
        if module not in self.modules:
            package, _, last = module.rpartition(".")
            taken = last in self.modules.values()
            self.modules[module] = f"{package.removeprefix('pulumi_')}_{last}" if taken else last
        return self.modules[module]


def _is_ours(resource: Registered) -> bool:
    return resource.parsed.type.startswith(OURS)


def _class(resource: Registered) -> type:
    cls = resource_class(resource.parsed.type)
    if cls is None or args_class(cls) is None:
        raise _not_installed(resource.parsed.type, resource.urn)
    return cls


def _args(cls: type) -> type:
    args = args_class(cls)
    assert args is not None
    return args


def _function(asked: Call) -> Function:
    found = function(asked.token)
    if found is None:
        raise _not_installed(asked.token, None)
    return found


def _not_installed(token: str, where: str | None) -> UsageError:
    return UsageError(
        f"no Pulumi package that is installed here has {token}",
        where=where,
        remedy="install it beside mlstack, and eject again",
    )


def _some(outputs: Any) -> Any:
    """Outputs without those that are None: of a component the SDK leaves them out."""
    return (
        {key: value for key, value in outputs.items() if value is not None}
        if isinstance(outputs, Mapping)
        else outputs
    )
