"""``mlstack:local:Notification``: a channel that monitors tell, as a file of mode 0600."""

from __future__ import annotations

from mlstack.resource import Context, Inputs, Properties, Resource, State
from mlstack_local.deployments.inputs import Part, SecretPart
from mlstack_local.files import prune
from mlstack_local.layout import Layout
from mlstack_local.notify import Channel, Smtp
from mlstack_local.notify import channel as channels


class SmtpPart(Part):
    """``password`` names a secret of the stack."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = None
    sender: str


class NotificationInputs(Inputs):
    """Either ``address`` or ``secret``; ``smtp`` for mail alone."""

    stack_uid: str
    name: str
    channel: str
    address: str | None = None
    secret: SecretPart | None = None
    smtp: SmtpPart | None = None


class Notification(Resource[NotificationInputs]):
    Inputs = NotificationInputs
    replace_on = frozenset({"stack_uid", "name"})

    def create(self, context: Context, inputs: NotificationInputs) -> State:
        channel = Channel(
            inputs.name,
            inputs.channel,
            inputs.address,
            inputs.secret.name if inputs.secret else None,
            Smtp(**inputs.smtp.model_dump()) if inputs.smtp else Smtp(),
        )
        channels.write(Layout(context.root, inputs.stack_uid), channel)
        place = f"{inputs.stack_uid}/notification/{inputs.name}"
        return State(place, inputs.model_dump(exclude_none=True), {})

    def read(self, context: Context, state: State) -> State | None:
        stack_uid, _, name = state.id.split("/")
        there = channels.read(Layout(context.root, stack_uid), name)
        return state if there and state.inputs else None

    def delete(self, context: Context, state: State) -> None:
        stack_uid, _, name = state.id.split("/")
        layout = Layout(context.root, stack_uid)
        path = channels.path(layout, name)
        path.unlink(missing_ok=True)
        prune(path.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        place = f"{inputs['stack_uid']}/notification/{inputs['name']}"
        return self.read(context, State(place, inputs, {}))
