"""What a container of a job runs: one shell script, the same for a job and for a step of a pipeline.

Vertex AI shows buckets as folders below ``/gcs``; what a job reads and writes are paths there. Code is copied
into a folder of the machine's own, as a bucket keeps neither modes nor links and is slow for many small
files. Secrets and the variables of several processes need a Python in the image; nothing else does.

Source: Vertex AI, "Use Cloud Storage as a mounted file system".
"""

from __future__ import annotations

import base64
import posixpath
import shlex
from importlib.resources import files

from mlstack.lowering.shell import render
from mlstack_gcp.jobs.asked import Asked

ROOT = "/gcs"
_PYTHON = "$(command -v python3 || command -v python)"


def script(asked: Asked, base: str) -> str:
    """The script. ``base``: the folder ("gs://…") below which outputs are that name no other place."""
    outputs = {name: mounted(output_uri(asked, name, base)) for name in asked.outputs}
    lines = ["set -e"]
    for name, path in outputs.items():
        folder = path if asked.outputs[name].type == "folder" else posixpath.dirname(path)
        lines.append(f"mkdir -p {shlex.quote(folder)}")
    lines += ["mlstack_work=$(mktemp -d)", 'cd "$mlstack_work"']
    if asked.code is not None:
        lines.append(f"cp -R {shlex.quote(mounted(asked.code) + '/.')} .")
    command = render(asked.command, _values(asked), outputs).rstrip()
    words = ["/bin/sh", "-c", shlex.quote(command)]
    several = asked.nodes * asked.processes > 1
    if several:
        words = [_run(_RANKS), str(asked.processes), shlex.quote(command)]
    if asked.secrets:
        words = [_run(_SECRETS), *words]
    if not several and not asked.secrets:
        return "\n".join((*lines, "set +e", command))
    return "\n".join((*lines, f"exec {' '.join(words)}"))


def output_uri(asked: Asked, name: str, base: str) -> str:
    """Where an output is put. A folder ends in a slash."""
    output = asked.outputs[name]
    if output.uri is not None:
        return output.uri
    return f"{base.rstrip('/')}/{name}{'/' if output.type == 'folder' else ''}"


def mounted(uri: str) -> str:
    """The path that a container sees for something in a bucket; what is in none is handed on as it is."""
    bucket = uri.removeprefix("gs://")
    return uri if bucket == uri else f"{ROOT}/{bucket.rstrip('/')}"


def _values(asked: Asked) -> dict[str, str]:
    return {
        name: given.value if given.value is not None else mounted(given.uri or "")
        for name, given in asked.inputs.items()
    }


def _run(text: str) -> str:
    encoded = base64.b64encode(text.encode()).decode()
    return f"{_PYTHON} -c \"import base64;exec(base64.b64decode('{encoded}'))\""


_RANKS = files("mlstack_gcp.jobs").joinpath("ranks.py").read_text(encoding="utf-8")
_SECRETS = files("mlstack_gcp").joinpath("fetch_secrets.py").read_text(encoding="utf-8")
