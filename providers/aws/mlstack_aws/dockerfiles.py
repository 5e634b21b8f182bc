"""The Dockerfiles of generated images, and which images SageMaker takes as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from mlstack.lowering.packages import Packages
from mlstack_aws.arns import domain

#: What serving needs beside the user's packages; with bounds, as it is installed among their own pins.
SERVER = ("uvicorn>=0.30", "httptools>=0.6", "uvloop>=0.19")
#: Docker's official images by Amazon's own mirror, which does not count pulls.
#: https://gallery.ecr.aws/docker/library/python
_PYTHON = "public.ecr.aws/docker/library/python:{version}-slim-bookworm"
#: https://github.com/mamba-org/micromamba-docker
_CONDA = "docker.io/mambaorg/micromamba:2.3.2"
_PREFIX = "/opt/conda"

_ECR = re.compile(r"\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")


def in_ecr(image: str) -> bool:
    """Whether it is in a private registry of ECR: SageMaker takes no other. Source: SageMaker AI developer
    guide, "Containers with custom dependencies"."""
    return _ECR.match(image) is not None


def host(region: str) -> str:
    return domain(region)


def copy_of(image: str) -> dict[str, str]:
    """The files that make an image of one that is elsewhere."""
    return {"Dockerfile": f"FROM {image}\n"}


def of_packages(held: Packages, setup: Sequence[str], *, serving: bool = False) -> dict[str, str]:
    """The files that make an image of packages: PyPI's alone on Docker's Python, others by conda.

    SageMaker starts jobs as root, whatever the image says, and writes to ``/opt/ml`` so; a server of models
    runs as a user of its own.
    """
    python, lines = _plain(held)
    commands = "".join(f"RUN {json.dumps(['/bin/bash', '-c', command])}\n" for command in setup)
    if python is not None:
        texts = {"requirements.txt": "".join(f"{line}\n" for line in lines)}
        text = (
            f"FROM {_PYTHON.format(version=python)}\n"
            "ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1\n"
            f"{_prepared(commands)}"
            "COPY requirements.txt /tmp/requirements.txt\n"
            "RUN pip install -r /tmp/requirements.txt\n"
        )
    else:
        texts = {"conda.yaml": held.text}
        text = (
            f"FROM {_CONDA}\n"
            "USER root\n"
            "ENV PYTHONUNBUFFERED=1\n"
            f"{_prepared(commands)}"
            "COPY conda.yaml /tmp/conda.yaml\n"
            "RUN micromamba install -y -n base -f /tmp/conda.yaml && micromamba clean -afy\n"
            f"ENV PATH={_PREFIX}/bin:$PATH\n"
        )
    if not serving:
        return {**texts, "Dockerfile": text}
    return {
        **texts,
        "start.sh": START,
        "fetch_secrets.py": files("mlstack_aws.container").joinpath("fetch_secrets.py").read_text("utf-8"),
        "Dockerfile": text + _SERVING,
    }


#: SageMaker starts it with the argument "serve". A secret that cannot be fetched ends it.
START = """#!/bin/sh
if env | grep -q '^MLSTACK_SECRET_'; then
    secrets="$(python "$(dirname "$0")/fetch_secrets.py")" || exit 1
    eval "$secrets"
fi
exec python -m mlstack_serving "$@"
"""


_SERVING = (
    "COPY mlstack_serving /opt/mlstack/mlstack_serving\n"
    "COPY start.sh fetch_secrets.py /opt/mlstack/\n"
    "ENV PYTHONPATH=/opt/mlstack MLSTACK_CONTRACT=sagemaker\n"
    "RUN useradd --create-home --uid 1000 server || true\n"
    "USER 1000\n"
    "EXPOSE 8080\n"
    # SageMaker's "docker run IMAGE serve" puts its word at the end of this
    'ENTRYPOINT ["/bin/sh", "/opt/mlstack/start.sh"]\n'
    "LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true\n"
)


def _prepared(commands: str) -> str:
    if not commands:
        return ""
    return f"ENV DEBIAN_FRONTEND=noninteractive\nRUN apt-get update\n{commands}"


def _plain(held: Packages) -> tuple[str | None, list[str]]:
    """(Python's version, PyPI's packages); (None, []) where conda's own are among them."""
    python, lines = None, []
    for item in held.conda["dependencies"]:
        if isinstance(item, Mapping):
            lines += list(item.get("pip", ()))
        elif match := re.fullmatch(r"python=(3\.\d+(\.\d+)?)", str(item)):
            python = match[1]
        elif item != "pip":
            return None, []
    if held.conda.get("channels") not in (None, ["conda-forge"]):
        return None, []
    return python, lines
