"""Typed client of the action gateway.

    with ActionGateway("http://localhost:8070", token) as gateway:
        outcome = gateway.twitch.chat_message(account="1001", message="Hello!")
"""

from . import discord, twitch, youtube
from ._async_client import AsyncActionGateway
from ._client import ActionGateway
from ._errors import ActionError, GatewayError, result_of
from ._events import WatchEvent
from ._failures import FAILURES
from ._outcome import (
    Cancelled,
    Failed,
    Failure,
    FieldViolation,
    Outcome,
    Prepared,
    Refused,
    Running,
    Succeeded,
    Unknown,
    Waiting,
)
from ._requests import ActionRequest, ActorCall, Call

__all__ = [
    "FAILURES",
    "ActionError",
    "ActionGateway",
    "ActionRequest",
    "ActorCall",
    "AsyncActionGateway",
    "Call",
    "Cancelled",
    "Failed",
    "Failure",
    "FieldViolation",
    "GatewayError",
    "Outcome",
    "Prepared",
    "Refused",
    "Running",
    "Succeeded",
    "Unknown",
    "Waiting",
    "WatchEvent",
    "discord",
    "result_of",
    "twitch",
    "youtube",
]
