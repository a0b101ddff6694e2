// Real: the redactor, the reading of answers, the export's cells. No network.
import { array, assert, constantFrom, pre, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPrivateTexts, Part, Parts, redactFields, Text } from '../../src/actions/fields.js';
import { hideAddressSecrets, redactPrivate, Redactor } from '../../src/actions/redaction.js';
import type { WireRequest } from '../../src/actions/wire.js';
import { readAnswer } from '../../src/execution/answer-redaction.js';
import { writeCsvLine } from '../../src/doors/rest/audit-table.js';

const TOKEN = 'q8Zr0vT1xYw7Kp2LmN4bC6dE9fGhJk';

const percent = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const jsonEscape = (text: string): string =>
  Array.from(text, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const htmlEscape = (text: string): string =>
  [...text].map((sign) => `&#${sign.charCodeAt(0)};`).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'in upper case': (secret) => secret.toUpperCase(),
  'in lower case': (secret) => secret.toLowerCase(),
  'its first 24 characters': (secret) => secret.slice(0, 24),
  'its last 24 characters': (secret) => secret.slice(-24),
  'inside of a word': (secret) => `xx${secret}yy`,
  base64,
  'base64 behind one byte': (secret) => base64(`:${secret}`),
  'base64 behind two bytes': (secret) => base64(`a:${secret}:b`),
  'base64url without padding': (secret) => Buffer.from(`Bearer ${secret}`).toString('base64url'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'hex in capitals': (secret) => Buffer.from(`k=${secret}`).toString('hex').toUpperCase(),
  'percent escapes': percent,
  'escapes of JSON': jsonEscape,
  'escapes of HTML': htmlEscape,
  'escapes in percent escapes': (secret) => percent(percent(secret)),
  'base64 in percent escapes': (secret) => encodeURIComponent(base64(`x${secret}==`)),
};

/** Whether a person with tools could read a secret out of a text. */
function isReadable(text: string, secret: string): boolean {
  const piece = secret.slice(8, 20).toLowerCase();
  const readings = [text];
  for (let depth = 0; depth < 3; depth += 1) {
    for (const known of readings.slice()) {
      readings.push(
        known.replaceAll(/%([\da-f]{2})/gi, (_all, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ),
        known.replaceAll(/\\u([\da-f]{4})/gi, (_all, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ),
        known.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))),
      );
    }
  }
  const words = readings.concat(readings.flatMap((known) => known.match(/[\w+/-]{8,}/g) ?? []));
  return words.some((word) =>
    [
      word,
      ...[0, 1, 2, 3].map((skip) => Buffer.from(word.slice(skip), 'base64').toString('latin1')),
      ...[0, 1].map((skip) => Buffer.from(word.slice(skip), 'hex').toString('latin1')),
    ].some((reading) => reading.toLowerCase().includes(piece)),
  );
}

