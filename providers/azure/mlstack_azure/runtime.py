"""The calls of the Azure target that are no resources."""

from __future__ import annotations

from mlstack.runtime import Runtime, Site


class AzureRuntime(Runtime):
    def __init__(self, site: Site) -> None:
        self._site = site
