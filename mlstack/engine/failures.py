"""What the engine reported as failed, told apart and given a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mlstack.engine.events import Journal
from mlstack.engine.urn import Urn
from mlstack.errors import Category, EngineError, LockedError, MlstackError, TargetError
from mlstack.plugin.errors import parse


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    category: Category
    code: str
    remedy: str


def _rule(pattern: str, category: Category, code: str, remedy: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), category, code, remedy)


_EXISTS = (
    "run the command again: what this stack made itself is then found and adopted, and of what is somebody "
    "else's you are told"
)

#: Tried in order on the text of a failure that says no category itself.
RULES = (
    _rule(
        r"incorrect passphrase|unable to decrypt|passphrase must be set",
        "permission",
        "wrong-passphrase",
        "set PULUMI_CONFIG_PASSPHRASE to the passphrase that this stack was made with",
    ),
    _rule(
        r"currently locked|another update is currently in progress",
        "conflict",
        "locked",
        "wait until the other run has ended, or stop it",
    ),
    _rule(
        r"(download and|not) install(ed)? (the )?(resource )?plugin|no resource plugin",
        "engine",
        "no-provider-plugin",
        "install it by the command that the message names, where there is a network; --rehearse needs none",
    ),
    _rule(
        r" has a problem: ",
        "user",
        "bad-input",
        "change what that property is made of; nothing of this resource has been touched",
    ),
    _rule(
        r"^invoke of .*(Status=404|not ?found)|\bError 404\b|"
        r"api error \w*(NotFound|NoSuch)\w*:|api error \w+: could not find ",
        "user",
        "not-there",
        "check the name that the spec calls existing, and where it is looked for: settings and workspace",
    ),
    _rule(
        r"no matches for kind",
        "user",
        "no-such-api",
        "the cluster has no such kind of object: install what brings it, or leave out what asks for it",
    ),
    _rule(
        r"\bBackoffLimitExceeded\b|\bjob was active longer than",
        "user",
        "run-failed",
        "its pods have printed why: `kubectl logs`; the next `mlstack up` tries it again",
    ),
    _rule(
        r"\bImagePullBackOff\b|\bErrImagePull\b|\bInvalidImageName\b",
        "user",
        "no-image",
        "check the image's name, and whether the cluster may pull it",
    ),
    _rule(
        r"violates PodSecurity",
        "user",
        "refused",
        "the namespace takes pods without special rights alone: leave out what asks for them",
    ),
    _rule(
        r"\d+/\d+ nodes are available",
        "quota",
        "capacity",
        "no node has room for it, or is of its kind: ask for less, or add nodes to the cluster",
    ),
    _rule(
        r"the server has asked for the client to provide credentials",
        "permission",
        "not-authorized",
        "the kubeconfig's credentials have expired, or are wrong: log in to the cluster again",
    ),
    _rule(
        r"cluster is unreachable",
        "transient",
        "transient",
        "see whether the cluster answers (`kubectl version`), then run the command again",
    ),
    # which goes on with advice on how things are protected
    _rule(r"already exists in the cluster", "conflict", "exists", _EXISTS),
    _rule(
        r"is protected|protect.*(delet|replac)",
        "user",
        "protected",
        "remove `protect` from the resource first, and run `mlstack up`",
    ),
    _rule(
        r"out ?of ?capacity|insufficient ?\w* ?capacity|no capacity|allocation ?failed|sku ?not ?available|"
        r"resource_pool_exhausted|enough resources available|stock-?out",
        "quota",
        "capacity",
        "the region has no such machine free: take another size or region, or run the command again later",
    ),
    _rule(  # of calls, not of machines: it passes by itself
        r"resource has been exhausted \(e\.g\. check quota\)|requests? per (minute|second)|"
        r"rate ?(limit ?)?exceeded|request ?limit ?exceeded|slow ?down",
        "transient",
        "transient",
        "run the command again: it goes on where it stopped",
    ),
    _rule(r"quota|limit ?exceeded", "quota", "quota", "ask for more quota, or ask for less"),
    _rule(
        r"unauthorized|access ?denied|forbidden|permission[_ ]denied|not authorized|expired ?token|"
        r"security token|unrecognized ?client|credential|\baz login|permission \S+ denied|"
        r"not have (\S+ )?(permission|access)|"
        r"has not been used in project|\bError 40[13]\b",
        "permission",
        "permission",
        "`mlstack doctor` checks the credentials",
    ),
    _rule(
        r"timed? ?out|deadline exceeded|throttl|too ?many ?requests|temporarily|unavailable|"
        r"connection (refused|reset)|(Status=|StatusCode: |\bError )(429|5\d\d)\b|InternalFailure",
        "transient",
        "transient",
        "run the command again: it goes on where it stopped",
    ),
    _rule(
        r"deleted but recoverable|soft-deleted|scheduled for deletion",
        "conflict",
        "soft-deleted",
        "what was deleted keeps its name for a while: recover or purge it in the cloud, or name yours anew",
    ),
    _rule(r"already ?(exist|owned)", "conflict", "exists", _EXISTS),
    _rule(r"conflict", "conflict", "conflict", "`mlstack refresh`, then run the command again"),
    _rule(
        r"api error (Validation|Invalid)\w*:",
        "user",
        "refused",
        "the cloud does not take what that resource is made of: change the spec as the message says",
    ),
    _rule(
        r"snapshot integrity|checkpoint|failed to load (the )?(snapshot|stack|deployment)",
        "engine",
        "broken-state",
        "`pulumi state repair`; the state of the run before is beside the state file, with the ending .bak",
    ),
)

_NOISE = re.compile(
    r"^(update|preview|destroy|refresh) failed$|^resource monitor shut down|^\d+ error occurred|"
    r"^grpc: the client connection is closing|python inline source runtime error: .*RunError",
    re.IGNORECASE,
)


def failure(journal: Journal, text: str, foreign: Mapping[str, str] = MappingProxyType({})) -> MlstackError:
    """The error to raise for an operation that failed. ``text`` is what the CLI wrote on stderr, ``foreign``
    what recovery has found in the place of a resource, by URN, and left alone.

    Where several resources failed, the first is told whole, and the others by their first lines.
    """
    told: dict[str, str] = {}
    for urn, message in journal.errors:
        clean = _unwrap(message)
        if clean and not _NOISE.search(clean):
            told.setdefault(urn, clean)
    if not told:
        return _classify(_from_stderr(text), None)
    (urn, first), *others = told.items()
    error = _not_ours(foreign[urn], place(urn)) if urn in foreign else _classify(first, place(urn))
    for other, message in others:
        line = parse(message)[0].splitlines()[0]
        error.message += f"\nalso failed: {place(other) or 'the program'}: {line}"
    return error


def _not_ours(message: str, where: str | None) -> MlstackError:
    return TargetError(
        message,
        where=where,
        remedy="to use it, name it as `existing:` in the spec; else give yours another name, or delete it",
        category="conflict",
        code="not-ours",
    )


def _classify(text: str, where: str | None) -> MlstackError:
    message, remedy, category = parse(text)
    if category:
        return TargetError(message, where=where, remedy=remedy, category=category, code=f"{category}-failed")
    for rule in RULES:
        if rule.pattern.search(text):
            if rule.code == "locked":
                return LockedError(text, where=where, remedy=rule.remedy)
            error = EngineError if rule.category == "engine" else TargetError
            return error(text, where=where, remedy=rule.remedy, category=rule.category, code=rule.code)
    return EngineError(text, where=where, remedy="`--debug` shows all that the engine said")


def place(urn: str) -> str | None:
    """The resource of the spec that a URN belongs to, "kind.name"; None for the whole program."""
    if not urn:
        return None
    parsed = Urn.parse(urn)
    if parsed.type.startswith("pulumi:providers:"):
        return None
    return f"{parsed.kind}.{parsed.name}" if parsed.kind else parsed.name


def _unwrap(message: str) -> str:
    """The failure itself, without the engine's own wrapping and counting."""
    if parse(message)[2] is None:  # what our own plugin says may quote a user's traceback
        message, _, _ = message.partition("Traceback (most recent call last)")
    message = message.strip().removeprefix("python inline source runtime error:")
    lines = message.strip().splitlines()
    while lines and (not lines[0].strip() or _NOISE.search(lines[0].strip())):
        lines.pop(0)
    text = "\n".join(line.rstrip() for line in lines).strip().removeprefix("* ")
    return re.sub(r"^.*?<\{%reset%\}>|<\{%\w+%\}>", "", text).removeprefix("error: ").strip()


def _from_stderr(text: str) -> str:
    told = (line.partition("error: ")[2].strip() for line in text.splitlines() if "error: " in line)
    errors = dict.fromkeys(told)
    if errors:
        return "\n".join([line for line in errors if not _NOISE.search(line)] or errors)
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-10:]) or "the engine ended without saying why"
