"""Properties that nobody sees the lack of, each with the reason."""

from __future__ import annotations

import re

from tests.oracle.mutation import Line

_UNSEEN: tuple[tuple[str, str, str], ...] = (
    (r"aws:.*", r"region", "it is the region of the provider, too"),
    (r"aws:appautoscaling/target:Target", r"tags(\..*)?", "moto does not tell the tags of what scales"),
    (r"aws:secretsmanager/secret:Secret", r"recoveryWindowInDays", "said when a secret is deleted"),
    (r"mlstack:aws:Switch", r"deployment", "empty where no native block says how to go over"),
    (r"mlstack:aws:Switch", r"variants\..*", "the configuration says so too when all is new"),
    (
        r"mlstack:aws:Job",
        r"(counts(\..*)?|nonce)",
        "the fingerprint is made of it, which shows as a hash alone",
    ),
    (
        r"mlstack:aws:Job",
        r"(outputs(\..*)?|own|retries)",
        "told to what waits for the run, and not to SageMaker",
    ),
    (r"mlstack:aws:Job", r"tags(\.mlstack-stack)?", "the run has the stack's tag without being told, too"),
    (r"mlstack:aws:ModelPackage", r"approval", "a version is approved where nothing is said"),
    (r"mlstack:aws:Upload", r"plain", "no file of the cases is one that is left out of code"),
)


def why_unseen(line: Line) -> str | None:
    for type, path, why in _UNSEEN:
        if re.fullmatch(type, line.type) and re.fullmatch(path, line.path):
            return why
    return None
