"""The stream of changes, without any I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterator, Literal, Mapping
from urllib.parse import urlencode


@dataclass(frozen=True)
class WatchEvent:
    """What `watch` yields. After `reset`, changes may be missing: read the log again."""

    kind: Literal["ready", "action", "reset"]
    id: str
    """Give it as `last_event_id` to go on after this event."""
    action: Mapping[str, Any]
    """The action after the change, without its parameters and result; empty for other kinds."""


class EventReader:
    """Reads server-sent events line by line.

    See https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    """

    def __init__(self, last_id: str) -> None:
        self.last_id = last_id
        self._event = ""
        self._data: list[str] = []

    def headers(self) -> dict[str, str]:
        """The headers of a request that goes on after the last event."""
        more = {"last-event-id": self.last_id} if self.last_id else {}
        return {"accept": "text/event-stream", **more}

    def take(self, line: str) -> Iterator[WatchEvent]:
        """Takes a line without its end, and yields the event that it completes."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "id":
            self.last_id = value
        elif name == "data" and line != "":
            self._data.append(value)
        if line != "":
            return
        event, data = self._event, "\n".join(self._data)
        self._event, self._data = "", []
        if event == "ready":
            yield WatchEvent("ready", self.last_id, {})
        elif event == "reset":
            yield WatchEvent("reset", self.last_id, {})
        elif event == "action":
            yield WatchEvent("action", self.last_id, json.loads(data))


def write_filter(
    platform: str | None, account: str | None, action_type: str | None, status: tuple[str, ...]
) -> str:
    """The query of the stream."""
    given = [("platform", platform), ("account_id", account), ("action_type", action_type)]
    query = [(name, value) for name, value in given if value is not None]
    return urlencode([*query, *(("status", one) for one in status)])


def may_reconnect(status: int) -> bool:
    """Whether a refused stream may be opened again: the gateway is stopping, or has too many."""
    return status >= 500 or status == 429
