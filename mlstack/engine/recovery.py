"""After a run that was killed, or that lost an answer: what it was making is found and adopted, or cleared.

Before each create the engine records the new resource, with its inputs, as a pending operation; what it
forgets again, because the create seemed to fail, is in the stack's list of unanswered requests. Each of them
is looked for: one of our own types by its inputs (its name derives from them), one of a cloud's package by
the id that these inputs give it. What is there, and is this stack's, is written into the state; what the
program no longer wants is then deleted by the engine like anything else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack.engine.asked import Resource
from mlstack.engine.failures import place
from mlstack.engine.looking import Deployment, look
from mlstack.engine.project import state_file
from mlstack.engine.records import clear
from mlstack.engine.session import Say, Session
from mlstack.engine.urn import Urn
from mlstack.provider import STACK_TAG
from mlstack.registry import provider
from mlstack.resource import Context
from mlstack.resource import Resource as Gap

#: With this the engine tells the cloud once more what an adopted resource is to be: nobody knows how far the
#: request came that made it, nor whether it ended well.
UNFINISHED = ["the run that made it was interrupted"]


@dataclass
class Recovered:
    """``adopted`` counts what is in the state now and was not before. ``foreign`` are resources that are
    there, and not this stack's, by the URN that they would have: what is to be said of each."""

    adopted: int = 0
    foreign: dict[str, str] = field(default_factory=dict)


def recover(session: Session, say: Say) -> Recovered:
    """Bring the state to what is really there."""
    done = Recovered()
    unanswered = session.asked.unanswered() if session.existed else []
    if not unanswered and not (session.existed and _may_be_pending(session)):
        session.asked.forget()
        return done
    exported = json.loads(session.pulumi("stack", "export", "--show-secrets"))
    work = _Work(session, say, exported["deployment"], done)
    work.resolve(unanswered)
    if work.changed:
        session.pulumi("stack", "import", given=json.dumps(exported))
    session.asked.forget()
    return done


def _may_be_pending(session: Session) -> bool:
    """A look at the state file, where there is one, spares the engine's process."""
    folder = session.state_folder
    if folder is None:
        return True
    return '"pending_operations"' in state_file(folder, session.project).read_text()


