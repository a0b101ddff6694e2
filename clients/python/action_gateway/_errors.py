"""What is raised where there is no outcome, or not the one that was needed."""

from __future__ import annotations

from typing import Any, Sequence, TypeVar

from ._outcome import FieldViolation, Outcome, Refused, Failed, Unknown, Succeeded

R = TypeVar("R")


class GatewayError(Exception):
    """The gateway gave no outcome: it refused the request at its door, could not be reached, or was too late.

    Where `nothing_sent` is False, an action may have been carried out: call again with the same
    `idempotency_key` to learn its outcome.
    """

    def __init__(
        self,
        message: str,
        *,
        nothing_sent: bool,
        status: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.nothing_sent = nothing_sent
        """No platform received the request."""
        self.status = status
        """The HTTP status; None without an answer."""
        self.idempotency_key = idempotency_key
        """The key of the call that was given up."""


class ActionError(Exception):
    """An outcome without a result, where a result was needed."""

    def __init__(self, outcome: Outcome[Any]) -> None:
        self.outcome = outcome
        self.violations: Sequence[FieldViolation] = ()
        """Every wrong field of the call."""
        if isinstance(outcome, (Refused, Failed, Unknown)):
            self.violations = outcome.failure.violations
            fields = "; ".join(f"{one.field}: {one.message}" for one in self.violations)
            super().__init__(f"{outcome.failure.code}: {fields or outcome.error}")
        else:
            super().__init__(f"{outcome.status}: {outcome.message}")


def result_of(outcome: Outcome[R]) -> R:
    """The result of an action that succeeded. Raises ActionError for any other outcome."""
    if isinstance(outcome, Succeeded):
        return outcome.result
    raise ActionError(outcome)
