"""The emulated Azure of a rehearsal: what the platform would refuse, do and answer."""
