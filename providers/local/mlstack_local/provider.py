"""What the local target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mlstack.lowering.mail import Mail
from mlstack.provider import Capabilities, Provider
from mlstack.provider import Settings as BaseSettings
from mlstack.runtime import Runtime, Site
from mlstack_local import support

if TYPE_CHECKING:
    from mlstack.spec import Stack

SIZES = ("cpu-s", "cpu-m", "cpu-l")


class SmtpSettings(Mail):
    """``settings.local.smtp``: the server that takes the mail of notifications."""

    host: str = Field(default="localhost", description="The server. Left out: this machine.")


class Settings(BaseSettings):
    """``settings.local``."""

    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port of the first endpoint's gateway on loopback, the next endpoint has the next one. "
        "Left out: a free one, chosen at creation and kept.",
    )
    smtp: SmtpSettings = Field(
        default_factory=SmtpSettings,
        description="The mail server for notifications by e-mail. Left out: port 25 of this machine.",
    )


class Local(Provider):
    name = "local"
    Settings = Settings

    builders: ClassVar = {
        "secrets": "mlstack_local.kinds.secret:build",
        "compute": "mlstack_local.kinds.compute:build",
        "environments": "mlstack_local.kinds.environment:build",
        "data": "mlstack_local.kinds.data:build",
        "jobs": "mlstack_local.kinds.job:build",
        "models": "mlstack_local.kinds.model:build",
        "endpoints": "mlstack_local.kinds.endpoint:build",
        "monitors": "mlstack_local.kinds.monitor:build",
        "notifications": "mlstack_local.kinds.notification:build",
    }

    stateful: ClassVar = frozenset({"mlstack:local:Endpoint", "mlstack:local:BatchEndpoint"})

    resources: ClassVar = {
        "mlstack:local:Secret": "mlstack_local.resources.secret:Secret",
        "mlstack:local:Environment": "mlstack_local.resources.environment:Environment",
        "mlstack:local:Data": "mlstack_local.resources.data:Data",
        "mlstack:local:Job": "mlstack_local.resources.job:Job",
        "mlstack:local:Model": "mlstack_local.resources.model:Model",
        "mlstack:local:Endpoint": "mlstack_local.resources.endpoint:Endpoint",
        "mlstack:local:Deployment": "mlstack_local.resources.deployment:Deployment",
        "mlstack:local:BatchEndpoint": "mlstack_local.resources.batch_endpoint:BatchEndpoint",
        "mlstack:local:Traffic": "mlstack_local.resources.traffic:Traffic",
        "mlstack:local:Monitor": "mlstack_local.resources.monitor:Monitor",
        "mlstack:local:Notification": "mlstack_local.resources.notification:Notification",
    }

    unsupported: ClassVar = support.UNSUPPORTED
    no_input: ClassVar = support.NO_INPUT

    def capabilities(self) -> Capabilities:
        return Capabilities(
            sizes=dict.fromkeys(SIZES, "this machine"),
            default_auth="key",
            auths=frozenset({"key"}),
            public_by_default=False,
        )

    def runtime(self, site: Site) -> Runtime:
        from mlstack_local.runtime import LocalRuntime

        return LocalRuntime(site)

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        return support.refusals(stack)
