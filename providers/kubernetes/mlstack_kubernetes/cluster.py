"""The stack's cluster, asked directly: what is no resource needs no engine.

kr8s reads the kubeconfig as kubectl does, with the commands and tokens that users are known by.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlstack.errors import Category, TargetError
from mlstack.provider import STACK_TAG
from mlstack.runtime import Site
from mlstack_kubernetes import kubeconfig
from mlstack_kubernetes.names import NAME, RESOURCE

if TYPE_CHECKING:
    from kr8s import Api

_STATUSES: dict[int, tuple[Category, str]] = {
    401: (
        "permission",
        "the kubeconfig's credentials have expired, or are wrong: log in again",
    ),
    403: ("permission", "have somebody who may give this user the right"),
    404: ("user", "`mlstack up` makes it, if the stack has it"),
    429: ("transient", "try again"),
}
_OTHER: tuple[Category, str] = ("transient", "try again; `mlstack doctor` looks at the cluster")


class Cluster:
    """One stack's objects. ``site`` says which cluster."""

    def __init__(self, site: Site) -> None:
        self._context = site.settings.context or site.choices.get(kubeconfig.CHOICE)
        self._own = {STACK_TAG: site.stack_uid}

    def selector(self, resource: str) -> dict[str, str]:
        """Labels of the pods of a resource of the spec ("jobs.train")."""
        return {**self._own, RESOURCE: resource}

    @property
    def api(self) -> Api:
        """Raises TargetError where the kubeconfig leads nowhere."""
        import kr8s

        try:
            with warnings.catch_warnings():  # kr8s knows its newest Kubernetes, and says so of each newer one
                warnings.simplefilter("ignore", UserWarning)
                return kr8s.api(context=self._context)
        except (ValueError, KeyError, OSError) as error:
            raise TargetError(
                f"the kubeconfig leads to no cluster: {error}",
                category="user",
                where=f"context {self._context or 'that is current'}",
                remedy="`mlstack doctor` looks at it",
            ) from None

    def all(self, kind: str, *, own: bool = True, namespace: str | None = None) -> list[dict[str, Any]]:
        """The objects of a kind ("pods") as the API server has them: the stack's ``own``, or all of a
        namespace."""
        import kr8s

        labels: dict[str, Any] = {"label_selector": self._own} if own else {}
        with told(f"{kind} of the stack"):
            return _plain(self.api.get(kind, namespace=namespace or kr8s.ALL, **labels))

    def pods(self, namespace: str, resource: str, name: str) -> list[Any]:
        """Pods of a resource of the spec, or of a part of it (`names.selector`), the oldest first, as kr8s
        has them."""
        wanted = {**self.selector(resource), NAME: name}
        with told(f"pods of {name}"):
            found: list[Any] = list(self.api.get("pods", namespace=namespace, label_selector=wanted))
        return sorted(found, key=lambda pod: str(pod.raw["metadata"].get("creationTimestamp")))

    def events(self, about: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Events about the object with this metadata."""
        fields = {"involvedObject.uid": about["uid"]}
        with told(f"events of {about['name']}"):
            return _plain(self.api.get("events", namespace=about["namespace"], field_selector=fields))

    def one(self, kind: str, id: str) -> Any:
        """The object of an id NAMESPACE/NAME; None where there is none."""
        import kr8s

        namespace, _, name = id.rpartition("/")
        with told(f"{kind} {id}"):
            try:
                return next(iter(self.api.get(kind, name, namespace=namespace or None)), None)
            except kr8s.NotFoundError:
                return None


def _plain(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Without the wrapping of kr8s, whose keys are attributes as well."""
    return [json.loads(json.dumps(each.raw)) for each in found]


@contextmanager
def told(what: str) -> Iterator[None]:
    """What the API server or the way to it refuses, as an error of ours."""
    import httpx
    import kr8s

    try:
        yield
    except kr8s.ServerError as error:
        status = error.response.status_code if error.response is not None else 0
        category, remedy = _STATUSES.get(status, _OTHER)
        message = f"the cluster refuses {what}: {_said(error)}"
        raise TargetError(message, category=category, remedy=remedy) from None
    except (httpx.HTTPError, kr8s.APITimeoutError, kr8s.ConnectionClosedError, OSError) as error:
        raise TargetError(
            f"the cluster does not answer about {what}: {type(error).__name__} {error}".rstrip(),
            category="transient",
            remedy="look whether this machine reaches it: `kubectl cluster-info`",
        ) from None


def _said(error: Any) -> str:
    status = error.status
    text = status.get("message") if isinstance(status, dict) else None
    return str(text or error)
