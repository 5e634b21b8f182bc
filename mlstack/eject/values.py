"""Values as a person would write them: references, typed classes, secrets by where they are, literals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack.eject.layout import Expression, call, flat, listed, literal, mapping, quoted
from mlstack.eject.marks import Leaf, Marks, Piece, plain
from mlstack.errors import UsageError
from mlstack.plugin.wire import SECRET, SIGNATURE
from mlstack.sdktypes import arm, is_args, is_mapping, items, wire_shape

#: The expression of a leaf; None where the program cannot reach it.
Reach = Callable[[Leaf], str | None]


@dataclass
class Writer:
    """Writes values of one recording.

    ``reach`` says how the program gets at a leaf; ``secrets`` are values and the environment variable that
    holds each. What is secret and has neither is read from Pulumi's config, whose keys are collected in
    ``asked``. ``hidden`` are leaves that the program makes secrets of. ``qualified`` names a class as the
    program imports it.
    """

    marks: Marks
    reach: Reach
    qualified: Callable[[type], str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hidden: frozenset[Leaf] = frozenset()

    def write(self, sent: Any, marked: Any, types: tuple[Any, ...] = (), key: str = "") -> Expression:
        """The expression of a value as it was sent. ``marked`` is the same with marks; ``types`` what the SDK
        has for it; ``key`` names it in the config, should it be asked for."""
        if isinstance(sent, Mapping):
            if SIGNATURE in sent:
                return self._signed(sent, marked, types, key)
            return self._mapping(sent, marked if isinstance(marked, Mapping) else sent, types, key)
        if isinstance(sent, list):
            alike = isinstance(marked, list) and len(marked) == len(sent)
            held = next((items(each) for each in types if items(each) and not is_mapping(each)), None) or ()
            pairs = zip(sent, marked if alike else sent, strict=True)
            return listed([self.write(*pair, held, f"{key}-{n}") for n, pair in enumerate(pairs)])
        if isinstance(sent, str):
            return self._reference(sent, marked) or literal(sent)
        return literal(sent)

    def _reference(self, sent: str, marked: Any, *, secret: bool = False) -> Expression | None:
        """A text by where it comes from; None for a constant. With ``secret`` it is to be one, else not."""
        parts = self.marks.parts(marked) if plain(marked) == sent else []
        leaves = [part.leaf for part in parts if isinstance(part, Piece)]
        written = [self._piece(part) if isinstance(part, Piece) else literal(part) for part in parts]
        known = [each for each in written if each is not None]
        is_secret = any(leaf.secret for leaf in leaves)
        if not leaves or len(known) < len(written):
            return None
        explained = is_secret or any(leaf in self.hidden for leaf in leaves)
        if secret and not explained and len(leaves) < len(parts):
            return None  # what stands between the pieces may be what is secret
        whole = known[0] if len(known) == 1 else call("pulumi.Output.concat", *known)
        if is_secret == secret:
            return whole
        return call("pulumi.Output.secret" if secret else "pulumi.Output.unsecret", whole)

    def _piece(self, piece: Piece) -> Expression | None:
        reached = self.reach(piece.leaf)
        if reached is None or piece.whole:
            return reached
        if piece.stop == piece.start + 1:
            at = -1 if piece.stop == piece.count else piece.start
            return call(f"{reached}.apply", f'lambda text: text.split("/")[{at}]')
        held = f"{piece.start or ''}:{piece.stop if piece.stop < piece.count else ''}"
        return call(f"{reached}.apply", f'lambda text: "/".join(text.split("/")[{held}])')

    def _mapping(
        self, sent: Mapping[str, Any], marked: Mapping[str, Any], types: tuple[Any, ...], key: str
    ) -> Expression:
        named = {plain(k): (k, v) for k, v in marked.items()}
        pairs = {k: named.get(k, (k, v)) for k, v in sent.items()}
        if any(k != written for k, (written, _) in pairs.items()):
            return self._keyed(sent, {k: written for k, (written, _) in pairs.items()}, types, key)
        cls = arm(sent, types, wire=True) if any(is_args(each) for each in types) else None
        if cls is not None and sent.keys() <= wire_shape(cls).keys():
            shape = wire_shape(cls)
            written = {
                shape[k].name: self.write(sent[k], pairs[k][1], shape[k].types, f"{key}-{k}")
                for k in shape
                if k in sent
            }
            return call(self.qualified(cls), **written)
        held = next((items(each) for each in types if is_mapping(each)), None) or ()
        return mapping({k: self.write(sent[k], pairs[k][1], held, f"{key}-{k}") for k in sorted(sent)})

    def _keyed(
        self, sent: Mapping[str, Any], keys: Mapping[str, str], types: tuple[Any, ...], key: str
    ) -> Expression:
        """A mapping with outputs for keys: its values are constant."""
        held = next((items(each) for each in types if is_mapping(each)), None) or ()
        order = sorted(sent)
        outputs = [self._reference(k, keys[k]) or literal(k) for k in order]
        names = ["key"] if len(order) == 1 else [f"keys[{n}]" for n in range(len(order))]
        values = [
            f"{name}: {flat(self.write(sent[k], None, held, key))}"
            for name, k in zip(names, order, strict=True)
        ]
        body = f"{{{', '.join(values)}}}"
        if len(order) == 1:
            return call(f"{flat(outputs[0])}.apply", f"lambda key: {body}")
        return call(f"{flat(call('pulumi.Output.all', *outputs))}.apply", f"lambda keys: {body}")

    def _signed(self, sent: Mapping[str, Any], marked: Any, types: tuple[Any, ...], key: str) -> Expression:
        if sent[SIGNATURE] != SECRET:
            raise UsageError(
                f"{key} is an asset or a resource, which eject does not write",
                remedy="in a program of your own, keep that resource as it stands there",
            )
        value, seen = sent["value"], marked.get("value") if isinstance(marked, Mapping) else None
        if isinstance(value, str):
            if variable := self.secrets.get(value):
                return call("pulumi.Output.secret", f"os.environ[{quoted(variable)}]")
            if found := self._reference(value, seen, secret=True):
                return found
        elif not self._has_constants(value, seen):
            return call("pulumi.Output.secret", self.write(value, seen, types, key))
        self.asked.append(key)
        return f"config.require_secret{'' if isinstance(value, str) else '_object'}({quoted(key)})"

    def _has_constants(self, sent: Any, marked: Any) -> bool:
        """Whether a secret value would be written out, or a part of it."""
        if isinstance(sent, Mapping):
            seen = marked if isinstance(marked, Mapping) else {}
            return any(self._has_constants(v, seen.get(k)) for k, v in sent.items())
        if isinstance(sent, list):
            pairs = zip(sent, marked if isinstance(marked, list) else sent, strict=False)
            return any(self._has_constants(*pair) for pair in pairs)
        if isinstance(sent, str):
            return self._reference(sent, marked) is None
        return sent is not None and not isinstance(sent, bool)