describe('a secret in a text', () => {
  it.each(Object.entries(ENCODINGS))('is taken out: %s', (_name, encode) => {
    const text = `The request said "${encode(TOKEN)}", which is wrong.`;
    expect(isReadable(text, TOKEN)).toBe(true);
    const shown = new Redactor([TOKEN]).redact(text);
    expect(shown).toContain('[redacted]');
    expect(shown).toContain('The request said');
    expect(shown).toContain('which is wrong.');
    expect(isReadable(shown, TOKEN)).toBe(false);
    expect(new Redactor([TOKEN]).mayHold(text)).toBe(true);
  });

  it('is taken out of every place and encoding, whatever the secret is', () => {
    const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/'.split('');
    assert(
      property(
        array(constantFrom(...signs), { minLength: 24, maxLength: 120 }),
        constantFrom(...Object.keys(ENCODINGS)),
        string({ maxLength: 40 }),
        string({ maxLength: 40 }),
        (letters, name, before, after) => {
          const secret = letters.join('');
          // A run of one or two signs is no secret that a platform gives out.
          pre(new Set(secret).size > 12 && new Set(secret.slice(8, 20).toLowerCase()).size > 6);
          const encode = ENCODINGS[name] as (text: string) => string;
          const text = `${before} ${encode(secret)} ${after}`;
          expect(isReadable(new Redactor([secret]).redact(text), secret)).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leaves every other text as it is', () => {
    assert(
      property(string({ maxLength: 300 }), (text) => {
        expect(new Redactor([TOKEN]).redact(text)).toBe(text);
      }),
    );
    const address = 'https://cdn.example/a%20b?x=%41&#38;';
    expect(new Redactor([TOKEN]).redact(address)).toBe(address);
  });

  it('is found in names and values of any depth, and what has none is the same object', () => {
    const redactor = new Redactor([TOKEN]);
    const clean = { a: [{ b: 'no' }], c: null, d: 4 };
    expect(redactor.redactValue(clean)).toBe(clean);
    expect(redactor.redactValue({ a: [{ [`x${TOKEN}`]: base64(TOKEN) }], c: 1 })).toEqual({
      a: [{ 'x[redacted]': '[redacted]' }],
      c: 1,
    });
  });
});

describe('an answer of a platform', () => {
  const request: WireRequest = {
    method: 'POST',
    url: 'https://platform.example/messages',
    headers: { authorization: `Bearer ${TOKEN}`, 'client-id': 'public-client' },
  };

  it.each(Object.entries(ENCODINGS))('never shows the credential: %s', (_name, encode) => {
    const body = {
      message_id: encode(TOKEN),
      error: { code: encode(TOKEN), errors: [encode(`Bearer ${TOKEN}`)] },
    };
    const read = JSON.stringify(readAnswer(request, 200, JSON.stringify(body)));
    expect(isReadable(read, TOKEN)).toBe(false);
    expect(isReadable(String(readAnswer(request, 500, `<p>${encode(TOKEN)}</p>`)), TOKEN)).toBe(
      false,
    );
  });

  it('never shows a secret of the address or of a form, except a grant in its own members', () => {
    const exchange: WireRequest = {
      method: 'POST',
      url: 'https://platform.example/token?code=the-code-of-this-consent',
      headers: {},
      body: new URLSearchParams({ refresh_token: TOKEN, client_secret: 'a-secret-of-the-client' }),
    };
    const said = {
      message: 'a-secret-of-the-client, the-code-of-this-consent',
      refresh_token: TOKEN,
    };
    const cleaned = { message: '[redacted], [redacted]', refresh_token: TOKEN };
    expect(readAnswer(exchange, 200, JSON.stringify(said))).toEqual(cleaned);
    expect(readAnswer(exchange, 400, JSON.stringify(said))).toEqual({
      ...cleaned,
      refresh_token: '[redacted]',
    });
    const hook = { ...request, secrets: ['webhook-token'] };
    expect(readAnswer(hook, 404, '{"message":"no webhook-token"}')).toEqual({
      message: 'no [redacted]',
    });
  });
});

describe('a private text that a platform quotes', () => {
  it.each([
    ['whole', 'Message "meet me at the old mill" was rejected'],
    ['cut short', 'Message "meet me at the old…" was rejected'],
    ['escaped', 'Message meet%20me%20at%20the%20old%20mill was rejected'],
  ])('is not kept: %s', (_name, message) => {
    const shown = redactPrivate(message, ['meet me at the old mill']);
    expect(shown).toContain('[private text]');
    expect(shown).toContain('was rejected');
    expect(decodeURIComponent(shown)).not.toMatch(/meet|mill/);
  });

  it('is taken out by its quotes alone where it is a letter or two', () => {
    expect(redactPrivate('"a" is a bad message', ['a'])).toBe('"[private text]" is a bad message');
    expect(redactPrivate('hello there is rejected', ['hello'])).toBe(
      '[private text] there is rejected',
    );
  });

  it('is not quoted by the faults of its own field', () => {
    class Inner {
      @Text('A name', { private: true })
      name!: string;
      @Text('An address')
      url!: string;
    }
    class Outer {
      @Part('One', Inner, { private: true })
      one!: Inner;
      @Parts('Several', Inner)
      several!: Inner[];
    }
    const values = {
      one: { name: 'a very private name', url: 'https://a.example/x' },
      several: [{ name: 'another private name', url: 'https://u:p@b.example/y?sig=secret-one#z' }],
    };
    expect(listPrivateTexts(Outer, values)).toEqual(
      expect.arrayContaining(['a very private name', 'another private name', 'secret-one']),
    );
    const kept = redactFields(Outer, values, hideAddressSecrets);
    expect(kept['several']).toEqual([
      { name: '[redacted, 20 characters]', url: 'https://b.example/y?[redacted]' },
    ]);
  });
});

describe('a cell of the export', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＠a', '﻿=1'])(
    'begins no formula: %j',
    (text) => {
      const [, cell = ''] =
        /^1,(?:[^,]*,){8}("(?:[^"]|"")*"|[^,]*),/.exec(
          writeCsvLine({ action_id: '1', error: text } as never),
        ) ?? [];
      expect(cell.replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it.each(['a;=1', 'a\n=1', 'a\t+1', 'a|@x', 'a; ＝1'])(
    'holds no formula behind a sign: %j',
    (text) => {
      const line = writeCsvLine({ action_id: '1', error: text } as never);
      expect(line).not.toMatch(/[;|\t\r\n]\s*[=+@＝]/);
    },
  );
});
