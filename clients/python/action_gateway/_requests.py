"""Requests and their repeats, without any I/O: generators that both clients drive.

A generator yields a `Request` to be sent, or a `Pause` to be waited, and is sent an `Answer` or a `NoAnswer`
for each request. It returns what the caller gets.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO, Callable, Generator, Literal, Mapping, Sequence, TypeVar, Union

from typing_extensions import TypedDict

from ._errors import GatewayError
from ._outcome import Outcome, find_repeat, read_outcome

T = TypeVar("T")


class Call(TypedDict, total=False):
    """What every action takes beside its parameters."""

    account: str
    """Whose channel, server or bot; left out for the platform's default account."""
    credential_ref: str
    """Credentials that an outside service holds, in place of `account`."""
    timeout: float
    """Seconds for the call with its repeats; the gateway answers within what is left of them."""
    idempotency_key: str
    """The caller's own key: the same key and content is carried out once. Made for each call when left out."""
    dry_run: bool
    """Show what would be sent, and send nothing."""
    run_async: bool
    """Answer at once, and carry out later."""
    run_at: datetime | str
    """When to carry out; a datetime needs a time zone."""
    callback_url: str
    """Where the gateway sends the outcome."""
    priority: Literal["NORMAL", "HIGH", "LOW"]
    """`HIGH` may spend reserves."""
    request_id: str
    """Correlation only: comes back in the outcome."""
    upload: bytes | BinaryIO
    """A file for an action that takes one, in place of its address."""
    upload_type: str
    """The media type of the upload; application/octet-stream when left out."""


class ActorCall(Call, total=False):
    """What an action takes that another account may do in the channel."""

    actor: str
    """Who acts, where it is not the account itself."""


@dataclass(frozen=True)
class ActionRequest:
    """The request for one action, with parameters named as in docs/actions.md."""

    platform: str
    action_type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    options: ActorCall = field(default_factory=ActorCall)


@dataclass(frozen=True)
class Request:
    """A request to the REST door."""

    method: str
    path: str
    body: Any = None
    idempotency_key: str | None = None
    upload: tuple[bytes | BinaryIO, str] | None = None
    repeatable: bool = True
    """Whether a repeat is harmless although an answer may have been lost."""
    timeout: float = 30.0
    """Seconds that are left for it."""

    @property
    def headers(self) -> dict[str, str]:
        """Headers beside the credential and the type of the body."""
        headers = {}
        if self.idempotency_key is not None:
            headers["idempotency-key"] = self.idempotency_key
        # https://www.rfc-editor.org/rfc/rfc7240#section-4.3
        if self.timeout >= 1:
            headers["prefer"] = f"wait={int(self.timeout)}"
        return headers

    def content(self) -> dict[str, Any]:
        """The arguments of httpx for the body."""
        if self.upload is not None:
            file, media_type = self.upload
            if not isinstance(file, bytes):
                file.seek(0)
            # The gateway reads the envelope before the file.
            envelope = (None, json.dumps(self.body).encode(), None)
            return {"files": [("envelope", envelope), ("file", ("file", file, media_type))]}
        return {} if self.body is None else {"json": self.body}


