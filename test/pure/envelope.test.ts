// Real: the envelope's parser. Nothing is fake.
import { describe, expect, it } from 'vitest';
import { Envelope, parseEnvelope } from '../../src/actions/envelope.js';
import { ActionFailure } from '../../src/actions/failures.js';

const LEAST = { platform: 'twitch', action_type: 'chat_message' };

/** Why an envelope is refused; fails when it is not. */
function refuse(raw: unknown): ActionFailure {
  try {
    parseEnvelope(raw);
  } catch (error) {
    if (error instanceof ActionFailure) return error;
    throw error;
  }
  throw new Error('The envelope was taken');
}

describe('parseEnvelope', () => {
  it('completes the least there can be', () => {
    const envelope = parseEnvelope(LEAST);
    expect(envelope).toBeInstanceOf(Envelope);
    expect({ ...envelope }).toEqual({
      ...LEAST,
      parameters: {},
      dry_run: false,
      run_async: false,
      priority: 'NORMAL',
    });
  });

  it('takes the empty texts of proto3 for left out', () => {
    const empty = { account_id: '', idempotency_key: '', request_id: '', run_at: '' };
    const more = { callback_url: '', actor_id: '', credential_ref: '', priority: '' };
    expect(parseEnvelope({ ...LEAST, ...empty, ...more })).toEqual(parseEnvelope(LEAST));
  });

  it('keeps empty texts inside of the parameters, whose action judges them', () => {
    expect(parseEnvelope({ ...LEAST, parameters: { message: '' } }).parameters).toEqual({
      message: '',
    });
  });

  it('keeps everything that was given', () => {
    const full = {
      ...LEAST,
      account_id: '1001',
      parameters: { message: 'hi', nested: { list: [1, null] } },
      idempotency_key: 'key 1',
      request_id: 'request 1',
      dry_run: true,
      run_async: true,
      run_at: '2026-11-20T10:00:00Z',
      callback_url: 'https://example.org/done',
      priority: 'HIGH',
      actor_id: '1002',
      credential_ref: 'vault:1',
    };
    expect({ ...parseEnvelope(full) }).toEqual(full);
  });

  it('reads a priority in any letters', () => {
    expect(parseEnvelope({ ...LEAST, priority: 'low' }).priority).toBe('LOW');
  });

  it('names every wrong field in one line', () => {
    const failure = refuse({
      plattform: 'twitch',
      action_type: 'x',
      priority: 'URGENT',
      account_id: 1,
    });
    expect(failure.code).toBe('INVALID_INPUT');
    expect(failure.message).toBe(
      'plattform: is not known here. Did you mean "platform"?; ' +
        'platform: is missing: the platform: twitch, youtube or discord; ' +
        'account_id: must be text: write it in quotes, such as "1"; ' +
        'priority: must be one of NORMAL, HIGH, LOW, not "URGENT"',
    );
    expect(failure.details.violations?.map(({ field }) => field)).toEqual([
      'plattform',
      'platform',
      'account_id',
      'priority',
    ]);
  });

  it.each([undefined, null, 'twitch', 7, [], [LEAST]])('refuses %j', (raw) => {
    expect(refuse(raw).message).toBe('must be an object of named values');
  });

  it('counts the bytes of an idempotency key', () => {
    expect(parseEnvelope({ ...LEAST, idempotency_key: 'k'.repeat(255) })).toBeDefined();
    expect(refuse({ ...LEAST, idempotency_key: 'ä'.repeat(128) }).message).toBe(
      'idempotency_key: must have at most 255 bytes, and has 256',
    );
  });

  it.each([
    ['platform', 'x'.repeat(33)],
    ['action_type', 'x'.repeat(65)],
    ['account_id', '../1001'],
    ['actor_id', 'x'.repeat(129)],
    ['request_id', 'x'.repeat(256)],
    ['request_id', 'a\u0000'],
    ['run_at', 'x'.repeat(65)],
    ['callback_url', 'x'.repeat(2_049)],
    ['credential_ref', 'x'.repeat(256)],
    ['dry_run', 'perhaps'],
    ['parameters', '{}'],
    ['parameters', { message: '\uD800' }],
  ])('refuses a wrong %s', (field, value) => {
    expect(refuse({ ...LEAST, [field]: value }).message).toContain(field);
  });

  it('takes a member called __proto__ for an unknown name', () => {
    const raw: unknown = JSON.parse(
      '{"platform":"twitch","action_type":"x","__proto__":{"dry_run":true}}',
    );
    expect(refuse(raw).message).toContain('__proto__: is not known here');
  });
});
