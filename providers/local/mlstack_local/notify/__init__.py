"""Telling somebody: mail, chat and pagers through Apprise, webhooks by a POST of our own."""

from mlstack_local.notify.channel import Channel, Smtp
from mlstack_local.notify.message import Notice
from mlstack_local.notify.send import send

__all__ = ["Channel", "Notice", "Smtp", "send"]