@dataclass(frozen=True)
class Pause:
    """A wait, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class NoAnswer:
    """A connection that failed, or an answer that did not come in time."""

    reason: str
    connected: bool


Steps = Generator[Union[Request, Pause], Union[Answer, NoAnswer, None], T]

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
# Statuses of a refusal by a door or a proxy that may be over after a while.
_PASSING = (408, 429, 502, 503, 504)


def send(
    request: Request,
    retries: int,
    again: Callable[[Any], float | None] = lambda _body: None,
) -> Steps[Any]:
    """Sends a request until it has an answer, and returns the JSON in it.

    `again` tells from it after how many seconds the request may be repeated. Raises GatewayError.
    """
    ends_at = time.monotonic() + request.timeout
    nothing_sent = True
    for repeats in range(retries + 1):
        left = ends_at - time.monotonic()
        answer = yield replace(request, timeout=max(left, 0.001))
        error: GatewayError | None = None
        body = _parse(answer.text) if isinstance(answer, Answer) else None
        after: float | None
        if isinstance(answer, Answer) and body is not None and _is_usable(answer, body):
            after = again(body)
        else:
            error, after = _judge(request, answer)
            nothing_sent = nothing_sent and error.nothing_sent
        longest = min(_FIRST_PAUSE * 2**repeats, _LONGEST_PAUSE)
        pause = max(after or 0, longest * random.uniform(0.5, 1))
        if after is None or repeats == retries or time.monotonic() + pause >= ends_at:
            if error is None:
                return body
            # A refusal of a repeat says nothing of the attempts before it.
            error.nothing_sent = nothing_sent
            raise error
        yield Pause(pause)
    raise AssertionError("unreachable")


def execute(
    platform: str, action_type: str, given: Mapping[str, Any], timeout: float, retries: int
) -> Steps[Outcome[Any]]:
    """Carries out one action. `given` has its parameters and the members of a call."""
    options = {name: given[name] for name in given if name in _CALL_NAMES}
    parameters = {name: given[name] for name in given if name not in _CALL_NAMES}
    key = options.pop("idempotency_key", None) or make_key()
    upload = options.pop("upload", None)
    media_type = options.pop("upload_type", "application/octet-stream")
    request = Request(
        "POST",
        "/api/v1/actions/execute",
        timeout=options.pop("timeout", timeout),
        body=write_envelope(platform, action_type, parameters, options),
        idempotency_key=key,
        upload=None if upload is None else (upload, media_type),
    )
    return read_outcome((yield from send(request, retries, find_repeat)))


def batch(
    requests: Sequence[ActionRequest], key: str | None, timeout: float, retries: int
) -> Steps[list[Outcome[Any]]]:
    """Carries out many actions in one request; one that fails fails alone."""
    envelopes = []
    for one in requests:
        if "upload" in one.options or "timeout" in one.options:
            raise ValueError("A batch takes no upload, and one timeout for all: leave them out")
        envelopes.append(write_envelope(one.platform, one.action_type, one.parameters, one.options))
    request = Request(
        "POST",
        "/api/v1/actions/batch",
        body={"actions": envelopes},
        idempotency_key=key or make_key(),
        timeout=timeout,
    )
    body = yield from send(request, retries)
    return [read_outcome(response) for response in body["responses"]]


def ask(method: str, action_id: str, timeout: float, retries: int) -> Steps[Outcome[Any]]:
    """Asks for an action, or cancels it."""
    request = Request(method, f"/api/v1/actions/{action_id}", timeout=timeout)
    return read_outcome((yield from send(request, retries)))


_CALL_NAMES = {*Call.__annotations__, *ActorCall.__annotations__}
_RENAMED = {"account": "account_id", "actor": "actor_id"}


def write_envelope(
    platform: str, action_type: str, parameters: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The envelope of a request, as the REST door reads it."""
    envelope: dict[str, Any] = {
        "platform": platform,
        "action_type": action_type,
        "parameters": dict(parameters),
    }
    for name, value in options.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{name} has no time zone: give it one, such as timezone.utc")
            value = value.isoformat()
        envelope[_RENAMED.get(name, name)] = value
    return envelope


def make_key() -> str:
    """An idempotency key that no other call has."""
    return secrets.token_hex(16)


def read_refusal(answer: Answer, idempotency_key: str | None = None) -> GatewayError:
    """The error for an answer that is no outcome."""
    body = _parse(answer.text)
    told = body.get("detail") or body.get("error") if isinstance(body, dict) else None
    return GatewayError(
        str(told or f"An answer with the HTTP status {answer.status} that is no outcome"),
        status=answer.status,
        nothing_sent=answer.headers.get("nothing-sent") == "1",
        idempotency_key=idempotency_key,
    )


def _is_usable(answer: Answer, body: Any) -> bool:
    """An outcome may come with any HTTP status."""
    is_outcome = isinstance(body, dict) and {"status", "action_id"} <= body.keys()
    return answer.status < 300 or is_outcome


def _judge(
    request: Request, answer: Answer | NoAnswer | None
) -> tuple[GatewayError, float | None]:
    """The error of an attempt, and after how many seconds another may follow; None for never."""
    key = request.idempotency_key
    if isinstance(answer, Answer):
        error = read_refusal(answer, key)
        may_repeat = answer.status in _PASSING and (error.nothing_sent or request.repeatable)
        after = answer.headers.get("retry-after", "")
        return error, (float(after) if after.isdigit() else 0.0) if may_repeat else None
    assert isinstance(answer, NoAnswer)
    error = GatewayError(answer.reason, nothing_sent=not answer.connected, idempotency_key=key)
    return error, 0.0 if request.repeatable or error.nothing_sent else None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
