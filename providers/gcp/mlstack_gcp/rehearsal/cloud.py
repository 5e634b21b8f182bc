"""The emulated Google Cloud behind both doors: REST documents by the name that Google gives them.

Ids of documents hold the project's id ("projects/p/locations/l/endpoints/1"); in what Vertex AI answers the
same name has the project's number, as there. Either is taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mlstack.rehearsal import World
from mlstack_gcp.rehearsal.refusals import Refused, missing
from mlstack_gcp.rehearsal.rules import CONDITIONS, RULES, View

DEFAULT_PROJECT = "rehearsal-project"
USUAL_REGION = "us-central1"
SEEDED = "~seeded/"
KEPT = "~kept/"

Document = dict[str, Any]


def number(text: str, digits: int = 12) -> str:
    """A number made of a text, always the same one."""
    found = int(hashlib.sha256(text.encode()).hexdigest(), 16) % (9 * 10 ** (digits - 1))
    return str(found + 10 ** (digits - 1))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Cloud:
    def __init__(self, world: World, project: str, region: str | None) -> None:
        self.world = world
        self.project = project
        self.region = region or USUAL_REGION

    @property
    def number(self) -> str:
        """The number of the project."""
        return number(self.project)

    def canonical(self, name: str) -> str:
        """A name with the project's id, where it had the number."""
        return re.sub(rf"^projects/{self.number}(/|$)", rf"projects/{self.project}\1", name)

    def numbered(self, value: Any) -> Any:
        """A name, or all names in a document, with the project's number, as Vertex AI answers."""
        if isinstance(value, str):
            head = f"projects/{self.project}/"
            return f"projects/{self.number}/{value[len(head) :]}" if value.startswith(head) else value
        if isinstance(value, dict):
            return {key: self.numbered(one) for key, one in value.items()}
        return [self.numbered(one) for one in value] if isinstance(value, list) else value

    def get(self, name: str) -> Document | None:
        return self.world.get(self.canonical(name))

    def there(self, name: str) -> Document:
        """Refused NOT_FOUND: it is not."""
        found = self.get(name)
        if found is None:
            raise missing(name)
        return found

    def put(self, name: str, kind: str, document: Mapping[str, Any]) -> None:
        self.world.put(self.canonical(name), kind, document)

    def of(self, kind: str, under: str = "") -> Iterator[tuple[str, Document]]:
        """Documents of a kind below a name."""
        for id, found, document in self.world.under(self.canonical(under)):
            if found == kind and not id.startswith("~"):
                yield id, document

    def judge(self, kind: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """(path, message, source) for each rule that the inputs of a kind break."""
        view = View(inputs)
        for rule in RULES:
            if kind in rule.kinds:
                for path, message in rule.judge(view):
                    yield path, message, rule.source

    def meet(self, verb: str, kind: str, name: str, document: Mapping[str, Any]) -> None:
        """Refused: a condition of the platform on what is there as well."""
        for one in CONDITIONS:
            if kind in one.kinds and verb == one.verb:
                for fault in one.judge(self, self.canonical(name), document):
                    raise fault

    def make(self, name: str, kind: str, document: Document) -> Document:
        """Refused ALREADY_EXISTS: the name is taken."""
        name = self.canonical(name)
        with self.world.transaction():
            if self.world.get(name) is not None:
                raise Refused("ALREADY_EXISTS", f"Resource '{name}' already exists.")
            self.meet("create", kind, name, document)
            self.world.put(name, kind, document)
        return document

    def change(self, name: str, kind: str, document: Document) -> Document:
        name = self.canonical(name)
        with self.world.transaction():
            self.there(name)
            self.meet("update", kind, name, document)
            self.world.put(name, kind, document)
        return document

    def remove(self, name: str, kind: str) -> None:
        """With all that is below it and its policy. Refused NOT_FOUND: it is gone already."""
        name = self.canonical(name)
        with self.world.transaction():
            self.meet("delete", kind, name, self.there(name))
            for id in [name, *(id for id, _, _ in self.world.under(f"{name}/")), f"iam/{name}"]:
                self.world.remove(id)
            for path in self.world.blobs(f"~secrets/{name}/"):
                self.world.remove_blob(path)
