"""The differences between what mlstack sends and what azure-ai-ml would, each with its reason.

A difference that no entry allows fails its case, and an entry that no case needs fails too.
"""

from __future__ import annotations

from tests.oracle.compare import ABSENT, EMPTY, Allowance

NEWER = (
    "azure-ai-ml speaks of monitors as the preview API did; the SDK of the provider as 2025-12-01, which has "
    "another shape here"
)

ALLOWANCES: tuple[Allowance, ...] = (
    Allowance(
        ".*",
        r"(.*\.)?tags\.mlstack-[a-z]+",
        "the stack's uid, by which recovery knows what belongs to it; a model's flavor, a table's label",
        theirs=ABSENT,
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
        r".*\.(publicNetworkAccess|egressPublicNetworkAccess|authMode|dataCollectionMode|rollingRate|loggingLevel"
        r"|frequency|weekDays\[\d+\]|taskType|osType|type|dataContext|systemDatastoresAuthMode|metric)",
        "a word of a list of choices, which Azure Resource Manager reads without regard to case",
        same="word",
    ),
    Allowance(
        "job|schedule|component",
        r".*\.(_source|client_component_hash)",
        "azure-ai-ml notes which of its clients made it and what of, for telemetry",
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
    *(
        Allowance(
            kind,
            path,
            "the service's default, which the SDK of the provider writes out",
            ours=value,
            theirs=ABSENT,
        )
        for kind, path, value in (
            ("environment", r"properties\.autoRebuild", "Disabled"),
            ("environment", r"properties\.osType", "Linux"),
            ("online_endpoint", r"properties\.publicNetworkAccess", "Enabled"),
            ("online_deployment", r"properties\.egressPublicNetworkAccess", "Enabled"),
            ("online_deployment", r"properties\.scaleSettings\.scaleType", "Default"),
            ("online_deployment", r"properties\.instanceType", "defaultinstancetype"),
            ("online_deployment", r"properties\.(liveness|readiness)Probe\.successThreshold", 1),
            ("online_deployment", r"properties\.(liveness|readiness)Probe\.failureThreshold", 30),
            ("online_deployment", r"properties\.(liveness|readiness)Probe\.timeout", "PT2S"),
            ("online_deployment", r"properties\.requestSettings\.maxQueueWait", "PT0.5S"),
            ("batch_deployment", r"properties\.loggingLevel", "Info"),
            ("batch_deployment", r"properties\.maxConcurrencyPerInstance", 1),
            ("batch_deployment", r"properties\.retrySettings\.maxRetries", 3),
            ("batch_deployment", r"properties\.outputAction", "AppendRow"),
            ("batch_deployment", r"properties\.outputFileName", "predictions.csv"),
            ("schedule", r"properties\.isEnabled", True),
            ("online_deployment", r"properties\.requestSettings\.requestTimeout", "PT5S"),
            ("online_deployment", r"properties\.scaleSettings\.pollingInterval", "PT1S"),
        )
    ),
    Allowance(
        "job|schedule",
        r"properties\.(action\.jobDefinition\.)?(displayName|experimentName)",
        "names that people see: mlstack gives the spec's, azure-ai-ml leaves the service to make them up",
        theirs=ABSENT,
    ),
    Allowance(
        "compute",
        r"properties\.properties\.scaleSettings\.nodeIdleTimeBeforeScaleDown",
        "azure-ai-ml writes out the service's default",
        ours=ABSENT,
        theirs="PT2M",
    ),
    Allowance(
        "compute",
        r"location|properties\.disableLocalAuth",
        "of an attached cluster azure-ai-ml sends neither where it is nor that keys of its own are off",
        theirs=ABSENT,
    ),
    Allowance(
        "data",
        r"properties\.properties\..*",
        "azure-ai-ml drops the properties of a data asset's YAML (entities/_assets/_artifacts/data.py)",
        theirs=ABSENT,
    ),
    Allowance(
        "schedule",
        r"properties\.trigger\.(start|end)Time",
        "the same moment, written otherwise",
        same="moment",
    ),
    *(
        Allowance(
            "schedule", rf"properties\.action\.monitorDefinition\.{path}", NEWER, ours=ours, theirs=theirs
        )
        for path, ours, theirs in (
            (r"signals\..*\.inputDataType", "Rolling", "Trailing"),
            (r"signals\..*\.notificationTypes\[0\]", "AmlNotification", ABSENT),
            (r"signals\.[^.]*\.mode", ABSENT, "*"),
            (r"signals\.[^.]*\.modelType", ABSENT, "*"),
            (r"alertNotificationSetting\..*", ABSENT, "*"),
            (r"alertNotificationSettings\..*", "*", ABSENT),
        )
    ),
    Allowance(
        "schedule",
        r"properties\.isEnabled",
        "the YAML has no word for a schedule that is made asleep",
        ours=False,
        theirs=ABSENT,
        case="pipelines-every-six-hours",
    ),
    Allowance(
        "schedule",
        r"properties\.action\.jobDefinition\.tags\..*",
        "the schedule's tags are on the jobs that it starts too",
        theirs=ABSENT,
    ),
    Allowance(
        "schedule",
        r"properties\.action\.monitorDefinition\.signals\..*\.featureImportanceSettings\..*",
        NEWER,
        theirs=ABSENT,
    ),
    Allowance(
        "online_deployment",
        r"sku\.capacity",
        "where the platform scales, mlstack says the number to begin with",
        ours=1,
        theirs=ABSENT,
    ),
    Allowance(
        "model",
        r"properties\.jobName",
        "the job that a model comes from; azure-ai-ml leaves the service to read it from the path",
        theirs=ABSENT,
    ),
    Allowance(
        "component",
        r"properties\.componentSpec\.(name|version|display_name)",
        "name and version are a part of the address; what people see is the step's name",
    ),
    Allowance(
        "job",
        r"properties\.command",
        "the YAML has no word for a job's secrets: the command fetches them first, as the job's identity",
        case="jobs-of-a-model-and-a-job",
    ),
    Allowance(
        "component",
        r"properties\.componentSpec\.(inputs|outputs)",
        "a pipeline without inputs and outputs of its own, said by an empty map",
        ours=EMPTY,
        theirs=ABSENT,
    ),
    Allowance(
        "component",
        r"properties\.isArchived",
        "the service's default, which the SDK of the provider writes out",
        ours=False,
        theirs=ABSENT,
    ),
    Allowance(
        "component",
        r"properties\.componentSpec\.jobs\..*\.(inputs\..*\.mode|resources\.shm_size)",
        "the service's default, written out: files are mounted to be read, and shared memory is 2g",
        theirs=ABSENT,
    ),
    Allowance(
        "component",
        r"properties\.componentSpec\.(description|tags\..*)",
        "azure-ai-ml says them twice: here, and of the version, where mlstack says them too",
        ours=ABSENT,
    ),
)
