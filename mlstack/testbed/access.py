"""Who may speak with the API server: tokens, and the files by which clients find it."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from mlstack.testbed.components import CERTIFICATE, IDENTITIES, TOKENS, kubeconfig


def write_tokens(folder: Path) -> None:
    """A token for each of `IDENTITIES`, in the form that the API server reads."""
    lines = [f'{secrets.token_urlsafe(24)},{user},{user},"{group}"\n' for user, group in IDENTITIES.items()]
    _write(folder / TOKENS, "".join(lines))


def token(folder: Path, user: str) -> str:
    lines = (folder / TOKENS).read_text(encoding="utf-8").splitlines()
    return next(known for known, name, *_ in (line.split(",") for line in lines) if name == user)


def write_kubeconfigs(folder: Path, url: str) -> None:
    """A kubeconfig for each of `IDENTITIES`. The API server has made its certificate before."""
    certificate = base64.b64encode((folder / CERTIFICATE).read_bytes()).decode()
    name = f"mlstack-{folder.name}"
    for user in IDENTITIES:
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": name, "cluster": {"server": url, "certificate-authority-data": certificate}}
            ],
            "users": [{"name": name, "user": {"token": token(folder, user)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
        _write(folder / kubeconfig(user), json.dumps(document, indent=2) + "\n")


def _write(file: Path, text: str) -> None:
    """For nobody else's eyes."""
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
