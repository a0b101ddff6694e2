// Real: built gateways as processes, PostgreSQL, both doors, a balancer before them. Fake: Twitch, at the
// wire.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { credentials, type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcRefusal } from '../support/grpc-client.js';
import { type RoundRobinProxy, startRoundRobinProxy } from '../support/round-robin-proxy.js';
import { thinkTime } from '../support/think-time.js';
import { House } from '../support/two-doors.js';

const WORKERS = 6;
const MOST_TRIES = 20;
/** What a gateway says when its grace is over and something is still open. */
const CUT = /cutting the connections that are still open/;

let house: House;
let proxy: RoundRobinProxy;

beforeAll(async () => {
  [house, proxy] = await Promise.all([House.open(), startRoundRobinProxy()]);
});

afterAll(async () => {
  await proxy?.close();
  await house?.close();
});

const start = (env: Record<string, string> = {}): Promise<GatewayProcess> =>
  startGateway({
    ...house.sandbox.env,
    DATABASE_URL: house.database.url,
    SHUTDOWN_DELAY: '1',
    ...env,
  });

/** What came of a call that a caller repeats by the rules of the README, and by nothing else. */
type Ended = { readonly status: string } | { readonly inVain: string };
/** How one try ended: with an outcome, or with a no and what may be done about it. */
type Tried = { readonly status: string } | { readonly no: string; readonly mayRepeat: boolean };

async function carryOut(tries: () => Promise<Tried>): Promise<Ended> {
  let said = '';
  for (let made = 0; made < MOST_TRIES; made += 1) {
    const tried = await tries();
    if ('status' in tried) return tried;
    said = tried.no;
    if (!tried.mayRepeat) break;
    await thinkTime();
  }
  return { inVain: said };
}

const tryGrpc = async (grpc: GrpcClient, envelope: object, hasKey: boolean): Promise<Tried> => {
  try {
    return { status: (await grpc.execute(envelope, { deadlineMs: 20_000 })).status };
  } catch (error) {
    const { code, details, nothingSent } = error as GrpcRefusal;
    const mayRepeat = nothingSent || (hasKey && code === 'UNAVAILABLE');
    return { no: `${code}: ${details}`, mayRepeat };
  }
};

const tryRest = async (envelope: object, hasKey: boolean): Promise<Tried> => {
  try {
    const path = '/api/v1/actions/execute';
    const { status, headers, body } = await callRest(proxy, 'POST', path, envelope);
    if (status < 300) return { status: String(body['status']) };
    const isAway = status === 502 || status === 503;
    const mayRepeat = headers.get('nothing-sent') === '1' || (hasKey && isAway);
    return { no: `${status}: ${JSON.stringify(body)}`, mayRepeat };
  } catch (error) {
    return { no: (error as Error).message, mayRepeat: hasKey };
  }
};

describe('replacing every replica under load', () => {
  it('fails no call and carries out none twice, on both doors', async () => {
    let replicas: GatewayProcess[] = await Promise.all([start(), start(), start()]);
    for (const replica of replicas) await proxy.add(replica);
    const channels = await Promise.all(
      Array.from({ length: 2 * WORKERS }, () => house.addChannel()),
    );
    const over = new AbortController();
    const sent: string[] = [];
    const inVain: string[] = [];
    const work = channels.map(async ({ id }, worker) => {
      const grpc = worker < WORKERS ? new GrpcClient(proxy.grpcAddress) : undefined;
      for (let n = 0; !over.signal.aborted; n += 1) {
        const description = `${worker}-${n}`;
        // Half of the calls have no key, and may be repeated only where surely nothing was sent.
        const hasKey = n % 2 === 0;
        const envelope = {
          platform: 'twitch',
          action_type: 'marker',
          account_id: id,
          parameters: { description },
          ...(hasKey && { idempotency_key: description }),
        };
        sent.push(description);
        const ended = await carryOut(() =>
          grpc ? tryGrpc(grpc, envelope, hasKey) : tryRest(envelope, hasKey),
        );
        if (!('status' in ended) || ended.status !== 'SUCCEEDED')
          inVain.push(`${description}: ${JSON.stringify(ended)}`);
        await thinkTime();
      }
      grpc?.close();
    });
    /** Every worker has made some more calls. */
    const workOn = async (): Promise<void> => {
      const enough = sent.length + 5 * channels.length;
      await expect.poll(() => sent.length).toBeGreaterThanOrEqual(enough);
    };
    const watchers = [proxy, proxy, proxy].map(() => watchHealth(proxy.grpcAddress));
    for (const old of replicas) {
      await workOn();
      const fresh = await start();
      await proxy.add(fresh);
      expect(await old.stop()).toBe(0);
      // A watch of its health, or an idle connection, keeps none from stopping.
      expect(old.output()).not.toMatch(CUT);
      replicas = [...replicas.filter((replica) => replica !== old), fresh];
    }
    await workOn();
    over.abort();
    await Promise.all(work);
    for (const stop of watchers) stop();
    await Promise.all(replicas.map((replica) => replica.stop()));

    expect(inVain).toEqual([]);
    const seen = (await house.sandbox.requestsSince(0)).flatMap(({ path, body }) =>
      path.endsWith('/streams/markers') ? [(body as { description?: string }).description] : [],
    );
    expect(sent.length).toBeGreaterThan(100);
    expect(seen.toSorted()).toEqual(sent.toSorted());
  });
});

