"""The account as the runtime speaks to it: clients of a region, waiting that ends when it is cancelled."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from mlstack.runtime import Record
from mlstack_aws.cloud import client
from mlstack_aws.runtime import children


@dataclass
class Account:
    """``profile`` of the AWS SDKs, None: what they find. ``cancelled`` ends what waits."""

    profile: str | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def client(self, service: str, region: str | None) -> Any:
        return client(service, region, self.profile)

    def of(self, service: str, record: Record) -> Any:
        """The client of a service in the region of a record's resources."""
        return self.client(service, children.region(record))
