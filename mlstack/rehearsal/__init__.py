"""Rehearsal: the real engine on an emulated cloud that checks what it is sent."""

from mlstack.rehearsal.emulation import Change, CloudFault, Emulation, Kept, Made, Refusal
from mlstack.rehearsal.world import World

__all__ = ["Change", "CloudFault", "Emulation", "Kept", "Made", "Refusal", "World"]
