// Real: what is read of the variables of earlier services, and the configuration. Fake: the environment.
import { describe, expect, it } from 'vitest';
import { readOrigins } from '../../src/config/origins.js';
import { loadConfig } from '../../src/config/config.js';
import { PUBLISHED_KEYS, readEarlierVariables } from '../../src/config/earlier-variables.js';
import { readEntities } from '../../src/config/entities.js';

const LONG_KEY = 'k'.repeat(40);

describe('variables of earlier services', () => {
  it.each([
    ['CP_BACKEND_URL', {}, 'CREDENTIAL_SERVICE_URL'],
    ['GOOGLE_CLIENT_ID', {}, 'YOUTUBE_CLIENT_ID'],
    ['GOOGLE_CLIENT_SECRET', {}, 'YOUTUBE_CLIENT_SECRET'],
    ['API_KEY', { ENABLE_MEDIA: 'true' }, 'MEDIA_API_KEY'],
    ['PLANT_INTERNAL_API_KEY', { CP_BACKEND_URL: 'http://cp' }, 'CREDENTIAL_SERVICE_KEY'],
    [
      'PLANT_INTERNAL_API_KEY',
      { CP_PLATFORM_CREDENTIALS_STORE_PATH: '/x' },
      'CREDENTIAL_SERVING_KEY',
    ],
  ])('%s with %j is %s', (old, more, name) => {
    const { env } = readEarlierVariables({ [old]: LONG_KEY, ...more });
    expect(env[name]).toBe(LONG_KEY);
  });

  it('give way to the name of here, and say so where they differ', () => {
    const given = { CP_BACKEND_URL: 'http://old', CREDENTIAL_SERVICE_URL: 'http://new' };
    const { env, notes } = readEarlierVariables(given);
    expect(env['CREDENTIAL_SERVICE_URL']).toBe('http://new');
    expect(notes).toEqual(['CP_BACKEND_URL has no effect: CREDENTIAL_SERVICE_URL is set']);
    const same = { CP_BACKEND_URL: 'http://a', CREDENTIAL_SERVICE_URL: 'http://a' };
    expect(readEarlierVariables(same).notes).toEqual([]);
  });

  it.each([
    [{ API_KEY: LONG_KEY }, /^API_KEY has no effect: it is the key of media/],
    [{ API_KEY: 'short', ENABLE_MEDIA: 'true' }, /^API_KEY has no effect: it has 5 characters/],
    [{ PLANT_INTERNAL_API_KEY: LONG_KEY }, /^PLANT_INTERNAL_API_KEY has no effect: set CP_BACKEND/],
    [
      {
        PLANT_INTERNAL_API_KEY: 'dev-plant-internal-key',
        CP_PLATFORM_CREDENTIALS_STORE_PATH: '/x',
      },
      /^PLANT_INTERNAL_API_KEY has no effect: it has 22 characters and needs 32 or more; set CREDEN/,
    ],
    [{ RETRY_DELAY: '1.0' }, /^RETRY_DELAY has no effect: /],
    [{ YOUTUBE_API_VERSION: 'v4' }, /^YOUTUBE_API_VERSION has no effect: version 3/],
    [{ SECRET_KEY: 'x' }, /^SECRET_KEY has no effect: give it to verify_keys/],
  ] as const)('%j mean nothing here, and are told of', (env, note) => {
    expect(readEarlierVariables(env).notes.filter((one) => note.test(one))).toHaveLength(1);
  });

  it('say nothing where they are empty, or say what is so anyway', () => {
    const env = { RETRY_DELAY: '', YOUTUBE_API_VERSION: 'v3', JWT_ALGORITHM: 'HS256' };
    expect(readEarlierVariables(env).notes).toEqual([]);
  });

  it('show no value', () => {
    const env = Object.fromEntries(
      ['API_KEY', 'SECRET_KEY', 'SERVICE_API_KEY', 'PLANT_INTERNAL_API_KEY'].map((name) => [
        name,
        'hush-hush',
      ]),
    );
    expect(readEarlierVariables(env).notes.join()).not.toContain('hush-hush');
  });
});

describe('a published default of an earlier service', () => {
  const production = {
    NODE_ENV: 'production',
    SANDBOX: 'true',
    DATABASE_URL: 'postgresql://user:password@localhost/x',
    TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
  };

  it.each([...PUBLISHED_KEYS])('is no key in production: %s', (key) => {
    expect(() => loadConfig({ ...production, MODULE_SECRET_KEY: key })).toThrow(
      /MODULE_SECRET_KEY: key 1 is the published default of an earlier service/,
    );
    const second = `${'x'.repeat(64)},${key}`;
    expect(() => loadConfig({ ...production, MODULE_SECRET_KEY: second })).toThrow(
      /MODULE_SECRET_KEY: key 2 is the published default/,
    );
  });
});

describe('PREDECESSOR_ENTITIES', () => {
  const platforms = [{ name: 'twitch' }, { name: 'discord' }];
  const read = (text: string | undefined): { faults: string[]; entities: unknown } => {
    const faults: string[] = [];
    return { entities: Object.fromEntries(readEntities(text, platforms, faults)), faults };
  };

  it('gives the channels of each entity', () => {
    const entities = { 42: { twitch: '1001' }, 'community:7': { discord: '55' } };
    expect(read(JSON.stringify(entities))).toEqual({ entities, faults: [] });
    expect(read(undefined)).toEqual({ entities: {}, faults: [] });
  });

  it.each([
    ['{', /is no valid JSON .* write it as \{/],
    ['[]', /must be an object: write it as \{/],
    ['{"42":"1001"}', /"42" must be an object of channels by platform/],
    ['{"42":{"slack":"1"}}', /"42" names the platform "slack": known are twitch, discord/],
    ['{"42":{"twitch":1001}}', /"42": the channel of twitch must be a text in quotes/],
  ])('refuses %s with a sentence', (text, sentence) => {
    expect(read(text).faults.join('\n')).toMatch(sentence);
  });
});

describe('CALLBACK_RECEIVERS', () => {
  it('are origins', () => {
    const faults: string[] = [];
    const text = 'http://toolkit:8080, https://10.0.0.7:8443/';
    expect(readOrigins('CALLBACK_RECEIVERS', text, faults)).toEqual([
      'http://toolkit:8080',
      'https://10.0.0.7:8443',
    ]);
    expect(faults).toEqual([]);
  });

  it.each(['toolkit:8080', 'http://toolkit/hook', 'ftp://toolkit', 'http://user@toolkit'])(
    'refuses %s with a sentence',
    (text) => {
      const faults: string[] = [];
      expect(readOrigins('CALLBACK_RECEIVERS', text, faults)).toEqual([]);
      expect(faults.join()).toMatch(/is no origin: write it like http:\/\/toolkit\.internal:8080/);
    },
  );
});
