"""What each code of an invalid spec means, with the mistake and its cure: the source of the docs page."""

from __future__ import annotations

FILE: dict[str, str] = {
    "no-spec": "There is no file `mlstack.yaml` in the folder, or none under the name that `-f` gives. "
    "`mlstack new` starts one. Mistake: `mlstack validate -f infra.yml`, and the file is `infra.yaml`. "
    "Cure: `mlstack validate -f infra.yaml`.",
    "unreadable-spec": "The file is there and cannot be read: it belongs to somebody else, or it is a "
    "pipe or a device. Mistake: a file with mode 0600 of another user. Cure: `chmod g+r mlstack.yaml`.",
    "too-large": "A spec describes infrastructure in a few pages: a file of more than 256 KiB, or with "
    "more than 20,000 keys and values, is taken for an accident. Mistake: a table of training data "
    "written into the spec. Cure: `data: {rows: {path: rows.csv, type: file}}`.",
    "bad-encoding": "The file is not UTF-8 (a byte order mark is fine). The message names the byte. "
    "Mistake: the file was saved as UTF-16 or Latin-1. Cure: save it as UTF-8.",
    "empty-spec": "The file holds nothing but comments, or nothing at all. Mistake: `# my stack`. Cure: "
    "`name: my-stack`, or `mlstack new`.",
}

YAML: dict[str, str] = {
    "not-a-mapping": "The file as a whole has to be keys with values. Mistake: `- name: digits`. Cure: "
    "`name: digits`.",
    "tab-indent": "YAML takes only spaces for indentation. Mistake: a line that begins with a tab. "
    "Cure: two spaces for each tab; most editors do that by themselves for `.yaml`.",
    "yaml-syntax": "The text is no YAML from this place on: a bracket or a quote is open, a colon lacks "
    "its space, lines of one block are indented differently. Mistake: `when: "
    '{${{steps.check.metrics.f1}} > 0.9}`. Cure: `when: "${{steps.check.metrics.f1}} > 0.9"`.',
    "bad-character": "A control character, which YAML does not allow even within quotes. Mistake: an "
    "escape sequence pasted from a terminal. Cure: remove it, or write it as an escape in double "
    'quotes: `"\\u001b"`.',
    "several-documents": "A spec is one YAML document. Mistake: a second `---`. Cure: one file per "
    "spec; what differs by stack goes to `mlstack.<stack>.yaml`.",
    "too-deep": "More than 64 levels of brackets or indentation, which no spec needs. Mistake: brackets "
    "that are never closed. Cure: close them.",
    "too-many-aliases": "Aliases (`*name`) that name each other until the file, written out, would have "
    "more than 20,000 values, or no end. Mistake: `a: &a [*a]`. Cure: write out what is meant.",
    "unknown-anchor": "An alias `*name` for which nothing above is marked `&name`. Mistake: `env: "
    "*common` alone. Cure: `env: &common {LOG_LEVEL: info}` at the first place, `*common` below it.",
    "bad-merge": "`<<` merges the keys of another mapping into this one, and takes nothing else. "
    "Mistake: `<<: common`. Cure: `<<: *common`.",
    "yaml-tag": "A spec is plain data, so YAML's tags (`!name`, `!!name`) are refused, whatever they "
    "would do. Mistake: `cpus: !!str 2`. Cure: `cpus: 2`, and quotes where a text is meant.",
    "duplicate-key": "A key is there twice in one mapping; YAML would keep only one of them, silently. "
    "Mistake: two `train:` below `jobs:`. Cure: rename or remove one; the message has both lines.",
    "non-string-key": "A key is a number, true, false or null, or a list. Mistake: `tags: {2024: x}`. "
    'Cure: `tags: {"2024": x}`.',
}

