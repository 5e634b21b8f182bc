"""How Google Cloud is spoken to: clients, where they go, what its refusals mean, and waiting."""

from mlstack_gcp.cloud.clients import bucket, client, rest, session, storage
from mlstack_gcp.cloud.failures import CloudFailure, present, told
from mlstack_gcp.cloud.waiting import Cancelled, finish, wait
from mlstack_gcp.cloud.where import address, emulated

__all__ = [
    "Cancelled",
    "CloudFailure",
    "address",
    "bucket",
    "client",
    "emulated",
    "finish",
    "present",
    "rest",
    "session",
    "storage",
    "told",
    "wait",
]
