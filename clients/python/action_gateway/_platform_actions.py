"""What the classes of the platforms have in common."""

from __future__ import annotations

from typing import Any, AsyncIterator, Awaitable, Callable, Iterator, Mapping

from ._errors import result_of
from ._outcome import Outcome

Act = Callable[[str, str, Mapping[str, object]], Outcome[Any]]
"""Carries out an action: its platform, its type, and what its method was called with."""
AsyncAct = Callable[[str, str, Mapping[str, object]], Awaitable[Outcome[Any]]]


class PlatformActions:
    """The actions of one platform, for threads that wait."""

    _platform: str

    def __init__(self, act: Act) -> None:
        self._send = act

    def _act(self, action_type: str, given: Mapping[str, object]) -> Outcome[Any]:
        return self._send(self._platform, action_type, given)

    def _iterate(self, action_type: str, given: Mapping[str, object]) -> Iterator[Any]:
        page: Mapping[str, object] = {}
        while True:
            result = result_of(self._act(action_type, {**given, **page}))
            yield from result["items"]
            if result.get("next_page_token") is None:
                return
            page = {"page_token": result["next_page_token"]}


class AsyncPlatformActions:
    """The actions of one platform, for asyncio."""

    _platform: str

    def __init__(self, act: AsyncAct) -> None:
        self._send = act

    async def _act(self, action_type: str, given: Mapping[str, object]) -> Outcome[Any]:
        return await self._send(self._platform, action_type, given)

    async def _iterate(self, action_type: str, given: Mapping[str, object]) -> AsyncIterator[Any]:
        page: Mapping[str, object] = {}
        while True:
            result = result_of(await self._act(action_type, {**given, **page}))
            for item in result["items"]:
                yield item
            if result.get("next_page_token") is None:
                return
            page = {"page_token": result["next_page_token"]}
