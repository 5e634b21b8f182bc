"""A pod run on this machine as a node would run it: its init containers, its command, its variables, the
files of its volumes, as the objects in the cluster say it all.

There are no containers: paths below ``/mnt`` and ``/tmp`` are those of a folder, in commands and variables
too, and a command is one of this machine.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstack.testbed import Cluster

_PATHS = re.compile(r"(?<![\w.])/(?:mnt|tmp)(?:/[\w.-]+)*")


class Played:
    """``claims``: a folder with one for each PersistentVolumeClaim, which outlives the pod. ``path``: folders
    with the programs of its images."""

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        template: Mapping[str, Any],
        *,
        root: Path,
        claims: Path,
        path: Sequence[Path],
    ) -> None:
        self._cluster, self._namespace = cluster, namespace
        self._root, self._claims, self._path = root, claims, path
        self._spec = template["spec"]
        for number, volume in enumerate(self._spec["volumes"]):
            self._fill(volume, root / "volumes" / str(number))
        self._places = {
            each["name"]: root / "volumes" / str(number) for number, each in enumerate(self._spec["volumes"])
        }

    def prepare(self) -> None:
        """The init containers, one after the other."""
        for container in self._spec.get("initContainers", ()):
            done = subprocess.run(**self.arguments(container), capture_output=True, text=True)
            assert done.returncode == 0, f"{container['name']}: {done.stdout}\n{done.stderr}"

    def run(self, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        [main] = self._spec["containers"]
        return subprocess.run(**self.arguments(main), capture_output=True, text=True, timeout=seconds)

    def start(self, **more: Any) -> subprocess.Popen[bytes]:
        [main] = self._spec["containers"]
        return subprocess.Popen(**self.arguments(main), **more)

    def arguments(self, container: Mapping[str, Any]) -> dict[str, Any]:
        """How to start it, for `subprocess`."""
        view = self._root / "views" / container["name"]
        places = {mount["mountPath"]: self._mount(view, mount) for mount in container["volumeMounts"]}
        env = {each["name"]: _seen(view, places, each["value"]) for each in container.get("env", ())}
        inside = [each for each in env.get("PATH", "").split(":") if each.startswith(str(self._claims))]
        outside = [*map(str, self._path), "/usr/local/bin", "/usr/bin", "/bin"]
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        return {
            "args": [_seen(view, places, each) for each in container["command"]],
            "env": {**kept, **env, "PATH": ":".join([*inside, *outside])},
            "cwd": view,
        }

    def _mount(self, view: Path, mount: Mapping[str, Any]) -> Path:
        place = self._places[mount["name"]]
        if below := mount.get("subPath"):
            place = place / below
        if not place.exists():  # as a node does of a path that is not there yet
            place.mkdir(parents=True)
        at = view / mount["mountPath"].lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        if not at.is_symlink():
            at.symlink_to(place)
        return place.resolve()

    def _fill(self, volume: Mapping[str, Any], place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        if claim := volume.get("persistentVolumeClaim"):
            target = self._claims / claim["claimName"]
            target.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
            return
        place.mkdir()
        sources = volume.get("projected", {}).get("sources", [volume])
        for source in sources:
            if held := source.get("configMap"):
                self._files("configmap", held["name"], held.get("items"), place)
            if held := source.get("secret"):
                self._files("secret", held["secretName"], held.get("items"), place)

    def _files(self, kind: str, name: str, items: Sequence[Mapping[str, str]] | None, place: Path) -> None:
        text = self._cluster.kubectl("get", "--namespace", self._namespace, kind, name, "--output", "json")
        found = json.loads(text)
        data = {key: base64.b64decode(value) for key, value in found.get("binaryData", {}).items()}
        for key, value in found.get("data", {}).items():
            data[key] = base64.b64decode(value) if kind == "secret" else value.encode()
        for item in items or [{"key": key, "path": key} for key in data]:
            (place / item["path"]).write_bytes(data[item["key"]])


def _seen(view: Path, places: Mapping[str, Path], text: str) -> str:
    """With the paths of the pod as they are here: what is mounted by its own place, which is no link."""

    def here(found: re.Match[str]) -> str:
        path = found[0]
        for mounted in sorted(places, key=len, reverse=True):
            if path == mounted or path.startswith(f"{mounted}/"):
                return f"{places[mounted]}{path.removeprefix(mounted)}"
        return f"{view}{path}"

    return _PATHS.sub(here, text)
