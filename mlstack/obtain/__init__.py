"""What has to be on a machine beside Python: made or fetched once, whole or not at all, into the cache.

Long commands say how far they are (`stream`), programs in Go are built at locked versions with whatever Go
can be had (`gomodule`, `golang`), and two processes never do the same at once (`once`).
"""

from mlstack.obtain.gomodule import GoModule
from mlstack.obtain.once import alone, staged
from mlstack.obtain.stream import Progress, Unobtainable, stream

__all__ = ["GoModule", "Progress", "Unobtainable", "alone", "staged", "stream"]
