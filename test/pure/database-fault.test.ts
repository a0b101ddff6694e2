// Real: the readings of what PostgreSQL and its driver throw. Fake: the throwing.
import { describe, expect, it } from 'vitest';
import {
  DatabaseAway,
  isDatabaseAway,
  isWorthRepeating,
} from '../../src/database/database-fault.js';

const withCode = (code: string): Error => Object.assign(new Error('some words'), { code });

describe('a fault of the database', () => {
  it.each([
    ['08006', withCode('08006'), true],
    ['57P01, its stop', withCode('57P01'), true],
    ['57P03, its start, when it takes no statement', withCode('57P03'), false],
    ['a refused connection', withCode('ECONNREFUSED'), false],
    ['a name nobody has', withCode('ENOTFOUND'), false],
    ['a reset', withCode('ECONNRESET'), true],
    ['an end in the middle', new Error('Connection terminated unexpectedly'), true],
    ['a time-out of a query', new Error('Query read timeout'), true],
    ['a time-out of the pool', new Error('timeout exceeded when trying to connect'), false],
    ['a pool that is closed', new Error('Cannot use a pool after calling end on the pool'), true],
  ])('is an absence: %s', (_name, error, mayHaveCommitted) => {
    expect(isDatabaseAway(error)).toBe(true);
    expect(isDatabaseAway(new DatabaseAway(error))).toBe(true);
    expect(isWorthRepeating(error)).toBe(false);
    expect(new DatabaseAway(error).mayHaveCommitted).toBe(mayHaveCommitted);
  });

  it.each([
    ['a row that is there already', withCode('23505')],
    ['text it does not take', withCode('22P05')],
    ['a statement that is wrong', withCode('42601')],
    ['a bug of ours', new TypeError('x is not a function')],
    ['nothing', undefined],
    ['text', 'timeout'],
  ])('is none: %s', (_name, error) => {
    expect(isDatabaseAway(error)).toBe(false);
    expect(isWorthRepeating(error)).toBe(false);
  });

  it.each(['40P01', '40001'])('is worth repeating: %s', (code) => {
    expect(isWorthRepeating(withCode(code))).toBe(true);
    expect(isDatabaseAway(withCode(code))).toBe(false);
  });

  it('is an expected no, that keeps its cause and does not show it', () => {
    const away = new DatabaseAway(new Error('password authentication timeout for hidden'));
    expect(away.toFailure()).toEqual({
      code: 'GATEWAY_UNAVAILABLE',
      retryable: true,
      retry_after_ms: 1_000,
    });
    expect(away.message).not.toContain('hidden');
    expect(away.cause).toBeInstanceOf(Error);
  });
});