describe('a gateway that stops', () => {
  it('is unready first and serves on, then says no with nothing sent, and ends', async () => {
    const gateway = await start({ SHUTDOWN_DELAY: '3' });
    const grpc = new GrpcClient(gateway.grpcAddress);
    const states: string[] = [];
    const stopWatching = watchHealth(gateway.grpcAddress, (state) => states.push(state));
    await expect.poll(() => states).toEqual(['SERVING']);
    const stopped = gateway.stop();
    await expect.poll(() => states).toEqual(['SERVING', 'NOT_SERVING']);
    const ready = await callRest(gateway, 'GET', '/health/ready');
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { error: { doors: { status: 'down', message: 'stopping' } } },
    ]);
    expect(ready.headers.get('connection')).toBe('close');
    expect((await callRest(gateway, 'GET', '/health/live')).status).toBe(200);
    expect(await callRest(gateway, 'GET', '/health')).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', database: 'connected', error: 'it is stopping' },
    });
    const { id } = await house.addChannel();
    const marker = { platform: 'twitch', action_type: 'marker', account_id: id };
    expect(await grpc.execute(marker)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stopped).toBe(0);
    stopWatching();
    await expect(grpc.execute(marker, { deadlineMs: 500 })).rejects.toMatchObject({
      code: expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/),
    });
    grpc.close();
  });

  it('is forced to end by a call that has no end', async () => {
    const gateway = await start({ SHUTDOWN_DELAY: '0', SHUTDOWN_GRACE: '1' });
    const { port } = new URL(gateway.restUrl);
    const slow = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    slow.write(
      'POST /api/v1/actions/execute HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n{',
    );
    const session = connectHttp2(`http://${gateway.grpcAddress}`).on('error', () => undefined);
    session
      .request({
        ':method': 'POST',
        ':path': '/action_gateway.v1.ActionGateway/ExecuteAction',
        'content-type': 'application/grpc',
        authorization: `Bearer ${makeToken()}`,
      })
      .on('error', () => undefined)
      .write(Buffer.from([0, 0, 0, 0, 9, 1]));
    // The gateway has read the head of the one, and what was sent of the other.
    await Promise.all([
      once(slow, 'data'),
      new Promise<void>((resolve) => session.ping(() => resolve())),
    ]);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.output()).toMatch(CUT);
  });
});

/** Watches the health of a gateway as clients of gRPC do. @returns what ends it */
function watchHealth(address: string, onState?: (state: string) => void): () => void {
  const definition = loadSync(healthProto, { enums: String });
  const loaded = loadPackageDefinition(definition)['grpc'] as GrpcObject;
  const Health = ((loaded['health'] as GrpcObject)['v1'] as GrpcObject)[
    'Health'
  ] as unknown as new (...args: unknown[]) => {
    watch(request: object): {
      on(event: string, listener: (value: { status: string }) => void): unknown;
      cancel(): void;
    };
    close(): void;
  };
  const client = new Health(address, credentials.createInsecure());
  const watch = client.watch({ service: 'action_gateway.v1.ActionGateway' });
  watch.on('data', ({ status }) => onState?.(status));
  watch.on('error', () => undefined);
  return () => {
    watch.cancel();
    client.close();
  };
}
