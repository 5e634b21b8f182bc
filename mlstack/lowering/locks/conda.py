"""A conda environment file, carried over to what a virtual environment from PyPI can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mlstack.lowering.locks import conda_names, python, requirements
from mlstack.lowering.locks.faults import Fault, Listed

_MINORS = tuple(f"3.{minor}" for minor in range(14, 8, -1))
_SPEC = re.compile(r"(?:(?P<channel>[\w./:-]+)::)?(?P<name>[A-Za-z0-9_.+-]+)(?P<rest>.*)", re.DOTALL)
_BUILD = re.compile(r"(?P<version>[^=<>!~|]+)=(?P<build>[^=<>!~|]+)")
_NO_EFFECT = ("channels", "name", "prefix")


def read(file: Path, shown: str) -> Listed:
    """What a conda file asks for, by PyPI's names. Raises OSError and UnicodeDecodeError for the file."""
    try:
        document = YAML(typ="rt", pure=True).load(file.read_text("utf-8-sig"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        fault = Fault(f"{shown}:{line}", f"this is no YAML: {error.problem}", "mend the file")
        return Listed(faults=(fault,))
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list):
        return Listed(
            faults=(
                Fault(f"{shown}:1", "it has no list of dependencies", "write dependencies: [python=3.11]"),
            )
        )
    faults = [*_keys(document, shown)]
    warnings = []
    if channels := document.get("channels"):
        listed = ", ".join(map(str, channels)) if isinstance(channels, list) else str(channels)
        warnings.append(f"the channels of {shown} ({listed}) are not asked: packages come from PyPI here")
    wanted: list[str] = []
    nested: list[tuple[int, str]] = []
    version = None
    dependencies = _commented(document["dependencies"])
    for index, item in enumerate(dependencies):
        line = dependencies.lc.item(index)[0] + 1
        if isinstance(item, dict) and set(item) == {"pip"} and isinstance(item["pip"], list):
            pip = _commented(item["pip"])
            nested += [(pip.lc.item(number)[0] + 1, str(one)) for number, one in enumerate(pip)]
            continue
        found = (
            _dependency(item, f"{shown}:{line}")
            if isinstance(item, str)
            else _strange(f"{shown}:{line}", item)
        )
        if isinstance(found, Fault):
            faults.append(found)
        elif found is not None and found[0] == "python":
            version = found[1]
        elif found is not None:
            wanted.append("".join(found))
    rest = requirements.of_lines(nested, file.parent, shown)
    return Listed(
        (*wanted, *rest.requirements), rest.constraints, version, (*faults, *rest.faults), tuple(warnings)
    )


def _commented(items: Any) -> Any:
    """A list as ruamel reads it: its ``lc`` knows the lines."""
    return items


def _keys(document: Any, shown: str) -> Iterator[Fault]:
    for key in document:
        if key not in ("dependencies", *_NO_EFFECT):
            line = document.lc.key(key)[0] + 1
            remedy = (
                "set variables as `env` of the job or deployment" if key == "variables" else f"take {key} out"
            )
            yield Fault(f"{shown}:{line}", f"{key} cannot be carried over", remedy)


def _strange(place: str, item: object) -> Fault:
    return Fault(place, f"{item!r} is no package", "write NAME or NAME=VERSION, or a list below pip:")


def _dependency(text: str, place: str) -> tuple[str, str] | Fault | None:
    """PyPI's name and version, as a requirement has them; None for what is not needed."""
    match = _SPEC.fullmatch(text.strip())
    if match is None or "[" in match["rest"] or "|" in match["rest"]:
        return Fault(place, f"{text!r} is more than a name and a version", "write it as NAME>=1.2,<2")
    name, rest = match["name"].lower(), match["rest"].strip()
    if name in conda_names.TOOLS:
        return None
    try:
        version = _version(rest)
    except (InvalidSpecifier, InvalidVersion):
        return Fault(place, f"{text!r} has a version that PyPI does not know", "write it as NAME>=1.2,<2")
    if name == "python":
        return _python(version, text, place)
    if not conda_names.is_python(name):
        return Fault(place, f"{name} is no Python package", conda_names.way_out(name))
    return conda_names.PYPI.get(name, name), version


def _version(rest: str) -> str:
    """Conda's way to ask for versions as PEP 440's: "=1.2" is "==1.2.*", "1.2" is "==1.2"."""
    if rest.startswith("=") and not rest.startswith("=="):
        version = rest[1:].strip()
        built = _BUILD.fullmatch(version)
        version = (built["version"] if built else version).strip().removesuffix(".*").removesuffix("*")
        if not version:
            return ""
        return _checked(f"=={version}.*") if not built else _checked(f"=={version}")
    built = _BUILD.fullmatch(rest) if not rest.startswith("==") else None
    if built is not None:
        rest = built["version"]
    parts = [part.strip() for part in rest.split(",") if part.strip() not in ("", "*")]
    return _checked(",".join(part if part[0] in "=<>!~" else f"=={part}" for part in parts))


def _checked(version: str) -> str:
    SpecifierSet(version)
    return version


def _python(version: str, text: str, place: str) -> tuple[str, str] | Fault:
    """The Python that a file asks for: an exact one, else mlstack's own where it fits, else the newest."""
    if not version:
        return "python", python.default()
    if exact := re.fullmatch(r"==(3\.\d+(?:\.\d+)?)(?:\.\*)?", version):
        return "python", exact[1]
    wanted = SpecifierSet(version)
    for minor in (python.default(), *_MINORS):
        # a minor version fits when one of its patches does
        if any(wanted.contains(Version(f"{minor}.{patch}")) for patch in range(30)):
            return "python", minor
    return Fault(place, f"no Python that can be had fits {text!r}", "write python=3.11")
