"""The client for asyncio."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence, TypeVar, Union

import httpx

from ._client import RECONNECT, describe_fault, read_answer
from ._events import EventReader, WatchEvent, may_reconnect, write_filter
from ._outcome import Outcome
from ._platforms import AsyncPlatforms
from ._requests import (
    ActionRequest,
    Answer,
    NoAnswer,
    Pause,
    Request,
    Steps,
    ask,
    batch,
    execute,
    read_refusal,
    send,
)

T = TypeVar("T")


class AsyncActionGateway(AsyncPlatforms):
    """The action gateway: `await gateway.twitch.chat_message(account="1001", message="Hello")`.

    The same as ActionGateway, for asyncio. Use it as an asynchronous context manager, or call `aclose`.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        retries: int = 4,
        timeout: float = 30.0,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Opens nothing yet; see ActionGateway."""
        super().__init__(
            lambda platform, action_type, given: self._run(
                execute(platform, action_type, given, timeout, retries)
            )
        )
        self._url = url.rstrip("/")
        self._token = token
        self._retries = retries
        self._timeout = timeout
        self._http = http or httpx.AsyncClient()

    async def __aenter__(self) -> AsyncActionGateway:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def execute(self, request: ActionRequest) -> Outcome[Any]:
        """Carries out any action by its name, such as one that is newer than this client."""
        given = {**request.parameters, **request.options}
        return await self._run(
            execute(request.platform, request.action_type, given, self._timeout, self._retries)
        )

    async def batch(
        self, requests: Sequence[ActionRequest], *, idempotency_key: str | None = None
    ) -> list[Outcome[Any]]:
        """Carries out many actions in one request. The outcomes come in the order of the requests."""
        return await self._run(batch(requests, idempotency_key, self._timeout, self._retries))

    async def stream(
        self,
        requests: Iterable[ActionRequest] | AsyncIterable[ActionRequest],
        *,
        concurrency: int = 16,
    ) -> AsyncIterator[tuple[ActionRequest, Outcome[Any]]]:
        """Carries out actions as they come, several at a time, and yields each as it finishes."""
        running: dict[asyncio.Task[Outcome[Any]], ActionRequest] = {}
        async for request in _iterate(requests):
            running[asyncio.create_task(self.execute(request))] = request
            if len(running) >= concurrency:
                for done in await _wait_for_one(running):
                    yield running.pop(done), done.result()
        while running:
            for done in await _wait_for_one(running):
                yield running.pop(done), done.result()

    async def status(self, action_id: str) -> Outcome[Any]:
        """What became of an action."""
        return await self._run(ask("GET", action_id, self._timeout, self._retries))

    async def cancel(self, action_id: str) -> Outcome[Any]:
        """Cancels a queued or scheduled action; any other is answered as it is."""
        return await self._run(ask("DELETE", action_id, self._timeout, self._retries))

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Any other route of the REST door (`/openapi.json`). A GET is repeated where it has no answer."""
        request = Request(method, path, body, repeatable=method == "GET", timeout=self._timeout)
        return await self._run(send(request, self._retries))

    async def watch(
        self,
        *,
        platform: str | None = None,
        account: str | None = None,
        action_type: str | None = None,
        status: Sequence[str] = (),
        last_event_id: str = "",
    ) -> AsyncIterator[WatchEvent]:
        """Every change of the actions within reach, as it happens; see ActionGateway."""
        query = write_filter(platform, account, action_type, tuple(status))
        reader = EventReader(last_event_id)
        while True:
            try:
                async with self._http.stream(
                    "GET",
                    f"{self._url}/api/v1/actions/stream",
                    params=query,
                    headers={**self._authorize(), **reader.headers()},
                    timeout=httpx.Timeout(None, connect=self._timeout),
                ) as response:
                    if response.status_code != 200 and not may_reconnect(response.status_code):
                        await response.aread()
                        raise read_refusal(read_answer(response))
                    if response.status_code == 200:
                        async for line in response.aiter_lines():
                            for event in reader.take(line):
                                yield event
            except httpx.TransportError:
                pass
            await asyncio.sleep(RECONNECT)

    def _authorize(self) -> dict[str, str]:
        token = self._token if isinstance(self._token, str) else self._token()
        return {"authorization": f"Bearer {token}"}

    async def _run(self, steps: Steps[T]) -> T:
        heard: Union[Answer, NoAnswer, None] = None
        try:
            while True:
                step = steps.send(heard)
                heard = None
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                else:
                    heard = await self._attempt(step)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _attempt(self, request: Request) -> Answer | NoAnswer:
        try:
            response = await self._http.request(
                request.method,
                self._url + request.path,
                headers={**self._authorize(), **request.headers},
                timeout=request.timeout,
                **request.content(),
            )
        except httpx.TransportError as error:
            return describe_fault(self._url, error)
        return read_answer(response)


async def _iterate(
    requests: Iterable[ActionRequest] | AsyncIterable[ActionRequest],
) -> AsyncIterator[ActionRequest]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request


async def _wait_for_one(
    running: dict[asyncio.Task[Outcome[Any]], ActionRequest],
) -> set[asyncio.Task[Outcome[Any]]]:
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    return done
