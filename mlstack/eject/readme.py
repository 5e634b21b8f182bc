"""The README of an ejected program: how to go on with it."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from mlstack.engine import passphrase
from mlstack.engine.project import Project, backend_url

_HEAD = """\
# {name}

The resources of the stack `{stack}`, as a plain Pulumi program: the same names, on the same state.
`__main__.py` is yours from here on.

## Go on with the stack

```sh
pulumi install
{exports}
pulumi preview --stack {stack}
```

The preview shows that nothing is to change.
"""

_REHEARSED = """
The stack was rehearsed: its cloud is emulated. In the folder of the spec `mlstack rehearsal serve --stack
{stack} -- COMMAND` runs a command against it, for instance `pulumi --cwd THIS-FOLDER preview`.
"""

_OURS = """
## Resources of mlstack

No Pulumi package has the resources of type `mlstack:{targets}:…`: they come of the provider
`pulumi-resource-mlstack`, which the package mlstack in `requirements.txt` installs into `.venv/bin`. There
`plugins` in `Pulumi.yaml` finds it; change the path where your environment is elsewhere. Such resources read
files of the folder that MLSTACK_ROOT names, and keep things in its `.mlstack`; left out, it is this folder.

`digest` and `hash` among their inputs are those of files: where the files change, change them too.
"""

_SECRETS = """
## Secrets

No value of a secret is in these files. Give these once:

```sh
{commands}
```
"""


def readme(project: Project, targets: Collection[str], asked: Sequence[str]) -> str:
    exports = {"PULUMI_BACKEND_URL": shlex.quote(backend_url(project)), **_passphrase(project)}
    exports |= {name: shlex.quote(value) for name, value in sorted(project.account.items())}
    if targets:
        exports["MLSTACK_ROOT"] = shlex.quote(str(project.root))
    lines = "\n".join(f"export {name}={value}" for name, value in exports.items())
    text = _HEAD.format(name=project.name, stack=project.short_stack, exports=lines)
    text += _REHEARSED.format(stack=project.short_stack) if project.rehearsal else ""
    text += _OURS.format(targets="|".join(sorted(targets))) if targets else ""
    commands = "\n".join(f"pulumi config set --secret {shlex.quote(key)}" for key in asked)
    return text + (_SECRETS.format(commands=commands) if asked else "")


def _passphrase(project: Project) -> dict[str, str]:
    """Where the passphrase of the state is, as a shell finds it; the user's own is the user's affair."""
    if project.stack_file.secrets_provider not in (None, "passphrase"):
        return {}
    return passphrase.places()