SHAPE: dict[str, str] = {
    "unknown-key": "The spec has no such key here. Where one is near, it is suggested, else all are "
    "listed. Mistake: `enviroment: sk`. Cure: `environment: sk`.",
    "missing-key": "A key that cannot be left out. The place is that of the mapping that lacks it. "
    "Mistake: `jobs: {train: {code: ./src}}`. Cure: `jobs: {train: {code: ./src, command: python "
    "train.py}}`.",
    "wrong-type": "The value is of another kind than the key takes; the message says which it takes. "
    "Mistake: `packages: pandas`. Cure: `packages: [pandas]`.",
    "no-machine": "No machine of the target's catalogue has that size or meets the requirement in this "
    "region, or none does for `max_price`; the message names the nearest and what it lacks. Mistake: `gpu: "
    "t4:16`. Cure: `gpu: t4:4`, or the target's own name of a machine as `instance`.",
    "unknown-region": "The target has no region of that name; a near one is suggested. Mistake: `region: "
    "westeurop`. Cure: `region: westeurope`. In a Pulumi program it is the config value `mlstack:region`.",
    "not-there": "What the spec says exists already was not found there. Mistake: `model: {registry: "
    "azureml:digts}`. Cure: `model: {registry: azureml:digits}`.",
    "bad-native": "A `native` block says what the classes of the provider's Pulumi SDK do not take, or names "
    "no resource that is made here; the message lists those that are. Mistake: `native: {azure: "
    "{propertis: {}}}`. Cure: `native: {azure: {properties: {}}}`.",
    "unknown-value": "The key takes one of a few words, and this is none of them. Mistake: `type: "
    "onlin`. Cure: `type: online`.",
    "bad-value": "The value is of the right kind and breaks a rule of the key, such as a bound. "
    "Mistake: `retries: -1`. Cure: `retries: 0`.",
}

FILES: dict[str, str] = {
    "missing-path": "A file or folder that the spec names is not there. Paths are relative to the "
    "folder of the spec, not to where the command is run. Mistake: `code: ./scr`. Cure: `code: ./src`.",
    "wrong-path-type": "There is a folder where a file is declared, or the reverse. Mistake: `{path: "
    "./images, type: file}`. Cure: `{path: ./images, type: folder}`.",
}

VALUES: dict[str, str] = {
    "not-text": "A text is wanted, and a number, true or false stands there; what YAML takes for a "
    "number would lose its form on the way. Mistake: `env: {OMP_NUM_THREADS: 2}`. Cure: `env: "
    '{OMP_NUM_THREADS: "2"}`.',
    "bad-name": "Names become part of the names of cloud resources: a small letter, then small letters, "
    "digits and `-`, 31 characters at most. Mistake: `compute: {Train_GPU: {}}`. Cure: `compute: "
    "{train-gpu: {}}`.",
    "not-scalar": "A literal is a number, true, false or a text. Mistake: `c: {value: [1, 2]}`. Cure: "
    '`c: {value: "1,2"}`, or data.',
    "not-positive": "A number above 0 is wanted. Mistake: `amount: 0`. Cure: `amount: 500`.",
    "bad-cloud": "A cloud is a name, and of candidates each is there once. Mistake: `cloud: [aws, "
    "aws]`. Cure: `cloud: [aws, gcp]`.",
    "bad-region": "A region is the cloud's own id, and of candidates each is there once. Mistake: "
    "`region: West Europe`. Cure: `region: westeurope`.",
    "bad-variable": "The name of an environment variable has letters, digits and `_`, and no digit "
    "first. Mistake: `env: {LOG-LEVEL: info}`. Cure: `env: {LOG_LEVEL: info}`.",
    "bad-duration": "A length of time has a unit: ms, s, m, h or d. Mistake: `timeout: 60`. Cure: "
    "`timeout: 60s`.",
    "bad-memory": "Memory and disk are GiB, or have a unit. Mistake: `memory: lots`. Cure: `memory: "
    "16`, `512Mi` or `16GB`.",
    "bad-money": "An amount of money has a currency. Mistake: `max_price: 5`. Cure: `max_price: 5 USD`.",
    "bad-gpu": 'An accelerator is its type, and how many of it. Mistake: `gpu: 1`. Cure: `gpu: "t4:1"`.',
    "bad-percentage": "A whole number from 0 to 100. Mistake: `traffic: 0.9`. Cure: `traffic: 90`.",
    "bad-fraction": "A number from 0 to 1, or a percentage. Mistake: `capture: {sample: 50}`. Cure: "
    "`capture: {sample: 0.5}`.",
    "bad-python": "A Python version is written in quotes, since 3.10 as a number is 3.1. Mistake: "
    '`python: 3.10`. Cure: `python: "3.10"`.',
    "bad-email": "Not an e-mail address. Mistake: `email: oncall`. Cure: `email: oncall@example.com`.",
    "bad-currency": "A currency by the three letters of ISO 4217. Mistake: `currency: dollars`. Cure: "
    "`currency: USD`.",
    "bad-cron": "Five fields: minute, hour, day of the month, month, day of the week. Mistake: `cron: "
    '"3:00"`. Cure: `cron: "0 3 * * *"`.',
    "bad-timezone": "A time zone by its IANA name. Mistake: `timezone: CEST`. Cure: `timezone: "
    "Europe/Berlin`.",
    "bad-condition": "A condition compares values of earlier steps. Mistake: `when: good`. Cure: `when: "
    '"${{steps.check.metrics.accuracy}} > 0.9"`.',
    "bad-threshold": "The threshold of a distance is a number, 0 or more. Mistake: `threshold: high`. "
    "Cure: `threshold: 0.2`.",
    "bad-metric": "The metric does not measure this signal. Mistake: `{signal: data-drift, metric: "
    "ndcg}`. Cure: `{signal: data-drift, metric: psi}`.",
    "bad-quantile": "A quantile lies between 0 and 1. Mistake: `quantile: 95`. Cure: `quantile: 0.95`.",
    "bad-rollout": "A rollout's percentages rise to 100. Mistake: `steps: [50, 10]`. Cure: `steps: [10, "
    "50, 100]`.",
    "bad-replicas": "A fixed number of replicas is 1 or more. Mistake: `replicas: 0`. Cure: `replicas: "
    "{min: 0, max: 1}`, which sleeps when nobody asks.",
    "reserved-tag": "Tags that begin with `mlstack-` are mlstack's own; by them it knows what is its. "
    "Mistake: `tags: {mlstack-stack: x}`. Cure: `tags: {stack: x}`.",
    "secret-literal": "A secret is written out, and a spec is committed. Mistake: `secrets: {hf-token: "
    "hf_abc}`. Cure: `secrets: {hf-token: {env: HF_TOKEN}}`; then change the secret, if the file was "
    "shared.",
    "bad-vault-path": "A secret of Vault is a path and a key. Mistake: `vault: ml/hf`. Cure: `vault: "
    "ml/hf#token`.",
}

