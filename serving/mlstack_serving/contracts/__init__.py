"""What each platform expects of a server, as tables of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack_serving.contracts import azureml, common, kserve, sagemaker, v2, vertex
from mlstack_serving.contracts.route import FREE_PATHS, Contract, Handler, Route
from mlstack_serving.errors import UsageError

if TYPE_CHECKING:
    from mlstack_serving.config import Config

CONTRACTS: dict[str, Contract] = {
    name: module.CONTRACT._replace(routes=module.CONTRACT.routes + common.ROUTES)
    for name, module in (
        ("v2", v2),
        ("kserve", kserve),
        ("sagemaker", sagemaker),
        ("vertex", vertex),
        ("azureml", azureml),
    )
}


def routes(config: Config) -> list[Route]:
    """The contract's table with its paths filled in; UsageError where one is given that is not free."""
    contract = CONTRACTS[config.contract]
    paths = {name: getattr(config, name) for name in FREE_PATHS}
    table = "".join(route.path for route in contract.routes)
    for name, path in paths.items():
        if path is not None and f"{{{name}}}" not in table:
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"{flag}: the contract {config.contract} has fixed paths; leave it out")
    names = {"model": config.name, "version": config.model_version, **paths}
    return [
        route._replace(path=route.path.format(**names))
        for route in contract.routes
        if config.model_version is not None or "{version}" not in route.path
    ]


__all__ = ["CONTRACTS", "Contract", "Handler", "Route", "routes"]
