"""The list of what the provider's door has made: tokens, ids and regions, to show, change and count it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlstack_aws.rehearsal.adapters import Aws, adapter

if TYPE_CHECKING:
    from mlstack.rehearsal import World
    from mlstack_aws.rehearsal.cloud import Cloud

_AT = "aws/things"


def note(world: World, token: str, id: str, region: str, inputs: Mapping[str, Any]) -> None:
    body = {"token": token, "id": id, "region": region, "inputs": dict(inputs)}
    world.put(f"{_AT}/{token}/{id}", "thing", body)


def forget(world: World, token: str, id: str) -> None:
    world.remove(f"{_AT}/{token}/{id}")


def there(cloud: Cloud) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """ARN or id, what was noted, and the properties that it has now. What is gone is passed over."""
    for _, _, body in list(cloud.world.under(_AT + "/")):
        one = adapter(body["token"])
        found = one.look(Aws(cloud, body["region"]), body["id"], body["inputs"]) if one else None
        if found is not None:
            kind = body["token"].rpartition(":")[2]
            yield f"{body['token'].split(':')[1].split('/')[0]}/{kind}/{body['id']}", body, found


def documents(cloud: Cloud) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for id, body, found in there(cloud):
        yield id, body["token"], found


def edit(cloud: Cloud, id: str, now: Mapping[str, Any]) -> None:
    """Change it to what it is to be, as somebody else would by AWS's API."""
    for one, body, found in there(cloud):
        if one == id:
            chosen = adapter(body["token"])
            assert chosen is not None
            old = {**body["inputs"], **{k: found[k] for k in body["inputs"] if k in found}}
            keys = set(body["inputs"]) | {k for k in now if now.get(k) != found.get(k)}
            new = {key: now[key] for key in keys if key in now}
            with cloud.holding.inside(changing=True):
                chosen.update(Aws(cloud, body["region"]), body["id"], old, {**body["inputs"], **new})


def remove(cloud: Cloud, id: str) -> list[str]:
    for one, body, _ in there(cloud):
        if one == id:
            chosen = adapter(body["token"])
            assert chosen is not None
            with cloud.holding.inside(changing=True):
                inputs = {
                    **body["inputs"],
                    "forceDestroy": True,
                    "forceDelete": True,
                    "recoveryWindowInDays": 0,
                }
                chosen.delete(Aws(cloud, body["region"]), body["id"], inputs)
                forget(cloud.world, body["token"], body["id"])
            return [id]
    return []