CHOICES: dict[str, str] = {
    "secret-source": "A secret has exactly one place. Mistake: `{env: A, vault: p#k}`. Cure: `{env: A}`.",
    "data-source": "Data has a path, or is `existing`. Mistake: `{type: file}`. Cure: `{type: file, "
    "path: a.csv}`.",
    "model-source": "A model has exactly one of `from`, `path`, `hub`, `registry`. Mistake: `models: "
    "{m: {}}`. Cure: `models: {m: {path: ./model}}`.",
    "revision-without-hub": "Only a model of the hub has a revision. Mistake: `{path: ./m, revision: "
    "main}`. Cure: `{path: ./m}`.",
    "notification-channel": "A notification has exactly one channel. Mistake: `oncall: {}`. Cure: "
    "`oncall: {email: ml@example.com}`.",
    "environment-twice": "An image, a Dockerfile, a conda file or an existing environment is complete "
    "in itself. Mistake: `{image: a/b, packages: [pandas]}`. Cure: one of the two.",
    "machine-twice": "A size or an instance chooses the machine; cpus, memory and gpu would choose it "
    "again. Mistake: `{size: cpu-m, memory: 64}`. Cure: `{memory: 64}`.",
    "min-above-max": "Mistake: `{min: 3, max: 1}`. Cure: `{min: 1, max: 3}`.",
    "existing-excludes": "Compute that is there is used as it is. Mistake: `{existing: pool, max: 4}`. "
    "Cure: `{existing: pool}`.",
    "cluster-excludes": "The machines of an attached cluster are those of its node pools. Mistake: "
    "`{cluster: {type: aks, name: c}, size: cpu-m}`. Cure: the size at a pool below `node_pools`.",
    "scaling-target": "The number of replicas follows exactly one thing. Mistake: `target: {rps: 5, "
    "cpu: 70}`. Cure: `target: {rps: 5}`.",
    "server-choice": "Another server is vLLM or a container. Mistake: `server: {}`. Cure: `server: "
    "{vllm: {}}`.",
    "server-and-code": "Code of one's own runs in mlstack's server. Mistake: `{code: …, server: {vllm: "
    "{}}}`. Cure: one of the two.",
    "container-and-environment": "A container's image is its environment. Mistake: `environment: sk` "
    "beside `server: {container: …}`. Cure: no `environment`.",
    "model-missing": "A deployment without model, code or container answers nothing. Mistake: `blue: "
    "{size: cpu-s}`. Cure: `blue: {size: cpu-s, model: digits}`.",
    "traffic-sum": "The traffic of all deployments of an endpoint sums to 100. Mistake: 90 and 20. "
    "Cure: 90 and 10.",
    "mirror-and-traffic": "A deployment answers requests or gets copies of them. Mistake: `{traffic: "
    "50, mirror: 20}`. Cure: `{traffic: 0, mirror: 20}`.",
    "online-only": "Mirror, capture, probes, batching, limits and rollout have no meaning in a batch "
    "endpoint. "
    "Mistake: `mirror: 20` below `type: batch`. Cure: leave it out.",
    "batch-only": "Mini batches have no meaning in an online endpoint. Mistake: `mini_batch: 100` below "
    "`type: online`. Cure: `type: batch`.",
    "schedule-start": 'A schedule has exactly one of `cron`, `every`, `on`. Mistake: `{cron: "0 3 * * '
    '*", every: 1d}`. Cure: `{every: 1d}`.',
    "timezone-without-cron": "Only cron has a time of day. Mistake: `{every: 1d, timezone: "
    "Europe/Berlin}`. Cure: `{every: 1d}`.",
    "step-sort": "A step is a job, an approval or an endpoint. Mistake: `{job: train, endpoint: "
    "digits}`. Cure: two steps, the second with `needs`.",
    "step-field": "A field of another sort of step. Mistake: `{job: train, rollout: {…}}`. Cure: the "
    "rollout at the step that has `endpoint` and `deployment`.",
    "baseline-missing": "Drift, quality and attribution compare with something. Mistake: `signal: "
    "data-drift` alone. Cure: `baseline: data.digits` beside it.",
    "code-missing": "A custom signal is measured by code of one's own. Mistake: `signal: custom` alone. "
    "Cure: `code: {dir: ./watch, script: measure.py}` beside it.",
    "signal-excludes": "The signal has no use for the field. Mistake: `{signal: latency, metric: psi}`. "
    "Cure: no `metric`.",
    "bad-reference": "Where the kind is fixed a reference is a name, where it is open it is a path, and "
    "a literal is `{value: …}`. Mistake: `inputs: {data: digits}`. Cure: `inputs: {data: data.digits}`.",
}

