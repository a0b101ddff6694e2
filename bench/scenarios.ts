import type { GrpcLoad, RestLoad } from './clients.js';
import { type MakeCall, pace, type PacedSample, type Sample, saturate } from './load.js';
import {
  type BenchEnvelope,
  encodeAction,
  encodeBatch,
  isSuccess,
  requireSuccess,
  requireSuccesses,
} from './messages.js';
import type { NativeCalls } from './native-load.js';
import type { BenchedGateway } from './stand.js';

/** Something that is measured. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whose processor time and memory are read. */
  readonly pids: readonly number[];
  /** Everybody asks again as soon as they are answered. */
  run(forMs: number): Promise<Sample>;
  /** Calls that begin at a steady rate. */
  pace?(perSecond: number, forMs: number): Promise<PacedSample>;
  /** Who makes the calls; the clients of this repository when left out. */
  readonly generator?: string;
}

/** Callers that wait for their answers, side by side. */
export const WORKERS = 128;
/** Channels that are banned in; moderators' bots act in many. */
export const CHANNELS = 100;
/** Enough of them that no chat meets its limit of a hundred messages in half a minute. */
export const CHATS = 2_000;
const BATCH = 100;
const BATCHES = 2;
/** Processes of a native generator, each with a body and a connection of its own. */
const PROCESSES = 8;
const STREAMS = 3;
const STREAM_WINDOW = 64;
const SERVICE = '/action_gateway.v1.ActionGateway';
const EXECUTE = `${SERVICE}/ExecuteAction`;
const BATCH_EXECUTE = `${SERVICE}/BatchExecute`;
const REST_EXECUTE = '/api/v1/actions/execute';
const REPLAYED = 1_000;

/** Makes an envelope that no other is like. */
export type MakeEnvelope = (index: number) => BenchEnvelope;

/** Bans of users in so many channels: a write that counts against the limit of its account. */
export const banIn = spread('ban', (index) => ({
  user_id: String(1_000_000 + index),
  reason: 'Spam',
}));

/**
 * Marks in so many streams, for a load whose calls are all alike: no line is kept between them, while bans
 * of one user leave one after the other.
 */
export const markIn = spread('marker', (index) => ({ description: `Jump number ${index}` }));

/** Reads in so many channels, each of something else, so that every one is asked at the platform. */
const readIn = spread('list_followers', (index) => ({
  user_id: String(1_000_000 + index),
}));

/** Messages in so many channels, each in its order and within the limit of its chat. */
export const chatIn = spread('chat_message', (index) => ({ message: `Hello number ${index}` }));

/** One kind of action, in one channel after the other. */
function spread(
  action_type: string,
  parametersOf: (index: number) => BenchEnvelope['parameters'],
): (channels: number) => MakeEnvelope {
  return (channels) => (index) => ({
    platform: 'twitch',
    action_type,
    account_id: String(1 + (index % channels)),
    parameters: parametersOf(index),
    request_id: `bench-${index}`,
  });
}

export function execute(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) =>
    requireSuccess(await load.unary(EXECUTE, encodeAction(envelopeOf(index))));
}

/** A call by the clients of this repository, of so many workers or at a steady rate. */
export function askBy(call: MakeCall, workers = WORKERS): Required<Pick<Scenario, 'run' | 'pace'>> {
  return {
    run: (forMs) => saturate(call, workers, forMs),
    pace: (perSecond, forMs) => pace(call, perSecond, forMs),
  };
}

