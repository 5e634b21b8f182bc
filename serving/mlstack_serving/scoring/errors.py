"""What can end a run, beside what can keep a server from starting (`mlstack_serving.errors`).

StartError           exit
├── InputError          6   the input cannot be read, does not fit the model, or has changed
└── TooManyFailed       7   more items failed than were allowed, or all of them
"""

from __future__ import annotations

from mlstack_serving.errors import StartError


class InputError(StartError):
    exit_code = 6


class TooManyFailed(StartError):
    exit_code = 7
