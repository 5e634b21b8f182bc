"""From YAML text to a tree of nodes that know their places. Nothing is constructed but plain data.

The parser is ruamel's (pure Python, YAML 1.2), read event by event, so that a file which is deep,
endless or explosive is refused at the event that shows it, and so that what is wrong but readable
(a key given twice, a tag) does not hide what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from mlstack.errors import Problem
from mlstack.spec.load import syntax
from mlstack.spec.load.limits import MAX_DEPTH, MAX_VALUES
from mlstack.spec.load.scalars import resolve
from mlstack.spec.load.scanner import TooDeepError, parser
from mlstack.spec.source import Entry, Node, Place, Step, dotted

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CORE = "tag:yaml.org,2002:"
_SHOWN_STEPS = 12  # of the path of a problem; no field of the spec lies deeper


def compose(text: str, file: str | None, fixed: Place | None = None) -> tuple[Node | None, list[Problem]]:
    """The tree of a text, and all that is wrong with it as YAML.

    The tree is None for a text without a value, and after an error that leaves nothing to go on with.
    ``fixed`` is the place of every node where the text is no file (``--set``).
    """
    composer = _Composer(text, file, fixed)
    tree: Node | None = None
    try:
        tree = composer.document()
    except _Refused:
        pass
    except TooDeepError as error:
        composer.problems.append(syntax.too_deep(error, file))
    except MarkedYAMLError as error:
        composer.problems.append(syntax.problem(error, text, file))
    except ReaderError as error:
        composer.problems.append(syntax.bad_character(error, text, file))
    except Exception as error:
        # The parser is other people's code, and trips over some texts instead of refusing them.
        composer.problems.append(syntax.unreadable(error, file))
    return tree, composer.problems


class _Refused(Exception):  # noqa: N818 - control flow: the problem is on the list already
    """There is no point in reading on."""


class _Composer:
    def __init__(self, text: str, file: str | None, fixed: Place | None) -> None:
        self.file = file
        self.fixed = fixed
        self.problems: list[Problem] = []
        self.path: list[Step] = []
        self.anchors: dict[str, Node | None] = {}  # None while the anchored value is still open
        self.count = 0
        self.last: Event | None = None
        self.events: Iterator[Event] = iter(parser().parse(text))

    def document(self) -> Node | None:
        """The first document; a second one is reported."""
        tree = None
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    self.report(
                        "several-documents",
                        "a second document begins here; a spec is one document",
                        event,
                        "remove the --- line, or put the rest into a file of its own",
                    )
                    return tree
                seen = True
                tree = self.node(self.next())
            elif seen and not isinstance(event, DocumentEndEvent):
                break
        return tree

    def next(self) -> Event:
        event = next(self.events)
        self.count += 1
        if self.count > MAX_VALUES:
            self.refuse(
                "too-large",
                f"the spec has more than {MAX_VALUES} keys and values",
                event,
                "keep data out of the spec: put it into files and name their paths",
            )
        return event

    def node(self, event: Event) -> Node:
        if isinstance(event, AliasEvent):
            return self.alias(event)
        assert isinstance(event, NodeEvent)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        place = self.place(event)
        if isinstance(event, ScalarEvent):
            text = self.text(event)
            node = Node(place, text if event.style else resolve(text))
        elif isinstance(event, SequenceStartEvent):
            node = self.sequence(event, place)
        else:
            assert isinstance(event, MappingStartEvent)
            node = self.mapping(event, place)
        self.check_tag(event, node)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def text(self, event: ScalarEvent) -> str:
        """The scalar's text; a character that JSON writes as two escapes (``\\ud83d\\ude00``) is made one."""
        text = str(event.value)
        if not _SURROGATE.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            remedy = "write the character itself, or both halves of it"
            self.report("bad-character", "the escape is half a character", event, remedy)
            return _SURROGATE.sub("?", text)

    def sequence(self, start: Event, place: Place) -> Node:
        self.check_depth(len(self.path) + 1, start)
        children: list[Node] = []
        while not isinstance(event := self.next(), SequenceEndEvent):
            self.path.append(len(children))
            children.append(self.node(event))
            self.path.pop()
        return self.measured(Node(place, children), children, start)

    def mapping(self, start: Event, place: Place) -> Node:
        self.check_depth(len(self.path) + 1, start)
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        while not isinstance(event := self.next(), MappingEndEvent):
            key_place = self.place(event)
            if isinstance(event, ScalarEvent) and event.value == "<<" and not event.style:
                self.merge(self.next(), merged)
                continue
            key = self.key(event)
            self.path.append(key if key is not None else "?")
            if key in own:
                self.report(
                    "duplicate-key",
                    f"the key '{key}' is given twice: {_line(own[key].key)} and {_line(key_place)}",
                    event,
                    "keep one of the two",
                )
            value = self.node(self.next())
            self.path.pop()
            if key is not None:
                own[key] = Entry(key_place, value)
        entries = {**{name: entry for name, entry in merged.items() if name not in own}, **own}
        return self.measured(Node(place, entries), [entry.node for entry in entries.values()], start)

    def key(self, event: Event) -> str | None:
        """The name that a key's event stands for; None where it cannot be one (reported)."""
        node = self.node(event)
        if isinstance(node.value, str):
            return node.value
        text = str(event.value) if isinstance(event, ScalarEvent) else ""
        if text:
            remedy = f'put it in quotes: "{text}"'
            self.report("non-string-key", f"the key {text} is no text", event, remedy)
            return text
        self.report("non-string-key", "a key is a text here", event, "write `name: value`")
        return None

    def merge(self, event: Event, into: dict[str, Entry]) -> None:
        """``<<: *other`` or ``<<: [*one, *other]``; of several the first to have a key wins."""
        self.path.append("<<")
        node = self.node(event)
        self.path.pop()
        for source in node.value if isinstance(node.value, list) else [node]:
            if isinstance(source.value, dict):
                for name, entry in source.value.items():
                    into.setdefault(name, entry)
            else:
                self.report(
                    "bad-merge",
                    "<< takes a mapping, or a list of them",
                    event,
                    "point it to an anchor: <<: *name",
                )

    def alias(self, event: AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            self.report(
                "unknown-anchor",
                f"nothing above is marked &{event.anchor}",
                event,
                f"mark the value that is meant with &{event.anchor}, above this line",
            )
            return Node(self.place(event), None, broken=True)
        node = self.anchors[event.anchor]
        if node is None:
            self.refuse(
                "too-many-aliases",
                f"the alias *{event.anchor} stands within the value that it names: it has no end",
                event,
                "write the inner value out",
            )
        return node

    def measured(self, node: Node, children: list[Node], start: Event) -> Node:
        """The node with its size and height, aliases written out; refused where they are too much."""
        node.size = 1 + sum(child.size for child in children)
        node.height = 1 + max((child.height for child in children), default=0)
        if node.size > MAX_VALUES:
            self.refuse(
                "too-many-aliases",
                f"with its aliases written out, this has more than {MAX_VALUES} values",
                start,
                "write out what is meant, without aliases of aliases",
            )
        self.check_depth(len(self.path) + node.height - 1, start)
        return node

    def check_depth(self, depth: int, event: Event) -> None:
        if depth > MAX_DEPTH:
            self.problems.append(syntax.too_deep(event, self.file))
            raise _Refused

    def check_tag(self, event: NodeEvent, node: Node) -> None:
        tag = getattr(event, "tag", None)
        if tag is None:
            return
        written = str(tag).replace(_CORE, "!!", 1)
        shown = written if len(written) <= 60 else written[:57] + "..."
        node.broken = True
        self.report(
            "yaml-tag",
            f"the tag {shown} is not allowed: a spec is plain data",
            event,
            "remove the tag; quotes make a text of a value",
        )

    def place(self, event: Event) -> Place:
        if self.fixed is not None:
            return self.fixed
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def report(self, code: str, message: str, event: Event, remedy: str) -> None:
        place = self.place(event)
        path = dotted(self.path[:_SHOWN_STEPS])
        self.problems.append(Problem(code, message, path, place.file, place.line, place.column, remedy))

    def refuse(self, code: str, message: str, event: Event, remedy: str) -> NoReturn:
        self.report(code, message, event, remedy)
        raise _Refused


def _line(place: Place) -> str:
    return f"line {place.line}"
