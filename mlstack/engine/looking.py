"""What of some resources is really there, read by the engine itself with the cloud's own Pulumi package.

It reads them in a state of their own, which is thrown away: so what turns out to be somebody else's has never
been in the stack's state, whenever the command is killed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pulumi.automation.errors import CommandError

from mlstack.engine.events import Journal
from mlstack.engine.failures import failure
from mlstack.engine.session import Session
from mlstack.engine.urn import Urn

Resource = dict[str, Any]
Deployment = dict[str, Any]


def look(session: Session, deployment: Deployment, wanted: Sequence[Resource]) -> dict[str, Resource]:
    """Those of ``wanted`` that are there, by URN, with the outputs that were read.

    Each of ``wanted`` has its id and inputs. Raises MlstackError when the cloud cannot be asked.
    """
    if not wanted:
        return {}
    above = [each for each in deployment["resources"] if not each.get("custom") or _is_provider(each)]
    held = {each["urn"] for each in (*above, *wanted)}
    # outputs are marked as secret where they are in what was there before: the inputs stand for that
    asked = [{**each, "outputs": each.get("inputs") or {}} for each in wanted]
    resources = [_alone(each, held) for each in (*above, *asked)]
    with tempfile.TemporaryDirectory(dir=session.work) as folder:
        try:
            read = _read(session, Path(folder), {**deployment, "resources": resources})
        except CommandError as error:
            failed = failure(Journal(), str(error))
            failed.message = f"what an interrupted run has made cannot be looked for: {failed.message}"
            raise failed from error
    urns = {each["urn"] for each in wanted}
    return {each["urn"]: each for each in read["resources"] if each["urn"] in urns}


def _read(session: Session, folder: Path, deployment: Deployment) -> Deployment:
    stack = session.project.short_stack
    for file in session.work.glob("Pulumi*.yaml"):
        shutil.copy(file, folder)
    states = folder / "states"
    states.mkdir()
    variables = {**session.stack.workspace.env_vars, "PULUMI_BACKEND_URL": states.as_uri()}

    def pulumi(*arguments: str, given: str | None = None) -> str:
        options = ["--stack", stack]
        return session.command.run([*arguments, *options], str(folder), variables, given=given).stdout

    secrets = session.config.secrets_provider
    pulumi("stack", "init", "--no-select", *(["--secrets-provider", secrets] if secrets else []))
    pulumi("stack", "import", given=json.dumps({"version": 3, "deployment": deployment}))
    pulumi("refresh", "--yes", "--skip-preview")
    read: Deployment = json.loads(pulumi("stack", "export", "--show-secrets"))["deployment"]
    return read


def _alone(resource: Resource, held: set[str]) -> Resource:
    """A resource without what it needs of those that are left out."""
    found = {key: value for key, value in resource.items() if key != "propertyDependencies"}
    found["dependencies"] = [urn for urn in resource.get("dependencies") or () if urn in held]
    if found.get("deletedWith") not in held:
        found.pop("deletedWith", None)
    return found


def _is_provider(resource: Resource) -> bool:
    return Urn.parse(resource["urn"]).is_provider
