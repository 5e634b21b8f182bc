"""Which files of a folder go to a cloud: not what its ignore file names, nothing that looks like a secret.

The ignore file is the first that is there of those that the cloud's own client reads, at the root of the
folder only, in the syntax of git.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pathspec

from mlstack import content
from mlstack.errors import UsageError

#: Files that hold credentials by custom. An ignore file can bring one back by `!name`.
SECRETS = (
    ".env",
    ".env.*",
    "!.env.example",
    "!.env.sample",
    "!.env.template",
    ".netrc",
    ".pypirc",
    ".npmrc",
    ".pgpass",
    ".htpasswd",
    ".git-credentials",
    ".aws/",
    ".azure/",
    ".ssh/",
    ".gnupg/",
    ".kube/",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "*.pem",
    "*.key",
    "*.pfx",
    "*.p12",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "credentials.json",
    "service-account*.json",
    "Pulumi.*.yaml",
)


@dataclass(frozen=True)
class Tree:
    """The rules of one cloud. ``ignore_files`` are names, in the order of their weight."""

    ignore_files: tuple[str, ...]

    def files(self, path: Path, *, plain: bool = False) -> dict[str, str]:
        """Name in the upload -> SHA-256 (hex), sorted by name; of a file its own name alone.

        ``plain``: data, where every file counts, whatever it is called.
        Raises FileNotFoundError, TargetError.
        """
        if not path.is_dir():
            return {path.name: content.digest(path)}
        digests = content.digests_of(path)
        named = {file.relative_to(path).as_posix(): digest for file, digest in digests.items()}
        if plain:
            return named
        left_out = self._rules(path)
        return {name: digest for name, digest in named.items() if not left_out.match_file(name)}

    def version(self, path: Path, *, plain: bool = False) -> str:
        """The first 12 hex digits of the hash of what is uploaded.

        Where nothing is left out it is `mlstack.content.version` of the path. Raises UsageError for a folder
        of which nothing would be uploaded, and what `files` raises.
        """
        held = self.files(path, plain=plain)
        if not held:
            raise UsageError(
                f"{path.name or path} has no file to upload",
                code="missing-path",
                remedy=f"put something there, or look at its {' or '.join(self.ignore_files)}",
            )
        return digest(path, held)[:12]

    def left_out(self, path: Path) -> list[str]:
        """Names of files that stay here because they look like secrets, for a warning."""
        if not path.is_dir():
            return []
        names = [file.relative_to(path).as_posix() for file in content.files(path)]
        rules, own = self._rules(path), _spec(self._lines(path))
        return [name for name in names if rules.match_file(name) and not own.match_file(name)]

    def _rules(self, folder: Path) -> pathspec.GitIgnoreSpec:
        return _spec([*SECRETS, *self._lines(folder)])

    def _lines(self, folder: Path) -> list[str]:
        for name in self.ignore_files:
            file = folder / name
            if file.is_file():
                return file.read_text(encoding="utf-8-sig").splitlines()
        return []


def version_of_texts(texts: Mapping[str, str]) -> str:
    """The version (12 hex digits) of a folder that would hold just these files."""
    root = Path("/")
    held = {root / name: hashlib.sha256(texts[name].encode()).hexdigest() for name in sorted(texts)}
    return content.digest_of(root, held)[:12]


def digest(path: Path, held: Mapping[str, str]) -> str:
    """The hash (hex) of what `files` found."""
    if not path.is_dir():
        return next(iter(held.values()))
    return content.digest_of(path, {path / name: value for name, value in held.items()})


def _spec(lines: list[str]) -> pathspec.GitIgnoreSpec:
    return pathspec.GitIgnoreSpec.from_lines(lines)
