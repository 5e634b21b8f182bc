"""Programs from source: a Go module of our own that requires them, and locks all they need."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack.obtain import golang
from mlstack.obtain.stream import Progress, Unobtainable, stream

_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false"]
_SILENCE = 900.0  # seconds without a line; one large package takes long on a small machine
_QUOTED = 6  # lines of a compiler that fails
_TRIES = 3  # some hundred modules are fetched, and what came is kept from one try to the next


@dataclass(frozen=True)
class GoModule:
    """``folder`` has go.mod and go.sum; ``stamps`` are what the linker sets: variable -> value."""

    folder: Path
    stamps: Mapping[str, str]
    tags: str = ""

    def required_go(self) -> golang.Numbers:
        """The oldest Go that builds the module, from the ``go`` line of its go.mod."""
        said = re.search(
            r"^go (\d+)\.(\d+)\.(\d+)$", (self.folder / "go.mod").read_text(encoding="utf-8"), re.M
        )
        assert said is not None
        return tuple(int(part) for part in said.groups())

    def build(
        self,
        programs: Mapping[str, Path],
        workshop: Path,
        progress: Progress,
        copies: Mapping[tuple[str, str], Path] | None = None,
    ) -> None:
        """Compile each package to its file, or raise Unobtainable. Takes minutes, and says how far it is.

        ``copies`` are files of modules, (module, path in it), that the programs need beside them.
        A build that was interrupted goes on where it was: with the user's own Go its caches are used; a
        toolchain that had to be fetched works in ``workshop``, which goes when all is done.
        """
        go, env = golang.toolchain(self.required_go(), workshop, progress)
        packages = self._download(go, env, list(programs), progress)
        compiled: set[str] = set()
        complaints: list[str] = []

        def line(text: str) -> None:
            # An error stands among the names of packages that are compiled beside the one that it is about.
            complaints.append(text) if " " in text else compiled.add(text)

        def beat(seconds: int) -> None:
            progress(f"{len(compiled)} of {packages} packages compiled ({seconds} s)")

        for package, target in programs.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            link = f"-ldflags={self._link}"
            command: list[str | Path] = [go, "build", "-v", *self._flags, link, "-o", target, package]
            try:
                self._go(command, env, line, beat)
            except Unobtainable as failure:
                first = str(failure).splitlines()[0]
                raise Unobtainable("\n".join([first, *complaints[-_QUOTED:]])) from failure
        for (module, path), target in (copies or {}).items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._folder(go, env, module) / path, target)
        shutil.rmtree(workshop, ignore_errors=True)

    @property
    def _flags(self) -> list[str]:
        return [*_FLAGS, *([f"-tags={self.tags}"] if self.tags else [])]

    @property
    def _link(self) -> str:
        return " ".join(["-s -w", *(f"-X {name}={value}" for name, value in self.stamps.items())])

    def _download(self, go: Path, env: Mapping[str, str], programs: Sequence[str], progress: Progress) -> int:
        """Fetch every module that the build needs; the number of packages there are to compile."""
        modules: set[str] = set()
        packages: set[str] = set()

        def line(text: str) -> None:
            if text.startswith("go: downloading "):
                modules.add(text)
            elif not text.startswith("go: "):
                packages.add(text)

        for left in reversed(range(_TRIES)):
            packages.clear()
            try:
                self._go(
                    [go, "list", *self._flags, "-deps", *programs],
                    env,
                    line,
                    lambda seconds: progress(f"{len(modules)} modules downloaded ({seconds} s)"),
                )
            except Unobtainable as failure:
                if not left:
                    raise
                progress(f"fetching the modules again: {failure}")
            else:
                break
        return len(packages)

    def _folder(self, go: Path, env: Mapping[str, str], module: str) -> Path:
        said: list[str] = []
        self._go(
            [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module], env, said.append, lambda _: None
        )
        return Path(said[-1])

    def _go(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        line: Callable[[str], None],
        beat: Callable[[int], None],
    ) -> None:
        stream(
            command,
            env=env,
            cwd=self.folder,
            line=line,
            beat=beat,
            give_up=lambda seconds, silence: (
                f"`go {command[1]}` said nothing for {silence:.0f} s" if silence > _SILENCE else None
            ),
        )
