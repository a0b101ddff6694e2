import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  areShownAsTheyAre,
  hideFromLogs,
  hideWhileUsed,
  quoteShown,
  redactLine,
} from '../../src/observability/hidden-values.js';

const line = (text: string): string => redactLine(JSON.stringify({ msg: text }));

describe('a line of the log', () => {
  const forms: readonly [what: string, secret: string, around: (secret: string) => string][] = [
    ['a JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.${'a'.repeat(43)}`, (text) => `no: ${text}`],
    [
      'a JWT behind a line break',
      `eyJhbGciOiJIUzI1NiJ9.eyJ9.${'a'.repeat(43)}`,
      (text) => `\n${text}`,
    ],
    ['a bearer token', 'k3jf8s9dk3jf8s9d', (text) => `authorization: Bearer ${text}`],
    ['a secret of webhooks', 'whsec_bW9yZSB0aGFuIGVub3VnaA==', (text) => `with ${text}.`],
    ['a token of Google', 'ya29.a0AfH6SMBx-y_z', (text) => `{"access_token": "${text}"}`],
    ['a refresh token of Google', '1//0gdk3jf8s9dk3jf8s9dxyz', (text) => `refresh=${text}&x`],
    [
      'a token of a Discord bot',
      `MTIzNDU2Nzg5MDEyMzQ1Njc4.GAbCdE.${'x'.repeat(38)}`,
      (text) => `Bot ${text}`,
    ],
    ['a token of IRC', `${'a1'.repeat(15)}`, (text) => `PASS oauth:${text}`],
    ['a password in an address', 'p4ss-word', (text) => `postgresql://gateway:${text}@db:5432/x`],
  ];

  it.each(forms)('shows no %s', (_what, secret, around) => {
    const shown = line(around(secret));
    expect(shown).not.toContain(secret);
    expect(shown).toContain('[redacted]');
    JSON.parse(shown);
    expect(`{"msg":${quoteShown(around(secret))}}`).toBe(shown);
    expect(areShownAsTheyAre(`twitch ${around(secret)} ban`)).toBe(false);
  });

  it.each(['', '1001', 'a"b', 'back\\slash', 'two\nlines', 'ä 𝄞', 'a://:b@', 'x\u0001'])(
    'quotes a part as it would stand in a line looked through as a whole: %j',
    (text) => expect(`{"msg":${quoteShown(text)}}`).toBe(line(text)),
  );

  it('shows no secret of the configuration, however it is written', () => {
    const secret = `q"u\\o/te ${randomBytes(8).toString('hex')}`;
    hideFromLogs([secret]);
    expect(line(`x${secret}y`)).toBe('{"msg":"x[redacted]y"}');
    expect(line(`?s=${encodeURIComponent(secret)}&`)).toBe('{"msg":"?s=[redacted]&"}');
  });

  it('shows nothing that the vault has opened, alone or in an address', () => {
    const token = randomBytes(15).toString('hex');
    hideWhileUsed(token);
    hideWhileUsed('several words are a text and no secret');
    expect(line(`it said ${token}, twice: /webhooks/1/${token}`)).toBe(
      '{"msg":"it said [redacted], twice: /webhooks/1/[redacted]"}',
    );
    expect(line('several words are a text and no secret')).not.toContain('[redacted]');
  });

  it.each([
    ['base64', (secret: string) => Buffer.from(`a:${secret}`).toString('base64')],
    ['hex', (secret: string) => Buffer.from(secret).toString('hex')],
  ])('shows no secret as %s', (_name, encode) => {
    const configured = `s${randomBytes(20).toString('hex')}`;
    const used = `t${randomBytes(20).toString('hex')}`;
    hideFromLogs([configured]);
    hideWhileUsed(used);
    expect(line(`it said ${encode(configured)}!`)).toBe('{"msg":"it said [redacted]!"}');
    expect(line(`it said ${encode(used)}!`)).toBe('{"msg":"it said [redacted]!"}');
  });

  it('shows no escaped secret of the configuration, and stays a line of JSON', () => {
    const secret = `s"${randomBytes(20).toString('hex')}`;
    hideFromLogs([secret]);
    const escaped = [...secret]
      .map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
    const shown = line(`"${escaped}"`);
    expect(JSON.parse(shown)).toEqual({ msg: '"[redacted]"' });
  });

  it('forgets what was used longest ago, and keeps what is in use', () => {
    const [kept, old] = [randomBytes(15).toString('hex'), randomBytes(15).toString('hex')];
    hideWhileUsed(old);
    for (let n = 0; n < 10_000; n += 1) {
      hideWhileUsed(`another-secret-${n}`);
      if (n % 1_000 === 0) hideWhileUsed(kept);
    }
    expect(line(kept)).toBe('{"msg":"[redacted]"}');
    expect(line(old)).toBe(`{"msg":"${old}"}`);
  });

  it('leaves ids, times and sentences as they are', () => {
    const text =
      'Missing or invalid Authorization header: send "Authorization: Bearer <token>"; ' +
      '01a1f892-13e1-70d1-b82d-4af2c28ee3c2 2026-11-20T14:16:32.123Z 4bf92f3577b34da6a3ce929d0e0e4736 the Bot administration';
    expect(line(text)).toBe(JSON.stringify({ msg: text }));
  });
});