/** All ways into one gateway. */
export function listWays(
  pids: readonly number[],
  load: GrpcLoad,
  rest: RestLoad,
  envelopeOf: MakeEnvelope,
): Scenario[] {
  const byWorkers = (call: MakeCall, workers?: number) => ({ pids, ...askBy(call, workers) });
  return [
    { name: 'execute', title: 'ExecuteAction', ...byWorkers(execute(load, envelopeOf)) },
    {
      name: 'batch',
      title: `BatchExecute(${BATCH})`,
      ...byWorkers(batch(load, envelopeOf), BATCHES),
    },
    {
      name: 'stream',
      title: `StreamExecute, ${STREAMS} streams`,
      pids,
      run: (forMs) => stream(load, envelopeOf, forMs),
    },
    { name: 'rest', title: 'REST', ...byWorkers(post(rest, envelopeOf)) },
    { name: 'replay', title: 'replay of a key', ...byWorkers(replay(load, envelopeOf)) },
    { name: 'dry_run', title: 'dry run', ...byWorkers(rehearse(load, envelopeOf)) },
    { name: 'read', title: 'read', ...byWorkers(execute(load, readIn(CHANNELS))) },
    {
      name: 'read_kept',
      title: 'read from memory',
      ...byWorkers(execute(load, (index) => readIn(CHANNELS)(index % CHANNELS))),
    },
    { name: 'alone', title: 'one caller alone', ...byWorkers(execute(load, envelopeOf), 1) },
  ];
}

/** Calls of one baseline, of as many processes as ask the gateway. */
export function callBaseline(
  address: string,
  envelopeOf: MakeEnvelope,
  countDone: () => Promise<number>,
): NativeCalls {
  const bodies = makeMany(PROCESSES, envelopeOf).map(encodeAction);
  return {
    protocol: 'grpc',
    url: `http://${address}${EXECUTE}`,
    bodies,
    callers: WORKERS,
    countDone,
  };
}

/** The ways into one gateway whose calls may all be alike, by their names. */
export async function callNatively(
  { grpcAddress, restUrl, token, countActions }: BenchedGateway,
  load: GrpcLoad,
  envelopeOf: MakeEnvelope,
): Promise<Map<string, NativeCalls>> {
  const envelopes = makeMany(PROCESSES, envelopeOf);
  const kept = envelopes.map((one, index) =>
    encodeAction({ ...one, idempotency_key: `bench-native-${index}` }),
  );
  // The first of each is carried out, so that all others are replays.
  for (const message of kept) requireSuccess(await load.unary(EXECUTE, message));
  const executed: NativeCalls = {
    protocol: 'grpc',
    url: `http://${grpcAddress}${EXECUTE}`,
    token,
    bodies: envelopes.map(encodeAction),
    callers: WORKERS,
    countDone: () => countActions({ outcome: 'SUCCEEDED', replayed: 'false' }),
  };
  return new Map<string, NativeCalls>([
    ['execute', executed],
    ['alone', { ...executed, bodies: executed.bodies.slice(0, 1), callers: 1 }],
    [
      'batch',
      {
        ...executed,
        url: `http://${grpcAddress}${BATCH_EXECUTE}`,
        bodies: [0, BATCH].map((from) => encodeBatch(makeMany(BATCH, envelopeOf, from))),
        callers: BATCHES,
        actionsPerCall: BATCH,
      },
    ],
    [
      'rest',
      {
        ...executed,
        protocol: 'rest',
        url: `${restUrl}${REST_EXECUTE}`,
        bodies: envelopes.map((one) => Buffer.from(JSON.stringify(one))),
      },
    ],
    [
      'replay',
      {
        ...executed,
        bodies: kept,
        countDone: () => countActions({ outcome: 'SUCCEEDED', replayed: 'true' }),
      },
    ],
    [
      'dry_run',
      {
        ...executed,
        bodies: envelopes.map((one) => encodeAction({ ...one, dry_run: true })),
        countDone: () => countActions({ outcome: 'PREPARED', replayed: 'false' }),
      },
    ],
  ]);
}

function batch(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) => {
    const message = encodeBatch(makeMany(BATCH, envelopeOf, index * BATCH));
    return requireSuccesses(await load.unary(BATCH_EXECUTE, message));
  };
}

function makeMany(count: number, envelopeOf: MakeEnvelope, from = 0): BenchEnvelope[] {
  return Array.from({ length: count }, (_none, index) => envelopeOf(from + index));
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
    const { status, text } = await rest.post(REST_EXECUTE, body);
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
    requireSuccess(await load.unary(EXECUTE, messages[index % REPLAYED] as Buffer));
}

function rehearse(load: GrpcLoad, envelopeOf: MakeEnvelope): MakeCall {
  return async (index) => {
    const message = encodeAction({ ...envelopeOf(index), dry_run: true });
    return requireSuccess(await load.unary(EXECUTE, message));
  };
}
