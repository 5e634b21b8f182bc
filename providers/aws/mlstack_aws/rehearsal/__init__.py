"""The emulated AWS of a rehearsal: what the platform would refuse, do and answer."""
