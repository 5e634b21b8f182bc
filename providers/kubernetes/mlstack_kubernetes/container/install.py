"""Run in an init container: the packages of a lock into a virtual environment that pods share.

    python install.py LOCK FOLDER

Whoever comes first makes it, the others wait for it. What was not made to the end is made anew.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import venv
from pathlib import Path

COMPLETE = ".complete"
_HELD = ".lock"


def install(lock: Path, folder: Path) -> None:
    with (folder / _HELD).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if (folder / COMPLETE).exists():
            print("the environment is there")
            return
        for left in folder.iterdir():
            if left.name != _HELD:
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--no-cache-dir", "--no-input"]
        options = ["--disable-pip-version-check", "--no-deps", "--require-hashes", "--requirement", str(lock)]
        subprocess.run([*pip, *options], check=True)
        (folder / COMPLETE).touch()


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]))
