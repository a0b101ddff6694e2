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
    ['25006, read-only', withCode('25006'), false],
    ['53100, a full disk', withCode('53100'), false],
    ['53200, no memory', withCode('53200'), false],
    ['53300, too many connections', withCode('53300'), false],
    ['55P03, a lock that is not to be had', withCode('55P03'), false],
    ['57014, a statement that took too long', withCode('57014'), false],
    ['25P03, a transaction that stood idle', withCode('25P03'), false],
    ['0A000, a plan that a migration changed', withCode('0A000'), false],
    ['28P01, a password that was changed', withCode('28P01'), false],
    ['42501, a right that was taken', withCode('42501'), false],
    ['42P01, a table that is being restored', withCode('42P01'), false],
    ['58030, a broken disk', withCode('58030'), true],
    ['XX000, a fault of the server', withCode('XX000'), true],
    ['a code that nobody has given out yet', withCode('5Z999'), false],
    ['no file handles', withCode('EMFILE'), false],
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
    ['a number out of range', withCode('22003')],
    ['a row that is too large', withCode('54000')],
    ['an index row that is too large', withCode('54001')],
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
    expect(isWorthRepeating(new DatabaseAway(withCode(code)))).toBe(true);
    // Beyond a few repeats at once, it is waited out like any other trouble.
    expect(isDatabaseAway(withCode(code))).toBe(true);
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
