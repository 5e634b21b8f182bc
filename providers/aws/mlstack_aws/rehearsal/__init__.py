"""The emulated AWS of a rehearsal: what the platform would refuse, do and answer."""

from mlstack_aws.rehearsal.emulation import AwsEmulation

__all__ = ["AwsEmulation"]