GRAPH: dict[str, str] = {
    "dangling-reference": "A reference to something that the spec does not have. Mistake: `environment: "
    "skk`, with only `sk` below `environments`. Cure: `environment: sk`.",
    "unknown-output": "The job is there, and declares no such output. Mistake: `from: "
    "jobs.train.modle`. Cure: `from: jobs.train.model`, or `outputs: {modle: {}}` at the job.",
    "unknown-input": "A step, or `mlstack run --input`, gives a job an input that it does not have, or a "
    "value to one that takes a reference such as `data.NAME`. Mistake: `{job: train, "
    "inputs: {dta: data.digits}}`. Cure: `{job: train, inputs: {data: data.digits}}`.",
    "bad-placeholder": "A `${{…}}` that means nothing here: a job knows its inputs and outputs, a "
    "condition the metrics of steps. Mistake: `command: cat ${{data.digits}}`. Cure: `command: cat "
    "${{inputs.data}}`.",
    "cycle": "Things that need each other in a ring, so that none can be first. Mistake: a job with "
    "`inputs: {m: models.digits}`, where that model is `{from: jobs.train.model}` of the same job. "
    "Cure: take one of the references out.",
}

CODES: dict[str, str] = {**FILE, **YAML, **SHAPE, **FILES, **VALUES, **CHOICES, **GRAPH}
