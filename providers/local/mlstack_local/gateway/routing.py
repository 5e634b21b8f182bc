"""Which deployment answers a request, and which of its workers."""

from __future__ import annotations

from itertools import count

from mlstack_local.gateway.config import Backend, Config


class Route:
    """A deployment that requests may go to."""

    def __init__(self, name: str, backend: Backend) -> None:
        self.name = name
        self.generation = backend.generation
        self.timeout = backend.timeout
        self.health = backend.health
        self.scaled = backend.scaled
        self.workers = backend.workers
        self._turn = count()

    def next_worker(self) -> int | None:
        """Ports in turn; None when there is no worker."""
        return self.workers[next(self._turn) % len(self.workers)] if self.workers else None


class Router:
    """Smooth weighted round robin (as nginx does it): after every 100 requests the split is exact.

    A router that takes over from one with the same weights goes on where that one was: a config that
    changes every second does not favour the deployment that comes first.
    """

    def __init__(self, config: Config, before: Router | None = None) -> None:
        self.routes = {name: Route(name, backend) for name, backend in config.deployments.items()}
        self._weights = {
            name: weight for name, weight in config.weights.items() if weight > 0 and name in self.routes
        }
        self._total = sum(self._weights.values())
        self._credit = dict.fromkeys(self._weights, 0)
        if before is not None and before._weights == self._weights:
            self._credit = before._credit
        self._mirrors = {
            name: percent for name, percent in config.mirrors.items() if percent > 0 and name in self.routes
        }
        self._due = dict.fromkeys(self._mirrors, 0)
        if before is not None:
            self._due |= {name: due for name, due in before._due.items() if name in self._due}

    @property
    def weighted(self) -> list[Route]:
        return [self.routes[name] for name in self._weights]

    def copies(self) -> list[str]:
        """The deployments that get a copy of this request: as evenly spread as their percentages allow."""
        chosen = []
        for name, percent in self._mirrors.items():
            self._due[name] += percent
            if self._due[name] >= 100:
                self._due[name] -= 100
                chosen.append(name)
        return chosen

    def choose(self) -> Route | None:
        """The next deployment by weight; None when none has traffic."""
        if not self._credit:
            return None
        for name, weight in self._weights.items():
            self._credit[name] += weight
        chosen = max(self._credit, key=self._credit.__getitem__)
        self._credit[chosen] -= self._total
        return self.routes[chosen]
