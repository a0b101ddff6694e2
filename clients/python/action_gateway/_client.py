"""The client for threads that wait."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Callable, Iterable, Iterator, Sequence, TypeVar, Union

import httpx

from ._events import EventReader, WatchEvent, may_reconnect, write_filter
from ._outcome import Outcome
from ._platforms import Platforms
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
RECONNECT = 1.0
"""Seconds after which a stream that was cut is opened again."""


class ActionGateway(Platforms):
    """The action gateway: `gateway.twitch.chat_message(account="1001", message="Hello")`.

    Methods return an outcome, and raise GatewayError where there is none. Use it as a context manager, or call
    `close`. Threads may share it.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        retries: int = 4,
        timeout: float = 30.0,
        http: httpx.Client | None = None,
    ) -> None:
        """Opens nothing yet.

        `token` is a token or the key of a caller; a function is asked before each request. `retries` are the
        repeats of one call, `timeout` its seconds with its repeats. `http` brings proxies and certificates.
        """
        super().__init__(
            lambda platform, action_type, given: self._run(
                execute(platform, action_type, given, timeout, retries)
            )
        )
        self._url = url.rstrip("/")
        self._token = token
        self._retries = retries
        self._timeout = timeout
        self._http = http or httpx.Client()

    def __enter__(self) -> ActionGateway:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def execute(self, request: ActionRequest) -> Outcome[Any]:
        """Carries out any action by its name, such as one that is newer than this client."""
        given = {**request.parameters, **request.options}
        return self._run(
            execute(request.platform, request.action_type, given, self._timeout, self._retries)
        )

    def batch(
        self, requests: Sequence[ActionRequest], *, idempotency_key: str | None = None
    ) -> list[Outcome[Any]]:
        """Carries out many actions in one request. The outcomes come in the order of the requests."""
        return self._run(batch(requests, idempotency_key, self._timeout, self._retries))

    def stream(
        self, requests: Iterable[ActionRequest], *, concurrency: int = 16
    ) -> Iterator[tuple[ActionRequest, Outcome[Any]]]:
        """Carries out actions as they come, several at a time, and yields each as it finishes."""
        running: dict[Future[Outcome[Any]], ActionRequest] = {}
        with ThreadPoolExecutor(concurrency) as threads:
            for request in requests:
                running[threads.submit(self.execute, request)] = request
                if len(running) >= concurrency:
                    yield from _take_done(running)
            while running:
                yield from _take_done(running)

    def status(self, action_id: str) -> Outcome[Any]:
        """What became of an action."""
        return self._run(ask("GET", action_id, self._timeout, self._retries))

    def cancel(self, action_id: str) -> Outcome[Any]:
        """Cancels a queued or scheduled action; any other is answered as it is."""
        return self._run(ask("DELETE", action_id, self._timeout, self._retries))

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Any other route of the REST door (`/openapi.json`). A GET is repeated where it has no answer."""
        request = Request(method, path, body, repeatable=method == "GET", timeout=self._timeout)
        return self._run(send(request, self._retries))

    def watch(
        self,
        *,
        platform: str | None = None,
        account: str | None = None,
        action_type: str | None = None,
        status: Sequence[str] = (),
        last_event_id: str = "",
    ) -> Iterator[WatchEvent]:
        """Every change of the actions within reach, as it happens.

        After a cut it goes on where it was: nothing is left out, unless a `reset` says so. Raises GatewayError
        when the token has ended.
        """
        query = write_filter(platform, account, action_type, tuple(status))
        reader = EventReader(last_event_id)
        while True:
            try:
                with self._http.stream(
                    "GET",
                    f"{self._url}/api/v1/actions/stream",
                    params=query,
                    headers={**self._authorize(), **reader.headers()},
                    timeout=httpx.Timeout(None, connect=self._timeout),
                ) as response:
                    if response.status_code != 200 and not may_reconnect(response.status_code):
                        response.read()
                        raise read_refusal(read_answer(response))
                    if response.status_code == 200:
                        for line in response.iter_lines():
                            yield from reader.take(line)
            except httpx.TransportError:
                pass
            time.sleep(RECONNECT)

    def _authorize(self) -> dict[str, str]:
        token = self._token if isinstance(self._token, str) else self._token()
        return {"authorization": f"Bearer {token}"}

    def _run(self, steps: Steps[T]) -> T:
        heard: Union[Answer, NoAnswer, None] = None
        try:
            while True:
                step = steps.send(heard)
                heard = None
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                else:
                    heard = self._attempt(step)
        except StopIteration as end:
            result: T = end.value
            return result

    def _attempt(self, request: Request) -> Answer | NoAnswer:
        try:
            response = self._http.request(
                request.method,
                self._url + request.path,
                headers={**self._authorize(), **request.headers},
                timeout=request.timeout,
                **request.content(),
            )
        except httpx.TransportError as error:
            return describe_fault(self._url, error)
        return read_answer(response)


def describe_fault(url: str, error: httpx.TransportError) -> NoAnswer:
    """What to tell of a connection that failed."""
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return NoAnswer("The gateway did not answer in time", connected=True)
    connected = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
    return NoAnswer(f"The connection to the gateway at {url} failed: {error}", connected)


def read_answer(response: httpx.Response) -> Answer:
    """What was heard."""
    return Answer(response.status_code, response.headers, response.text)


def _take_done(
    running: dict[Future[Outcome[Any]], ActionRequest],
) -> Iterator[tuple[ActionRequest, Outcome[Any]]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()
