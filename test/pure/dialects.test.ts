// Real: the registry of dialects, and the list of dialects that the gateway registers. Fake: two dialects.
import type { Type } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { loadDialects } from '../../src/app.module.js';
import { buildOpenApi } from '../../src/doors/contracts/openapi.js';
import { listControllers } from '../../src/doors/controllers.js';
import type { Dialect, EnvelopeForm, RequestHead } from '../../src/doors/door/dialect.js';
import { Dialects } from '../../src/doors/door/dialects.js';
import { listRoutes } from '../../src/doors/door/route.js';

/** Recognises envelopes that hold the name of the dialect. */
function formOf(name: string): EnvelopeForm {
  return {
    recognise: (value) => value === name,
    execute: () => Promise.resolve({}),
    translate: () => ({}),
    open: (call) => call,
    answer: () => ({}),
  };
}

function register(dialects: Readonly<Record<string, Dialect>>): Dialects {
  return new Dialects(
    Object.entries(dialects).map(([name, dialect]) => ({
      name,
      controllers: [],
      grpc: { file: `${name}.proto`, package: name, service: 'Service' },
      make: { useFactory: () => dialect },
      dialect,
    })),
  );
}

const first: Dialect = { envelopes: formOf('first'), isAddressed: ({ headers }) => !!headers.host };
const second: Dialect = { envelopes: formOf('second') };
const plain: Dialect = {};
const dialects = register({ first, second, plain });
const readEnvelopes = (body: unknown): readonly unknown[] => body as readonly unknown[];
const shared = { needs: 'caller', readEnvelopes } as const;

const head = (host?: string): RequestHead =>
  ({ headers: { host }, raw: {} }) as unknown as RequestHead;

describe('the dialect of a request', () => {
  it('is that of its route or method, whatever the body is', () => {
    expect(dialects.find({ needs: 'caller', dialect: 'second' }, ['first'])).toBe(second);
    expect(dialects.find({ needs: 'caller' }, ['first'])).toBeUndefined();
  });

  it('is that of its envelopes on a shared route, where all of them have one form', () => {
    expect(dialects.find(shared, ['first', 'first'])).toBe(first);
    expect(dialects.find(shared, ['second'])).toBe(second);
    expect(dialects.find(shared, ['first', 'second'])).toBeUndefined();
    expect(dialects.find(shared, ['first', 'ours'])).toBeUndefined();
    expect(dialects.find(shared, [])).toBeUndefined();
  });

  it('is one of those that take envelopes, as long as the body is not known', () => {
    expect(dialects.listPossible(shared)).toEqual([first, second]);
    expect(dialects.listPossible({ needs: 'caller', dialect: 'plain' })).toEqual([plain]);
    expect(dialects.listPossible({ needs: 'caller' })).toEqual([]);
  });

  it('is found by the path of a gRPC method', () => {
    expect(dialects.findByRpc('/second.Service/Do')).toEqual({ dialect: second, method: 'Do' });
    expect(dialects.findByRpc('/second.Other/Do')).toBeUndefined();
    expect(dialects.findByRpc('')).toBeUndefined();
  });

  it('is found by the service that was addressed', () => {
    expect(dialects.findAddressed(head('first.local'))).toBe(first);
    expect(dialects.findAddressed(head())).toBeUndefined();
  });
});

describe('a declaration that names a dialect', () => {
  class Planted {}
  const at = { type: Planted as Type, handler: 'handle' };

  it('starts if the dialect is registered, and stops the start otherwise', () => {
    expect(() => dialects.requireRegistered([{ ...at, dialect: 'first' }, at])).not.toThrow();
    const told = /^Planted\.handle names the dialect "absent".*src\/app\.module\.ts$/;
    expect(() => dialects.requireRegistered([{ ...at, dialect: 'absent' }])).toThrow(told);
    expect(() => dialects.requireRegistered([{ ...at, refusesAs: 'absent' }])).toThrow(told);
  });
});

describe('the dialects of the gateway', () => {
  it('make the same contract whether media are on or off', async () => {
    const [on = '', off = ''] = await Promise.all(
      [true, false].map(async (ENABLE_MEDIA) => {
        const declared = await loadDialects({ ENABLE_MEDIA, ENABLE_MCP: true });
        const contracts = declared.map(({ contract = {} }) => contract);
        const routes = listRoutes(listControllers(declared));
        return JSON.stringify(buildOpenApi([], routes, { version: '0', dialects: contracts }));
      }),
    );
    expect(on).toContain('/v1/media/youtube/mp4');
    expect(off).toBe(on);
  });

  it('have the groups of all their operations in the contract', async () => {
    const declared = await loadDialects({ ENABLE_MEDIA: false, ENABLE_MCP: true });
    const contracts = declared.map(({ contract = {} }) => contract);
    const routes = listRoutes(listControllers(declared));
    const { tags } = buildOpenApi([], routes, { version: '0', dialects: contracts });
    const known = (tags as { name: string }[]).map(({ name }) => name);
    expect(known.filter((name) => !routes.some(({ tag }) => tag === name))).toEqual([]);
    expect(routes.filter(({ tag }) => !known.includes(tag))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});
