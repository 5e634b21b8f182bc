"""The emulated Azure of a rehearsal: what the platform would refuse, do and answer."""

from mlstack_azure.rehearsal.emulation import AzureEmulation

__all__ = ["AzureEmulation"]
