"""What refers to what in a stack: order, and references that lead nowhere or in a loop.

References are found by the marks on the fields of the spec (`mlstack.spec.references.Ref`,
`mlstack.spec.placeholders.Holds`); no kind is named here but for what its outputs are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.errors import Problem, SpecError
from mlstack.spec.kinds import KINDS, resources
from mlstack.spec.placeholders import Holds, placeholders
from mlstack.spec.references import Ref
from mlstack.spec.stack import Stack
from mlstack.spec.walk import Found, Path, found
from mlstack.suggest import suggest

Node = tuple[str, str]
"""Collection key and name of a resource: ("jobs", "train")."""


@dataclass(frozen=True)
class Reference:
    """``source`` (a path in the spec) refers to ``name`` of ``kind``, and to ``rest`` of that.

    ``scope`` is the path of what holds the collection: () for the stack's own kinds, the pipeline for its
    steps, the endpoint for its deployments, the job for its inputs and outputs.
    """

    source: Path
    kind: str
    name: str
    rest: tuple[str, ...] = ()
    scope: Path = ()

    @property
    def path(self) -> str:
        return dotted(self.source)


def dotted(path: Path) -> str:
    """A path as it is shown: endpoints.digits.deployments."""
    return ".".join(map(str, path))


def references(stack: Stack) -> list[Reference]:
    """All references of a stack, in the order of the spec; a malformed placeholder is none."""
    return list(_references(stack))


def order(stack: Stack) -> list[Node]:
    """Every resource after all that it refers to, else in the order of kinds and of the file.

    A kind without names stands for itself under the name "default". A loop raises `SpecError`.
    """
    edges = _edges(stack)
    ordered, loops = _sorted(edges)
    if loops:
        raise SpecError([_loop_problem(loop, edges, _shown) for loop in loops])
    return ordered


def problems(stack: Stack, *, declared: Mapping[str, Collection[str]] | None = None) -> list[Problem]:
    """What is wrong between the resources of a stack, each with its path, none with file or line.

    ``declared``: per collection key, names that exist though the stack lacks them (their entries are
    wrong in another way, and reported by whoever found that).
    """
    checker = _Checker(stack, declared or {})
    wrong = [*checker.placeholders(), *checker.references(), *checker.step_inputs()]
    edges = _edges(stack)
    wrong += [_loop_problem(loop, edges, _shown) for loop in _sorted(edges)[1]]
    for steps in _pipelines(stack):
        wrong += [_loop_problem(loop, steps, str) for loop in _sorted(steps)[1]]
    return list(dict.fromkeys(wrong))


def _references(stack: Stack) -> Iterator[Reference]:
    for item in found(stack):
        if isinstance(item.mark, Ref):
            kind, name, rest = item.mark.target(item.text)
            yield Reference(item.path, kind, name, rest, _scope(stack, item.path, kind))
        else:
            for placeholder in placeholders(item.text):
                if _well_formed(item.mark, placeholder.parts):
                    kind, name, *more = placeholder.parts
                    yield Reference(item.path, kind, name, tuple(more), item.path[:2])


def _well_formed(mark: Holds, parts: tuple[str, ...]) -> bool:
    kind = parts[0]
    if kind not in mark.kinds or not all(parts):
        return False
    return len(parts) >= 4 and parts[2] == "metrics" if kind == "steps" else len(parts) == 2


def _scope(stack: Stack, source: Path, kind: str) -> Path:
    """Where the collection is that a reference of this kind looks into."""
    if kind in KINDS:
        return ()
    if kind == "deployments":
        return ("endpoints", getattr(at(stack, source[:-1]), "endpoint", None) or "")
    return source[:2]


def at(value: Any, path: Path) -> Any:
    """The value at a path of the spec, or None where there is none."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[step] if isinstance(step, int) and step < len(value) else None
        else:
            value = getattr(value, "from_" if step == "from" else str(step), None)
    return value


# Order and loops. Edges: who refers to whom, and by which path.

Edges = dict[Any, dict[Any, Path]]


def _edges(stack: Stack) -> Edges:
    edges: Edges = {(key, name): {} for key, name, _ in resources(stack)}
    for reference in _references(stack):
        source = (str(reference.source[0]), str(reference.source[1]))
        target = (reference.kind, reference.name)
        if reference.scope[:1] == ("endpoints",):
            target = ("endpoints", str(reference.scope[1]))
        if source in edges and target in edges and (reference.kind in KINDS or target != source):
            edges[source].setdefault(target, reference.source)
    return edges


def _pipelines(stack: Stack) -> Iterator[Edges]:
    """For each pipeline, which step needs which."""
    for name, pipeline in (stack.pipelines or {}).items():
        scope = ("pipelines", name)
        steps = getattr(pipeline, "steps", None)
        edges: Edges = {step: {} for step in steps or ()}
        for item in found(pipeline, scope):
            for reference in _of_steps(item):
                edges[item.path[3]].setdefault(reference, item.path)
        yield {step: {to: by for to, by in out.items() if to in edges} for step, out in edges.items()}


def _of_steps(item: Found) -> Iterator[str]:
    if isinstance(item.mark, Ref):
        target = item.mark.target(item.text)
        if target.kind == "steps":
            yield target.name
    else:
        for placeholder in placeholders(item.text):
            if _well_formed(item.mark, placeholder.parts):
                yield placeholder.parts[1]


