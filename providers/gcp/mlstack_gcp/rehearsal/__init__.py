"""The emulated Google Cloud of the rehearsal."""

from mlstack_gcp.rehearsal.emulation import GcpEmulation

__all__ = ["GcpEmulation"]
