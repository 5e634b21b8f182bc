"""Every command explains itself, with the options that the document of the command line gives it."""

from __future__ import annotations

import re
from typing import Any

import pytest

STACK_COMMANDS = [
    "preview",
    "up",
    "down",
    "refresh",
    "status",
    "outputs",
    "logs",
    "invoke",
    "run",
    "runs",
    "gc",
]
OTHERS = ["new", "validate", "doctor", "explain", "schema"]
COMMON = [
    *("--file", "-f", "--stack", "-s", "--cloud", "--region", "--set"),
    *("--yes", "--json", "--rehearse", "--debug"),
]
OWN = {
    "up": ["--confirm", "--resources", "--replan"],
    "down": ["--confirm"],
    "preview": ["--resources"],
    "outputs": ["--show-secrets"],
    "invoke": ["--data", "--deployment", "--repeat", "--concurrency"],
    "run": ["--input", "--detach"],
    "runs": ["--last"],
    "gc": ["--dry-run", "--all"],
    "logs": ["--follow", "--tail", "--run"],
    "validate": ["--file", "-f", "--stack", "-s", "--cloud", "--set", "--json", "--debug"],
    "schema": ["--json"],
    "explain": ["--json"],
    "doctor": ["--json"],
}


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))


@pytest.mark.parametrize("command", STACK_COMMANDS + OTHERS)
def test_help_names_the_options(empty: Any, command: str) -> None:
    ran = empty.run(command, "--help")

    assert ran.code == 0, ran
    wanted = {*(COMMON if command in STACK_COMMANDS else []), *OWN.get(command, [])}
    assert wanted - options(ran.stdout) == set()
    assert not list(empty.folder.iterdir())


def test_help_lists_the_commands(empty: Any) -> None:
    ran = empty.run("--help")

    assert ran.code == 0, ran
    missing = [name for name in STACK_COMMANDS + OTHERS if not re.search(rf"\b{name}\b", ran.stdout)]
    assert not missing
