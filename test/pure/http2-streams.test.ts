// Real: Node.js' own HTTP/2 over a socket pair of this machine, and the Map that it is compared with.
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import {
  findState,
  giveStreamTables,
  PendingStreams,
  StreamTable,
} from '../../src/vendor/http2-streams.js';

type Stream = Parameters<StreamTable['set']>[1];

const ID = fc.integer({ min: 1, max: 12 });
const STEP = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), id: ID }),
  fc.record({ kind: fc.constant('delete' as const), id: ID }),
  fc.record({ kind: fc.constant('clear' as const), id: ID }),
);

it('answers as a Map does, in the order of the numbers', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const table = new StreamTable();
      const map = new Map<number, Stream>();
      for (const { kind, id } of steps) {
        const stream = { id } as Stream;
        const [ours, theirs] = [table, map].map((one) => {
          if (kind === 'set') return one.set(id, stream).size;
          return kind === 'delete' ? one.delete(id) : one.clear();
        });
        expect(ours).toEqual(theirs);
        const sorted = [...map].toSorted(([left], [right]) => left - right);
        expect([...table]).toEqual(sorted);
        expect([...table.keys()]).toEqual(sorted.map(([one]) => one));
        expect([...table.values()]).toEqual(sorted.map(([, one]) => one));
        const visited: [number, Stream][] = [];
        table.forEach((one, number) => visited.push([number, one]));
        expect(visited).toEqual(sorted);
        expect(table.size).toBe(map.size);
        expect([table.has(id), table.get(id)]).toEqual([map.has(id), map.get(id)]);
      }
    }),
  );
});

it('keeps those without a number as a Set does, in any order', () => {
  const named = Array.from({ length: 4 }, (_none, id) => ({ id }) as unknown as Stream);
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'delete', 'clear'),
    id: fc.nat({ max: named.length - 1 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pending = new PendingStreams();
      const set = new Set<Stream>();
      for (const { kind, id } of steps) {
        const stream = named[id] as Stream;
        const [ours, theirs] = [pending, set].map((one) => {
          if (kind === 'add') return one.add(stream).size;
          return kind === 'delete' ? one.delete(stream) : one.clear();
        });
        expect(ours).toEqual(theirs);
        expect(new Set(pending)).toEqual(set);
        expect([pending.size, pending.has(stream)]).toEqual([set.size, set.has(stream)]);
        expect([...pending.keys()]).toEqual([...pending.values()]);
        const visited: Stream[] = [];
        pending.forEach((one, same, all) => {
          expect([one, all]).toEqual([same, pending]);
          visited.push(one);
        });
        expect(visited).toEqual([...pending]);
        expect([...pending.entries()]).toEqual(visited.map((one) => [one, one]));
      }
    }),
  );
});

it('takes the place of the table of a session, whose streams come, end and are cut off', async () => {
  const server = createServer();
  giveStreamTables(server);
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] === '/held') return;
    stream.respond({ ':status': 200 });
    stream.end('done');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });

  for (let made = 0; made < 200; made += 1) {
    const request = client.request({ ':path': '/' }).resume();
    await once(request, 'close');
    expect(request.rstCode).toBe(0);
  }
  const [session] = sessions as [ServerHttp2Session];
  const table = findState(session)?.streams as StreamTable;
  expect(table).toBeInstanceOf(StreamTable);
  expect(findState(session)?.pendingStreams).toBeInstanceOf(PendingStreams);
  await expect.poll(() => table.size).toBe(0);

  const held = [client.request({ ':path': '/held' }), client.request({ ':path': '/held' })];
  for (const request of held) request.on('error', () => undefined);
  await expect.poll(() => table.size).toBe(2);
  const cut = Promise.all(held.map((request) => once(request, 'close')));
  // Node.js finds those that it has to end in the table.
  session.destroy();
  await cut;
  expect(table.size).toBe(0);
});

it('leaves a session alone in which it finds nothing of the kind', () => {
  const listeners: ((session: ServerHttp2Session) => void)[] = [];
  const server = {
    on: (_name: string, listener: (typeof listeners)[0]) => listeners.push(listener),
  };
  giveStreamTables(server as never);
  const [welcome] = listeners;
  const strange = { [Symbol('state')]: { streams: 'elsewhere', pendingStreams: 'nowhere' } };
  for (const session of [{}, strange]) welcome?.(session as never);
  expect(Object.getOwnPropertySymbols(strange).map((key) => strange[key as never])).toEqual([
    { streams: 'elsewhere', pendingStreams: 'nowhere' },
  ]);
});
