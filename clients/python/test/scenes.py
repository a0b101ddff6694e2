"""One scene of test/house/clients.test.ts: what a caller does, and what it hears, as one line of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

from action_gateway import (
    ActionError,
    ActionGateway,
    ActionRequest,
    AsyncActionGateway,
    GatewayError,
    Outcome,
    Prepared,
    Refused,
    Succeeded,
    Unknown,
    result_of,
    twitch,
)

POLL: twitch.PollCreateParameters = {
    "account": "1001",
    "title": "Tea?",
    "choices": ["yes", "no"],
    "dry_run": True,
}
url, token = os.environ["GATEWAY_URL"], os.environ["GATEWAY_TOKEN"]


def tell_said(outcome: Outcome[twitch.ChatMessageResult]) -> Any:
    told: dict[str, Any] = {"status": outcome.status, "replayed": outcome.replayed}
    if isinstance(outcome, Succeeded):
        told["sent"] = outcome.result["message_sent"]
    return told


def tell_refused(outcome: Outcome[twitch.BanResult]) -> Any:
    if not isinstance(outcome, Refused):
        return outcome.status
    message = ""
    try:
        result_of(outcome)
    except ActionError as error:
        message = str(error)
    failure = outcome.failure
    fields = [violation.field for violation in failure.violations]
    return {"code": failure.code, "retryable": failure.retryable, "fields": fields, "message": message}


def tell_prepared(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Prepared)
    return {**outcome.prepared["body"], "cost": outcome.prepared["cost"]}


def tell_slow(outcome: Outcome[Any]) -> Any:
    code = outcome.failure.code if isinstance(outcome, Unknown) else None
    return {"status": outcome.status, "code": code}


def make_requests(text: str) -> list[ActionRequest]:
    return [
        ActionRequest("twitch", "chat_message", {"message": f"{text} {index}"}, {"account": "1001"})
        for index in range(5)
    ]


def make_batch(text: str) -> list[ActionRequest]:
    return [
        ActionRequest("twitch", "chat_message", {"message": text}, {"account": "1001"}),
        ActionRequest("discord", "send_message", {"channel_id": "none", "content": text}),
    ]


def tell_batch(outcomes: list[Outcome[Any]]) -> Any:
    named = all(outcome.message is not None for outcome in outcomes)
    return {"statuses": [outcome.status for outcome in outcomes], "isNamed": named}


def in_an_hour() -> datetime:
    return datetime.now(timezone.utc) + timedelta(hours=1)


def play(scene: str, text: str) -> Any:
    with ActionGateway(url, token) as gateway:
        if scene == "say":
            return tell_said(gateway.twitch.chat_message(account="1001", message=text))
        if scene == "refuse":
            return tell_refused(gateway.twitch.ban(account="1001", user_id="no such id!"))
        if scene == "rehearse":
            return tell_prepared(gateway.twitch.poll_create(**POLL))
        if scene == "slow":
            return tell_slow(gateway.twitch.chat_message(account="1001", message=text, timeout=2.5))
        if scene == "list":
            members = gateway.discord.list_members_items(guild_id=text, page_size=2)
            return [member["user_id"] for member in members]
        if scene == "batch":
            return tell_batch(gateway.batch(make_batch(text)))
        if scene == "stream":
            done = gateway.stream(make_requests(text), concurrency=2)
            return [outcome.status for _, outcome in done]
        if scene == "watch":
            seen: list[str] = []
            for event in gateway.watch(platform="twitch", status=["SUCCEEDED"]):
                if event.kind == "action":
                    seen.append(event.action["request_id"])
                if len(seen) == 2:
                    return seen
                # The connection is cut after the first event; the second action happens meanwhile.
                if event.kind == "action" or not seen:
                    name = f"{text} {len(seen) + 1}"
                    gateway.twitch.chat_message(account="1001", message=name, request_id=name)
        if scene == "later":
            waiting = gateway.twitch.chat_message(account="1001", message=text, run_at=in_an_hour())
            cancelled = gateway.cancel(waiting.action_id)
            return [waiting.status, cancelled.status, gateway.status(waiting.action_id).status]
        sent = gateway.youtube.upload_video(
            account="UCsandboxDemoChannel0001",
            title=text,
            upload=b"not really a film",
            upload_type="video/mp4",
        )
        return sent.status


async def play_async(scene: str, text: str) -> Any:
    async with AsyncActionGateway(url, token) as gateway:
        if scene == "say":
            return tell_said(await gateway.twitch.chat_message(account="1001", message=text))
        if scene == "list":
            members = gateway.discord.list_members_items(guild_id=text, page_size=2)
            return [member["user_id"] async for member in members]
        if scene == "batch":
            return tell_batch(await gateway.batch(make_batch(text)))
        if scene == "stream":
            done = gateway.stream(make_requests(text), concurrency=2)
            return [outcome.status async for _, outcome in done]
        if scene == "watch":
            seen: list[str] = []
            async for event in gateway.watch(platform="twitch", status=["SUCCEEDED"]):
                if event.kind == "action":
                    seen.append(event.action["request_id"])
                if len(seen) == 2:
                    return seen
                if event.kind == "action" or not seen:
                    name = f"{text} {len(seen) + 1}"
                    await gateway.twitch.chat_message(account="1001", message=name, request_id=name)
        if scene == "later":
            chat = gateway.twitch
            waiting = await chat.chat_message(account="1001", message=text, run_at=in_an_hour())
            cancelled = await gateway.cancel(waiting.action_id)
            found = await gateway.status(waiting.action_id)
            return [waiting.status, cancelled.status, found.status]
        sent = await gateway.youtube.upload_video(
            account="UCsandboxDemoChannel0001",
            title=text,
            upload=b"not really a film",
            upload_type="video/mp4",
        )
        return sent.status


def main() -> None:
    form, scene, text = sys.argv[1:4]
    try:
        told = asyncio.run(play_async(scene, text)) if form == "async" else play(scene, text)
    except GatewayError as error:
        told = {"gateway": str(error), "status": error.status, "nothingSent": error.nothing_sent}
    print(json.dumps(told))


main()
