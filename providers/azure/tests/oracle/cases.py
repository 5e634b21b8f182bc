"""The cases: what a spec of mlstack says, and what the equivalent YAML of Azure's CLI v2 says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent / "cases"
FILES = HERE / "files"

#: What every case may refer to: beside what a case has of its own.
COMMON: Mapping[str, Any] = {
    "version": 1,
    "name": "oracle",
    "cloud": "azure",
    "region": "westeurope",
    "settings": {
        "azure": {"subscription": "00000000-0000-0000-0000-00000000000a", "resource_group": "ml-prod"}
    },
    "workspace": {"existing": "ml-prod"},
    "secrets": {"token": {"env": "ORACLE_TOKEN"}},
    "environments": {
        "img": {"image": "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:latest"}
    },
    "data": {"rows": {"path": "./data/rows.csv", "type": "file"}},
    "models": {"net": {"path": "./net", "flavor": "custom"}},
}
SUBSCRIPTION: str = COMMON["settings"]["azure"]["subscription"]
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml-prod/providers"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ml-prod"


@dataclass(frozen=True, eq=False)
class Pair:
    """One resource: ``kind`` of azure-ai-ml's documents, ``of`` names ours ("endpoints.chat.blue":
    collection, name, and what the logical name ends with where there are several), ``yaml`` is theirs."""

    kind: str
    of: str
    yaml: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """``alone``: it is a stack by itself, as it says something of the whole stack."""

    name: str
    spec: Mapping[str, Any]
    pairs: tuple[Pair, ...]
    alone: bool = False

    def __str__(self) -> str:
        return self.name


@cache
def cases() -> tuple[Case, ...]:
    """All cases, from the files beside this one. Names and resources are unique."""
    found = [case for file in sorted(HERE.glob("*.yaml")) for case in _of(file)]
    names = [case.name for case in found]
    assert len(set(names)) == len(names), "two cases of one name"
    return tuple(found)


def _of(file: Path) -> Iterator[Case]:
    for document in YAML(typ="safe").load_all(file):
        document = _placed(document)
        alone = document.get("alone", False)
        pairs = tuple(
            Pair(kind, of, pair)
            for each in document["azure"]
            for (kind, of), pair in [((_only(each)), each["yaml"])]
        )
        spec = document["mlstack"] if alone else _merged(COMMON, document["mlstack"])
        yield Case(f"{file.stem}-{document['case']}", spec, pairs, alone)


def _only(each: Mapping[str, Any]) -> tuple[str, str]:
    ((kind, of),) = ((key, value) for key, value in each.items() if key != "yaml")
    return kind, of


def _placed(value: Any) -> Any:
    """With the ids of the workspace and of its resource group in place of @W and @G."""
    if isinstance(value, Mapping):
        return {key: _placed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_placed(item) for item in value]
    return value.replace("@W", WORKSPACE).replace("@G", GROUP) if isinstance(value, str) else value


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(one)
    for key, item in other.items():
        if isinstance(item, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = {**result[key], **item}
        else:
            result[key] = item
    return result


_REFERENCE = re.compile(r"<<([^<>]+)>>")


def filled(value: Any, outputs: Mapping[str, Any]) -> Any:
    """The document with "<<models.net.id>>" replaced by that output of mlstack's component, and "<<ours:…>>"
    by that value of the body that mlstack sends; one that is not there stands as "MISSING"."""
    if isinstance(value, Mapping):
        return {filled(key, outputs): filled(item, outputs) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, outputs) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(
            lambda found: str(outputs.get(found[1], f"{WORKSPACE}/models/MISSING/versions/1")), value
        )
    return value