class _Work:
    """One recovery. ``deployment`` is changed in place, its secrets are in clear."""

    def __init__(self, session: Session, say: Say, deployment: Deployment, done: Recovered) -> None:
        self.session = session
        self.say = say
        self.done = done
        self.resources: list[Resource] = deployment.setdefault("resources", [])
        self.deployment = deployment
        self.changed = False

    def resolve(self, unanswered: list[Resource]) -> None:
        pending = self.deployment.pop("pending_operations", None) or []
        self.changed = bool(pending)
        creating = [each["resource"] for each in pending if each["type"] == "creating"]
        for operation in pending:
            if operation["type"] != "creating":
                self._reread(operation["resource"]["urn"])
        noted = {each["urn"] for each in creating}
        asked = [each for each in map(self._placed, unanswered) if each and each["urn"] not in noted]
        looked = []
        for resource in (*creating, *asked):
            if Urn.parse(resource["urn"]).type.startswith("mlstack:"):
                self._find(resource, told=resource["urn"] in noted)
            elif (id := self._id(resource)) is not None:
                looked.append({**resource, "id": id})
            elif resource["urn"] in noted:
                self.say(
                    f"{resource['urn']}: the interrupted run may have made it, and it cannot be looked for"
                )
        self._look([each for each in looked if self._is_new(each)], noted)

    # our own types

    def _find(self, resource: Resource, *, told: bool) -> None:
        urn = Urn.parse(resource["urn"])
        found = _gap(urn).find(self._context(urn, resource["urn"]), clear(resource.get("inputs") or {}))
        known = self._current(resource["urn"])
        if known is not None:
            self._reread(resource["urn"])
            if found is not None and self._is_new({**resource, "id": found.id}):
                self.say(f"{urn.name}: the half-made replacement of the interrupted run is removed")
                _gap(urn).delete(self._context(urn, resource["urn"]), found)
        elif found is not None:
            # the engine reads it before anything else, and so gets the outputs that are secret
            public = {
                key: value for key, value in found.outputs.items() if key not in _gap(urn).secret_outputs
            }
            self._adopt({**resource, "id": found.id, "outputs": public, "refreshBeforeUpdate": True})
        elif told:
            self.say(f"{urn.name}: the interrupted run had not made it")

    def _context(self, urn: Urn, text: str) -> Context:
        return Context(root=self.session.project.root, urn=text, name=urn.name)

    # those of clouds

    def _id(self, resource: Resource) -> str | None:
        target = provider(self.session.project.cloud)
        token = Urn.parse(resource["urn"]).type
        inputs = clear(resource.get("inputs") or {})
        ids = [str(each["id"]) for each in self.resources if each.get("id")]
        return target.identify(token, inputs, self._account(resource), ids)

    def _account(self, resource: Resource) -> dict[str, str]:
        urn, _, _ = str(resource.get("provider")).rpartition("::")
        package = Urn.parse(resource["urn"]).type.partition(":")[0]
        found = next((each for each in self.resources if each["urn"] == urn), {})
        config = {f"{package}:{key}": str(value) for key, value in clear(found.get("inputs") or {}).items()}
        return {**os.environ, **self.session.stack.workspace.env_vars, **config}

    def _look(self, wanted: list[Resource], noted: set[str]) -> None:
        if wanted:
            self.say(f"looking whether {len(wanted)} resources are there, as no answer ever came")
        there = look(self.session, self.deployment, wanted)
        for resource in wanted:
            urn = Urn.parse(resource["urn"])
            found = there.get(resource["urn"])
            if found is None:
                if resource["urn"] in noted:
                    self.say(f"{urn.name}: the interrupted run had not made it")
            elif why := self._not_ours(resource, found):
                message = f"{found['id']} is there, and is not this stack's ({why}): it is left as it is"
                self.done.foreign[resource["urn"]] = message
                self.say(f"{place(resource['urn'])}: {message}")
            else:
                # its inputs are those that it was made with: what a cloud reads back has its defaults in it
                outputs = found.get("outputs") or {}
                self._adopt({**resource, "id": found["id"], "outputs": outputs, "initErrors": UNFINISHED})

    def _not_ours(self, wanted: Resource, found: Resource) -> str | None:
        """Why what was found may not be taken; None where it is the stack's own.

        What can carry the stack's tag has to. What cannot is ours where a builder has named it after the
        stack, as builders do; what a program makes beside them says nothing of whose it is.
        """
        uid = self.session.config.get("uid")
        if STACK_TAG in dict(_items(wanted.get("inputs"))):
            owner = dict(_items(found.get("outputs"))).get(STACK_TAG)
            return (
                None
                if owner == uid
                else f"its tag {STACK_TAG} is {owner}"
                if owner
                else f"no tag {STACK_TAG}"
            )
        return None if Urn.parse(wanted["urn"]).kind else "nothing tells whose it is"

    # the state

    def _current(self, urn: str) -> Resource | None:
        live = (each for each in self.resources if each["urn"] == urn and not each.get("delete"))
        return next((each for each in live if not each.get("pendingReplacement")), None)

    def _placed(self, resource: Resource) -> Resource | None:
        """An unanswered request with its provider as the state names it; None where it cannot have come to a
        create, as that or its parent is not there."""
        name, urns = str(resource["provider"]), {each["urn"] for each in self.resources}
        if not name.startswith("urn:"):
            fits = [each for each in self.resources if _names(each, name)]
            if not fits:
                return None
            name = f"{fits[0]['urn']}::{fits[0]['id']}"
        above = {name.rpartition("::")[0], *filter(None, [resource.get("parent")])}
        return {**resource, "provider": name} if above <= urns else None

    def _is_new(self, resource: Resource) -> bool:
        """Whether the state does not have it yet, as this resource or as another of its type: an id need not
        tell types apart. One that has its name by a change that was under way is to be read again."""
        type = Urn.parse(resource["urn"]).type
        for each in self.resources:
            same = str(each.get("id", "")).lower() == resource["id"].lower() and each.get("custom")
            same = same and Urn.parse(each["urn"]).type == type
            if same and not (each["urn"] == resource["urn"] and _is_going(each)):
                self._reread(each["urn"])
                return False
        return True

    def _reread(self, urn: str) -> None:
        """How far a change came is not known: the engine is to look before it says that nothing differs."""
        known = self._current(urn)
        if known is not None:
            known["refreshBeforeUpdate"] = self.changed = True

    def _adopt(self, resource: Resource) -> None:
        """Into the state: after what it needs, in the place of what it replaces, which is to go."""
        self.say(f"{Urn.parse(resource['urn']).name}: made by the interrupted run, adopted")
        self.changed = True
        self.done.adopted += 1
        gone = [
            each
            for each in self.resources
            if each["urn"] == resource["urn"]
            and (each.get("pendingReplacement") or str(each.get("id")).lower() == resource["id"].lower())
        ]
        before = self._current(resource["urn"])
        at = self.resources.index(before) if before else len(self.resources)
        urns = {each["urn"] for each in self.resources}
        needs = [urn for urn in resource.get("dependencies") or () if urn in urns]
        by_property = {
            key: kept
            for key, found in (resource.get("propertyDependencies") or {}).items()
            if (kept := [urn for urn in found if urn in urns])
        }
        last = max((at, *(i + 1 for i, each in enumerate(self.resources) if each["urn"] in needs)))
        placed = {**resource, "dependencies": needs, "propertyDependencies": by_property}
        if placed.get("deletedWith") not in urns:
            placed.pop("deletedWith", None)
        self.resources.insert(last, placed)
        if before is not None:
            before["delete"] = True
        for each in gone:
            self.resources.remove(each)


def _gap(urn: Urn) -> Gap[Any]:
    return provider(urn.type.split(":")[1]).resource(urn.type)


def _is_going(resource: Resource) -> bool:
    return bool(resource.get("delete") or resource.get("pendingReplacement"))


def _names(resource: Resource, name: str) -> bool:
    """Whether a provider of the state is the one that is called so, "type::name"; versions may be followed by
    the address of a plugin."""
    type, _, wanted = name.partition("::")
    urn = Urn.parse(resource["urn"])
    return urn.type == type and (urn.name == wanted or urn.name.startswith(f"{wanted}_"))


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key, item
            yield from _items(item)
    elif isinstance(value, list):
        for item in value:
            yield from _items(item)
