"""What became of an action. `status` tells the class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, Mapping, Sequence, TypeVar, Union, cast

R = TypeVar("R")


@dataclass(frozen=True)
class FieldViolation:
    """One wrong field of a call, and how to correct it."""

    field: str
    """The name as it is written in the call, such as `user_id` or `embed.title`."""
    message: str


@dataclass(frozen=True)
class Failure:
    """Why an action did not succeed, for programs."""

    code: str
    """A code of `FAILURES`; a newer gateway may have more."""
    retryable: bool
    """The same request may succeed later without a change."""
    retry_after_ms: int | None = None
    """Milliseconds until a repeat makes sense."""
    platform_status: int | None = None
    """The HTTP status that the platform answered with."""
    platform_code: str | None = None
    """The platform's own error code."""
    violations: Sequence[FieldViolation] = ()
    """Every wrong field."""


@dataclass(frozen=True)
class _Base:
    action_id: str
    """UUIDv7; empty only where no action was begun."""
    message: str
    """One line for people."""
    request_id: str
    """The `request_id` of the call."""
    replayed: bool
    """This is the stored answer of an earlier request with the same idempotency key."""
    sandbox: bool
    """The platforms were simulated."""


@dataclass(frozen=True)
class Succeeded(_Base, Generic[R]):
    """The platform confirmed the action."""

    result: R
    status: Literal["SUCCEEDED"] = "SUCCEEDED"


@dataclass(frozen=True)
class Prepared(_Base):
    """A dry run: nothing was sent."""

    prepared: Mapping[str, Any]
    """What would be sent, with `method`, `url`, `body`, `reads`, `following`, `missing_scopes` and `cost`."""
    status: Literal["PREPARED"] = "PREPARED"


@dataclass(frozen=True)
class Waiting(_Base):
    """The action is queued or scheduled. Ask for it with `gateway.status(action_id)`."""

    status: Literal["QUEUED", "SCHEDULED"]


@dataclass(frozen=True)
class Running(_Base):
    """The action has begun and not ended. Ask for it with `gateway.status(action_id)`."""

    status: Literal["RUNNING"] = "RUNNING"


@dataclass(frozen=True)
class _Unsuccessful(_Base):
    error: str
    """The reason in one line for people."""
    failure: Failure
    partial_result: Mapping[str, Any]
    """What is known of the result in spite of it, such as advice or an id."""


@dataclass(frozen=True)
class Refused(_Unsuccessful):
    """The gateway or the platform said no; nothing happened."""

    status: Literal["REFUSED"] = "REFUSED"


@dataclass(frozen=True)
class Failed(_Unsuccessful):
    """A technical fault; nothing happened."""

    status: Literal["FAILED"] = "FAILED"


@dataclass(frozen=True)
class Unknown(_Unsuccessful):
    """The request was sent and no clear answer came: it may or may not have happened."""

    status: Literal["UNKNOWN"] = "UNKNOWN"


@dataclass(frozen=True)
class Cancelled(_Base):
    """Cancelled before anything was sent."""

    error: str
    status: Literal["CANCELLED"] = "CANCELLED"


Outcome = Union[Succeeded[R], Prepared, Waiting, Running, Refused, Failed, Unknown, Cancelled]

_UNSUCCESSFUL: Mapping[str, type[Refused] | type[Failed] | type[Unknown]] = {
    "REFUSED": Refused,
    "FAILED": Failed,
    "UNKNOWN": Unknown,
}


def read_outcome(body: Mapping[str, Any]) -> Outcome[Any]:
    """Reads an outcome of the REST door."""
    status = body["status"]
    base = {
        "action_id": body.get("action_id", ""),
        "message": body.get("message", ""),
        "request_id": body.get("request_id", ""),
        "replayed": body.get("replayed", False),
        "sandbox": body.get("sandbox", False),
    }
    result: Mapping[str, Any] = body.get("result_data") or {}
    if status == "SUCCEEDED":
        return Succeeded(**base, result=result)
    if status == "PREPARED":
        return Prepared(**base, prepared=body["prepared"])
    if status in ("QUEUED", "SCHEDULED"):
        return Waiting(**base, status=status)
    if status == "RUNNING":
        return Running(**base)
    error = str(body.get("error", ""))
    if status == "CANCELLED":
        return Cancelled(**base, error=error)
    failure = _read_failure(body.get("failure") or {"code": status, "retryable": False})
    return _UNSUCCESSFUL[status](**base, error=error, failure=failure, partial_result=result)


def find_repeat(body: Mapping[str, Any]) -> float | None:
    """Seconds after which the same request may be repeated; None where it must not be, or to no avail.

    An outcome that is UNKNOWN is never repeated.
    """
    failure = body.get("failure")
    if not failure or not failure["retryable"] or body["status"] not in ("REFUSED", "FAILED"):
        return None
    return cast(float, failure.get("retry_after_ms", 0)) / 1000


_ENVELOPE_NAMES = {"account_id": "account", "actor_id": "actor"}


def _read_failure(failure: Mapping[str, Any]) -> Failure:
    violations = []
    for violation in failure.get("violations", ()):
        field = violation["field"].removeprefix("parameters.")
        violations.append(FieldViolation(_ENVELOPE_NAMES.get(field, field), violation["message"]))
    return Failure(
        code=failure["code"],
        retryable=failure["retryable"],
        retry_after_ms=failure.get("retry_after_ms"),
        platform_status=failure.get("platform_status"),
        platform_code=failure.get("platform_code"),
        violations=tuple(violations),
    )