def _sorted(edges: Edges) -> tuple[list[Any], list[list[Any]]]:
    """All nodes, each after those it points at; and the loops that were met, each once."""
    done: dict[Any, None] = {}
    loops: list[list[Any]] = []
    for root in edges:
        trail: dict[Any, Iterator[Any]] = {root: iter(edges[root])} if root not in done else {}
        while trail:
            node, ahead = next(reversed(trail.items()))
            following = next(ahead, None)
            if following is None:
                done[node] = None
                del trail[node]
            elif following in trail:
                names = list(trail)
                loops.append(names[names.index(following) :])
            elif following not in done:
                trail[following] = iter(edges[following])
    return list(done), loops


def _shown(node: Node) -> str:
    return ".".join(node)


def _loop_problem(loop: list[Any], edges: Edges, show: Callable[[Any], str]) -> Problem:
    if len(loop) == 1:
        message = f"{show(loop[0])} needs itself"
    else:
        message = f"{' needs '.join(map(show, [*loop, loop[0]]))}: a loop, in which nothing can be first"
    closing = edges[loop[-1]][loop[0]]
    return Problem("cycle", message, dotted(closing), remedy="take one of these references out")


class _Checker:
    """Looks each reference up; what is not built but declared counts as there."""

    def __init__(self, stack: Stack, declared: Mapping[str, Collection[str]]) -> None:
        self.stack = stack
        self.declared = declared

    def references(self) -> Iterator[Problem]:
        for reference in _references(self.stack):
            yield from self._reference(reference)

    def _reference(self, reference: Reference) -> Iterator[Problem]:
        held = at(self.stack, (*reference.scope, reference.kind))
        names = [*(held or ()), *(() if reference.scope else self.declared.get(reference.kind, ()))]
        if reference.scope and not isinstance(held, Mapping):
            return  # what holds it is wrong itself, or dangles
        if reference.name not in names:
            yield _dangling(reference, names)
        elif held and reference.rest:
            yield from self._rest(reference, held.get(reference.name))

    def _rest(self, reference: Reference, owner: Any) -> Iterator[Problem]:
        """``jobs.train.model``, ``steps.train.model``: is there such an output?"""
        job: Any = owner
        if reference.kind == "steps":
            named = getattr(owner, "job", None)
            if owner is not None and not isinstance(named, str):
                yield Problem(
                    "dangling-reference",
                    f"step {reference.name!r} is no job, so it has no outputs and no metrics",
                    reference.path,
                    remedy="refer to a step that runs a job",
                )
            if reference.rest[0] == "metrics" and len(reference.rest) > 1:
                return
            job = at(self.stack, ("jobs", named or ""))
        outputs = getattr(job, "outputs", None)
        if isinstance(outputs, Mapping) and reference.rest[0] not in outputs:
            whose = f"{reference.kind}.{reference.name}"
            yield Problem(
                "unknown-output",
                f"{whose} has no output {reference.rest[0]!r}",
                reference.path,
                remedy=_remedy(reference.rest[0], outputs, f"declare it under the outputs of {whose}"),
            )

    def placeholders(self) -> Iterator[Problem]:
        for item in found(self.stack):
            if isinstance(item.mark, Holds):
                for placeholder in placeholders(item.text):
                    if not _well_formed(item.mark, placeholder.parts):
                        yield Problem(
                            "bad-placeholder",
                            f"{placeholder.text[:80]} is no placeholder that is known here",
                            dotted(item.path),
                            remedy=f"write {item.mark.forms}",
                        )

    def step_inputs(self) -> Iterator[Problem]:
        """A step changes inputs of its job; others it cannot have."""
        for name, pipeline in (self.stack.pipelines or {}).items():
            for label, step in (getattr(pipeline, "steps", None) or {}).items():
                known = at(self.stack, ("jobs", getattr(step, "job", None) or "", "inputs"))
                given = getattr(step, "inputs", None) or {}
                for key in given if isinstance(known, Mapping) else ():
                    if key not in known:
                        yield Problem(
                            "unknown-input",
                            f"job {step.job!r} has no input {key!r}",
                            dotted(("pipelines", name, "steps", label, "inputs", key)),
                            remedy=_remedy(key, known, f"declare it under the inputs of jobs.{step.job}"),
                        )


_WORDS = {"steps": "step", "deployments": "deployment", "inputs": "input", "outputs": "output"}


def _dangling(reference: Reference, names: Iterable[str]) -> Problem:
    kind = KINDS.get(reference.kind)
    word = kind.singular if kind else _WORDS[reference.kind]
    where = f" in {dotted(reference.scope)}" if reference.scope else ""
    place = dotted((*reference.scope, reference.kind))
    return Problem(
        "dangling-reference",
        f"there is no {word} named {reference.name!r}{where}",
        reference.path,
        remedy=_remedy(reference.name, names, f"declare it under {place}"),
    )


def _remedy(word: str, known: Iterable[str], otherwise: str) -> str:
    known = list(dict.fromkeys(known))
    near = suggest(word, known)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"{otherwise}, or use one that is there: {', '.join(known[:10])}" if known else otherwise
