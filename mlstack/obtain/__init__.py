"""What has to be on a machine beside Python: made or fetched once, whole or not at all, into the cache.

Long commands say how far they are (`stream`); programs in Go are built at locked versions with whatever Go
can be had (`gomodule`, `golang`), files of other projects come from their Go modules (`gosource`); two
processes never do the same at once (`once`).
"""

from mlstack.obtain.gomodule import GoModule
from mlstack.obtain.gosource import GoSource
from mlstack.obtain.once import alone, staged
from mlstack.obtain.stream import Progress, Unobtainable, stream

__all__ = ["GoModule", "GoSource", "Progress", "Unobtainable", "alone", "staged", "stream"]
