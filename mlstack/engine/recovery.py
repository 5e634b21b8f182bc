"""After a run that was killed: what it was making is found and adopted, or cleared.

Before each create the engine records the new resource, with its inputs, as a pending operation. So the
state itself says what may exist without being known. Each such resource of ours is looked for by type
and inputs (its name derives from them); what exists is written into the state, and what the program no
longer wants is then deleted by the engine like anything else.
"""

from __future__ import annotations

import json
from typing import Any

from mlstack.engine.project import state_file
from mlstack.engine.records import clear
from mlstack.engine.session import Say, Session
from mlstack.engine.urn import Urn
from mlstack.registry import provider
from mlstack.resource import Context, Resource, State


def recover(session: Session, say: Say) -> int:
    """Bring the state to what is really there; the number of pending operations that were resolved."""
    if not session.existed or not _may_be_pending(session):
        return 0
    exported = json.loads(session.pulumi("stack", "export"))
    deployment = exported["deployment"]
    pending = deployment.get("pending_operations") or []
    ours = [operation for operation in pending if _is_ours(operation)]
    if not ours:
        return 0
    plain = json.loads(session.pulumi("stack", "export", "--show-secrets"))["deployment"]
    inputs = {
        operation["resource"]["urn"]: clear(operation["resource"].get("inputs") or {})
        for operation in plain.get("pending_operations") or []
    }
    resources = deployment.setdefault("resources", [])
    known = {resource["urn"]: resource for resource in resources}
    for operation in ours:
        resource = operation["resource"]
        urn = Urn.parse(resource["urn"])
        if operation["type"] != "creating":
            # how far an update came is not known: the engine is to look before it says that nothing differs
            if resource["urn"] in known:
                known[resource["urn"]]["refreshBeforeUpdate"] = True
            continue
        found = _find(session, resource["urn"], urn, inputs[resource["urn"]])
        if resource["urn"] in known:
            if found is not None and found.id != known[resource["urn"]].get("id"):
                say(f"{urn.name}: the half-made replacement of the interrupted run is removed")
                _resource(urn).delete(_context(session, resource["urn"], urn), found)
            continue
        if found is None:
            say(f"{urn.name}: the interrupted run had not made it")
            continue
        say(f"{urn.name}: made by the interrupted run, adopted")
        # the engine reads it before anything else, and so gets the outputs that are secret, encrypted
        adopted = {"id": found.id, "outputs": _public(found, urn), "refreshBeforeUpdate": True}
        resources.append({**resource, **adopted})
    deployment["pending_operations"] = [operation for operation in pending if operation not in ours]
    recovered = session.work / "recovered.json"
    recovered.write_text(json.dumps(exported))
    session.pulumi("stack", "import", "--file", str(recovered))
    recovered.unlink()
    return len(ours)


def _may_be_pending(session: Session) -> bool:
    """A look at the state file, where there is one, spares the engine's process."""
    folder = session.state_folder
    if folder is None:
        return True
    return '"pending_operations"' in state_file(folder, session.project).read_text()


def _is_ours(operation: dict[str, Any]) -> bool:
    return Urn.parse(operation["resource"]["urn"]).type.startswith("mlstack:")


def _find(session: Session, text: str, urn: Urn, inputs: dict[str, Any]) -> State | None:
    return _resource(urn).find(_context(session, text, urn), inputs)


def _resource(urn: Urn) -> Resource[Any]:
    return provider(urn.type.split(":")[1]).resource(urn.type)


def _context(session: Session, text: str, urn: Urn) -> Context:
    return Context(root=session.project.root, urn=text, name=urn.name)


def _public(found: State, urn: Urn) -> dict[str, Any]:
    """Outputs without the secret ones, which must not stand in the state in clear."""
    hidden = _resource(urn).secret_outputs
    return {key: value for key, value in found.outputs.items() if key not in hidden}
