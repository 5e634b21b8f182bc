"""Environments: virtual ones, from packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local import environments
from mlstack_local.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {
    "environments.existing": "list its packages, or name its file in requirements: FILE",
    "environments.image": "environments here are virtual ones: list the packages, or requirements: FILE",
    "environments.dockerfile": "environments here are virtual ones: list the packages, or requirements: FILE",
    "environments.conda": "list the packages by their names on PyPI, or requirements: FILE",
    "environments.setup": "install what the machine needs yourself, and leave it out",
}
NO_INPUT: Mapping[str, str] = {"environments.keep": "unused versions stay in the cache for a month"}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, environment in stack.environments.items():
        place = ("environments", name)
        for index, line in enumerate(environment.packages):
            if line.lstrip().startswith("-"):
                yield (
                    (*place, "packages", index),
                    f"{line!r} is an option of pip, not a requirement",
                    "settings of the package index are uv's own: set them in uv.toml or UV_DEFAULT_INDEX",
                )
        if environment.requirements is None:
            continue
        try:
            environments.parse((stack.root / environment.requirements).read_text())
        except environments.Unreadable as error:
            yield (
                (*place, "requirements"),
                f"{environment.requirements}: {error}",
                "list requirements alone; settings of the package index are uv's own: UV_DEFAULT_INDEX",
            )
        except (OSError, UnicodeDecodeError) as error:
            yield (*place, "requirements"), f"{environment.requirements} cannot be read: {error}", None
