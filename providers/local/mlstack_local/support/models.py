"""Models: files that are on this machine, or are fetched to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import InlineModel, Model, Stack
from mlstack_local.remote import hub, uris
from mlstack_local.support.common import Refusal, unusable_path

UNSUPPORTED: Mapping[str, str] = {
    "models.registry": "download the model, and give path: FOLDER",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, model in stack.models.items():
        yield from of_source(stack, ("models", name), model)


def of_source(stack: Stack, place: tuple[str | int, ...], model: Model | InlineModel) -> Iterator[Refusal]:
    """What is wrong with where a model comes from, as far as can be told without a network."""
    if refusal := unusable_path(stack, (*place, "path"), model.path):
        yield refusal
    if not isinstance(model.hub, str):
        return
    if not hub.is_id(model.hub):
        yield (*place, "hub"), f"{model.hub!r} is no id of a model", "write it as the hub does: ORG/NAME"
    elif found := uris.problem(f"hf://{model.hub}/"):
        yield (*place, "hub"), *found
