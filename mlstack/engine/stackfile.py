"""`Pulumi.<stack>.yaml`: the stack's config, encryption salt, uid and pinned choices. To be committed."""

from __future__ import annotations

import os
import secrets
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlstack.errors import UsageError

NAMESPACE = "mlstack"
#: What a stack is, and not what its user has set.
_IDENTITY = tuple(f"{NAMESPACE}:{key}" for key in ("uid", "cloud", "project", "generation"))
STAND_IN = "rehearsed"


def read_mapping(path: Path, yaml: YAML) -> Any:
    """The mapping that a file of Pulumi's holds; empty where there is no file. UsageError: it holds none."""
    try:
        data = yaml.load(path) if path.is_file() else None
    except (YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise UsageError(
            f"{path.name} is no YAML: {said}", where=str(path), remedy="mend the file there"
        ) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(
            f"{path.name} holds no mapping", where=str(path), remedy="write `key: value` lines, or delete it"
        )
    return data


class StackFile:
    """One stack's file, edited in place: comments and order survive. Writes are atomic."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._yaml = YAML()
        self._data: Any = read_mapping(path, self._yaml)

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    @property
    def salt(self) -> str | None:
        """The passphrase provider's salt; None before the first `up`, and with another provider."""
        salt: str | None = self._data.get("encryptionsalt")
        return salt

    @property
    def secrets_provider(self) -> str | None:
        provider: str | None = self._data.get("secretsprovider")
        return provider

    def get(self, key: str) -> Any:
        return (self._data.get("config") or {}).get(f"{NAMESPACE}:{key}")

    def set(self, key: str, value: Any) -> None:
        self._data.setdefault("config", {})[f"{NAMESPACE}:{key}"] = value

    def bind(self, cloud: str, project: str) -> str:
        """Give the stack its uid, and bind it to its cloud and project; the uid. What is set stays.

        UsageError when it belongs to a project of another name: the engine would begin anew with the same
        uid, and two states would claim the same things.
        """
        owner = self.get("project")
        if owner not in (None, project):
            raise UsageError(
                f"this stack belongs to the project {owner!r}, and the spec's name is {project!r} now",
                code="renamed-project",
                where=self.path.name,
                remedy=f"set the name back to {owner!r}; to rename, take the stack down first, "
                "then delete this file",
            )
        for key, value in (("uid", secrets.token_hex(4)), ("cloud", cloud), ("project", project)):
            if self.get(key) is None:
                self.set(key, value)
        return str(self.get("uid"))

    def begin_generation(self) -> None:
        """Count on: physical names that have the counter in them are others from now on."""
        self.set("generation", str(int(self.get("generation") or 0) + 1))

    def borrow(self, other: StackFile) -> None:
        """Take over the config of another stack's file, but for what makes that stack the one that it is.

        A secret stays where it is: its key gets a stand-in, as nobody can decrypt it with this file's salt.
        """
        config = self._data.setdefault("config", {})
        for key, value in (other._data.get("config") or {}).items():
            if key not in _IDENTITY:
                config[key] = STAND_IN if isinstance(value, dict) and "secure" in value else value

    def text(self) -> str:
        stream = StringIO()
        self._yaml.dump(self._data, stream)
        return stream.getvalue()

    def save(self) -> None:
        self.save_as(self.path)

    def save_as(self, path: Path) -> None:
        """Whole or not at all: a state whose salt is lost with half a file cannot be decrypted again."""
        text = self.text()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
