"""The tags of a batch deployment's model that say how a transform job is run with it."""

from __future__ import annotations

INSTANCE, COUNT = "mlstack-instance", "mlstack-instances"
STRATEGY, TIMEOUT, SHARE = "mlstack-batch", "mlstack-timeout", "mlstack-traffic"
#: The pool of the spec that the machines are those of.
POOL = "mlstack-compute"
#: The key of the user's own that volumes and scores are encrypted with.
KEY = "mlstack-key"
#: The stack's folder on S3, where data and scores go.
PLACE = "mlstack-place"
