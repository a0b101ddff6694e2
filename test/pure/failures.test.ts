// Real: the failure table and what is built from it. Nothing is fake.
import { status as grpcStatus } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import {
  ActionFailure,
  FAILURES,
  type FailureCode,
  type FailureKind,
  refuseInput,
} from '../../src/actions/failures.js';
import { isSuccess } from '../../src/actions/outcome.js';

const KINDS = Object.entries(FAILURES) as [FailureCode, FailureKind][];

describe('the failure table', () => {
  it('has every code of the contract', () => {
    expect(Object.keys(FAILURES).sort()).toEqual(
      [
        'ACCOUNT_NOT_CONNECTED',
        'ACTION_DISABLED',
        'APPROVAL_REQUIRED',
        'CANCELLED',
        'DEADLINE_TOO_SHORT',
        'GATEWAY_UNAVAILABLE',
        'IN_PROGRESS',
        'INTERNAL',
        'INVALID_INPUT',
        'KEY_REUSED',
        'MISSING_SCOPE',
        'NOT_ALLOWED',
        'NOT_FOUND',
        'OUTCOME_UNKNOWN',
        'PLATFORM_DOWN',
        'QUOTA_EXHAUSTED',
        'RATE_LIMITED',
        'RECONNECT_ACCOUNT',
        'REFUSED',
        'UNKNOWN_ACTION',
        'UNREADABLE_ANSWER',
        'UNSUPPORTED',
      ].sort(),
    );
  });

  it.each(KINDS)('%s is a no on every door', (_code, kind) => {
    expect(grpcStatus[kind.grpc]).toBeTypeOf('number');
    expect(kind.grpc).not.toBe('OK');
    expect(kind.http).toBeGreaterThanOrEqual(400);
    expect(kind.http).toBeLessThan(600);
    expect(isSuccess(kind.status)).toBe(false);
    expect(kind.meaning).toMatch(/^[A-Z].*\.$/);
  });

  it('never calls retryable what may have happened', () => {
    const unknown = KINDS.filter(([, { status }]) => status === 'UNKNOWN');
    expect(unknown.map(([code]) => code)).toContain('OUTCOME_UNKNOWN');
    for (const [code, { retryable }] of unknown) expect([code, retryable]).toEqual([code, false]);
  });
});

describe('ActionFailure', () => {
  it('gives a failure of the contract, without what it does not know', () => {
    const failure = new ActionFailure('RATE_LIMITED', 'Too fast');
    expect(failure.status).toBe('REFUSED');
    expect(failure.toFailure()).toEqual({ code: 'RATE_LIMITED', retryable: true });
  });

  it('gives everything it knows, durations as whole milliseconds', () => {
    const violations = [{ field: 'a', message: 'is wrong' }];
    const failure = new ActionFailure('REFUSED', 'No', {
      retryAfterMs: 12.2,
      platformStatus: 403,
      platformCode: 'Forbidden',
      violations,
      partialResult: { clip_id: 'secret of the outcome, not of the failure' },
    });
    expect(failure.toFailure()).toEqual({
      code: 'REFUSED',
      retryable: false,
      retry_after_ms: 13,
      platform_status: 403,
      platform_code: 'Forbidden',
      violations,
    });
  });

  it.each([
    [0, 0],
    [-5, 0],
    [0.1, 1],
  ])('turns a wait of %d into %d', (retryAfterMs, expected) => {
    const failure = new ActionFailure('RATE_LIMITED', 'Too fast', { retryAfterMs });
    expect(failure.toFailure().retry_after_ms).toBe(expected);
  });
});

describe('refuseInput', () => {
  it('puts every violation into one line and into the details', () => {
    const violations = [
      { field: 'parameters.a', message: 'is missing' },
      { field: '', message: 'must be an object of named values' },
    ];
    const failure = refuseInput(violations);
    expect(failure.code).toBe('INVALID_INPUT');
    expect(failure.message).toBe('parameters.a: is missing; must be an object of named values');
    expect(failure.toFailure().violations).toEqual(violations);
  });
});
