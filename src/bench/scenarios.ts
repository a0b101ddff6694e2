import { GrpcLoad, type MakeCall, RestLoad, type Sample, saturate } from './load.js';
import {
  type BenchEnvelope,
  encodeAction,
  encodeBatch,
  isSuccess,
  requireSuccess,
  requireSuccesses,
} from './messages.js';

/** Something that is measured. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whose processor time and memory are read. */
  readonly pids: readonly number[];
  run(forMs: number): Promise<Sample>;
}

/** Callers that wait for their answers, side by side. */
export const WORKERS = 128;
export const BATCH = 100;
const STREAMS = 3;
const STREAM_WINDOW = 64;
const SERVICE = '/action_gateway.v1.ActionGateway';
const REPLAYED = 1_000;

/** Makes an envelope that no other is like. */
export type MakeEnvelope = (index: number) => BenchEnvelope;

/** Bans of users in so many channels: a write that counts against the limit of its account. */
export function banIn(channels: number): MakeEnvelope {
  return (index) => ({
    platform: 'twitch',
    action_type: 'ban',
    account_id: String(1 + (index % channels)),
    parameters: { user_id: String(1_000_000 + index), reason: 'Spam' },
    request_id: `bench-${index}`,
  });
}

/** Messages in so many channels, each in its order and within the limit of its chat. */
export function chatIn(channels: number): MakeEnvelope {
  return (index) => ({
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: String(1 + (index % channels)),
    parameters: { message: `Hello number ${index}` },
    request_id: `bench-${index}`,
  });
}

export function execute(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) =>
    requireSuccess(await load.unary(`${SERVICE}/ExecuteAction`, encodeAction(envelopeOf(index))));
}

/** All ways into one gateway. */
export function listWays(
  pids: readonly number[],
  load: GrpcLoad,
  rest: RestLoad,
  envelopeOf: MakeEnvelope,
): Scenario[] {
  const byWorkers = (call: MakeCall, workers = WORKERS) => ({
    pids,
    run: (forMs: number) => saturate(call, workers, forMs),
  });
  return [
    { name: 'execute', title: 'ExecuteAction', ...byWorkers(execute(load, envelopeOf)) },
    { name: 'batch', title: `BatchExecute(${BATCH})`, ...byWorkers(batch(load, envelopeOf), 2) },
    {
      name: 'stream',
      title: `StreamExecute, ${STREAMS} streams`,
      pids,
      run: (forMs) => stream(load, envelopeOf, forMs),
    },
    { name: 'rest', title: 'REST', ...byWorkers(post(rest, envelopeOf)) },
    { name: 'replay', title: 'replay of a key', ...byWorkers(replay(load, envelopeOf)) },
    { name: 'dry_run', title: 'dry run', ...byWorkers(rehearse(load, envelopeOf)) },
    { name: 'alone', title: 'one caller alone', ...byWorkers(execute(load, envelopeOf), 1) },
  ];
}

function batch(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) => {
    const envelopes = Array.from({ length: BATCH }, (_none, at) => envelopeOf(index * BATCH + at));
    return requireSuccesses(await load.unary(`${SERVICE}/BatchExecute`, encodeBatch(envelopes)));
  };
}

async function stream(load: GrpcLoad, envelopeOf: MakeEnvelope, forMs: number): Promise<Sample> {
  const since = performance.now();
  const makeMessage = (index: number): Buffer => encodeAction(envelopeOf(index));
  const way = { window: STREAM_WINDOW, forMs, check: isSuccess };
  const counts = await Promise.all(
    Array.from({ length: STREAMS }, () =>
      load.stream(`${SERVICE}/StreamExecute`, makeMessage, way),
    ),
  );
  const actions = counts.reduce((sum, count) => sum + count, 0);
  const none = Number.NaN;
  return { actions, failures: 0, ms: performance.now() - since, p50: none, p95: none, p99: none };
}

function post(rest: RestLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) => {
    const body = JSON.stringify(envelopeOf(index));
    const { status, text } = await rest.post('/api/v1/actions/execute', body);
    if (status !== 200) throw new Error(text);
    return 1;
  };
}

/** The same requests with their keys, again and again: the first of each is carried out. */
function replay(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  const messages = Array.from({ length: REPLAYED }, (_none, index) =>
    encodeAction({ ...envelopeOf(index), idempotency_key: `bench-replay-${index}` }),
  );
  return async (index) =>
    requireSuccess(
      await load.unary(`${SERVICE}/ExecuteAction`, messages[index % REPLAYED] as Buffer),
    );
}

function rehearse(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) => {
    const message = encodeAction({ ...envelopeOf(index), dry_run: true });
    return requireSuccess(await load.unary(`${SERVICE}/ExecuteAction`, message));
  };
}
