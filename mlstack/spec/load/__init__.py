"""Loading a spec: from a file to a `Stack`, or to everything that is wrong with it.

read.py      path -> text             limits.py   how much is too much
compose.py   text -> nodes + places   syntax.py   what is no YAML, in words (scanner.py, scalars.py)
merge.py     overlay and --set laid over it
validate.py  data -> Stack + faults   collapse.py, shape.py, messages.py   faults in words
files.py     are the named files there
codes.py     what each error code means
"""

from mlstack.spec.load.loading import load, load_text

__all__ = ["load", "load_text"]
