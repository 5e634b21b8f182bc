"""The engine from source: the CLI's Go module at a locked version, verified against ``module/go.sum``."""

from __future__ import annotations

from pathlib import Path

from mlstack.engine.install.found import VERSION, engine_home, executable
from mlstack.obtain import GoModule, Progress

COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"

MODULE = GoModule(
    Path(__file__).parent / "module",
    stamps={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": f"v{VERSION}"},
    tags="osusergo,grpcnotrace",
)


def build(stage: Path, progress: Progress) -> None:
    """Leave ``bin/pulumi`` below ``stage``, or raise Unobtainable. Takes minutes, and says how far it is."""
    progress(f"building Pulumi v{VERSION} from source, once; this takes some minutes")
    MODULE.build({COMMAND: executable(stage)}, engine_home().parent / ".go", progress)
