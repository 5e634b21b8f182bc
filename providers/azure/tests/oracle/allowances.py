"""The differences between what mlstack sends and what azure-ai-ml would, each with its reason.

A difference that no entry allows fails its case, and an entry that no case needs fails too.
"""

from __future__ import annotations

from .compare import ABSENT, EMPTY, Allowance

ALLOWANCES: tuple[Allowance, ...] = (
    Allowance(
        ".*",
        r"(properties\.)?tags\.mlstack-stack",
        "the stack's uid, by which recovery knows what belongs to it",
        theirs=ABSENT,
    ),
    Allowance(
        "environment|data|model|job|component|schedule",
        r"properties\.(action\.jobDefinition\.)?(isAnonymous|isArchived)",
        "azure-ai-ml writes out the service's default",
        ours=ABSENT,
        theirs=False,
    ),
    Allowance(
        ".*",
        ".*",
        "azure-ai-ml writes out an empty map or list, where leaving it out says the same",
        ours=ABSENT,
        theirs=EMPTY,
    ),
    Allowance(
        ".*",
        r".*\.(requestTimeout|maxQueueWait|timeout|period|initialDelay|nodeIdleTimeBeforeScaleDown|pollingInterval"
        r"|windowSize|windowOffset)",
        "the same length of time, written otherwise",
        same="duration",
    ),
    Allowance(
        ".*",
        r".*\.(publicNetworkAccess|egressPublicNetworkAccess|authMode|dataCollectionMode|rollingRate|loggingLevel"
        r"|frequency|weekDays\[\d+\]|taskType|osType|type|dataContext|systemDatastoresAuthMode)",
        "a word of a list of choices, which Azure Resource Manager reads without regard to case",
        same="word",
    ),
    Allowance(
        "job|schedule",
        r".*\.(_source|settings\._source)",
        "azure-ai-ml notes which of its clients made it, for telemetry",
        ours=ABSENT,
    ),
    Allowance(
        "environment",
        r"properties\.condaFile",
        "the same conda file, its lines in another order",
        same="yaml",
    ),
    Allowance("workspace", "kind", "a word of a list of choices", same="word"),
    Allowance(
        "workspace",
        r"sku\.(name|tier)",
        "the only sku that there is; azure-ai-ml leaves it to the service",
        ours="Basic",
        theirs=ABSENT,
    ),
    Allowance(
        "workspace",
        r"properties\.enableDataIsolation",
        "azure-ai-ml writes out the service's default",
        ours=ABSENT,
        theirs=False,
    ),
    Allowance(
        "workspace",
        r"properties\.(v1LegacyMode|managedNetwork\.enableNetworkMonitor|hbiWorkspace)",
        "the service's default, which the SDK writes out",
        ours=False,
        theirs=ABSENT,
    ),
    Allowance(
        "workspace",
        r"properties\.managedNetwork\.firewallSku",
        "azure-ai-ml writes out the service's default",
        ours=ABSENT,
        theirs="Standard",
    ),
    Allowance(
        "workspace",
        r"properties\.provisionNetworkNow",
        "azure-ai-ml provisions the managed network by a second call (az ml workspace provision-network)",
        ours=True,
        theirs=ABSENT,
    ),
    Allowance(
        "workspace",
        r"properties\.systemDatastoresAuthMode",
        "the service's default, written out",
        ours="AccessKey",
        theirs=ABSENT,
    ),
    Allowance(
        "workspace",
        r"properties\.encryption\.(identity\.userAssignedIdentity|keyVaultProperties\.identityClientId)",
        "mlstack reads the key as an identity of its own that may do no more; the YAML has no word for it",
        theirs=ABSENT,
    ),
    Allowance(
        "compute|component|workspace",
        "name",
        "the name is a part of the address; azure-ai-ml repeats it in the body, where the service ignores it",
        ours=ABSENT,
    ),
)
