"""Machines with disks of their own, for which there is no key."""

from __future__ import annotations

import re

#: They take no key, as they are encrypted anyway. Source: SageMaker API, ResourceConfig, VolumeKmsKeyId.
OWN_DISK = re.compile(r"ml\.(?:[a-z]+\d[a-z]*d[a-z]*|g[456]e?|p[45][a-z]*|trn\d[a-z]*)\.")
