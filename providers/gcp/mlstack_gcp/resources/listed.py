"""Resources of Vertex AI that it names itself: found again by their display name, which nothing else has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlstack_gcp import cloud


def get(ask: Callable[[], Any], name: str) -> Any:
    """What ``ask`` answers; None where there is no such thing."""
    try:
        with cloud.told(name):
            return ask()
    except cloud.CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def named(ask: Callable[[str], Iterable[Any]], display_name: str, what: str) -> Any:
    """The one of this display name among what ``ask`` lists by a filter; None where there is none."""
    with cloud.told(what):
        listed = ask(f'display_name="{display_name}"')
        return next((each for each in listed if each.display_name == display_name), None)


def parent(project: str, location: str) -> str:
    return f"projects/{project}/locations/{location}"
