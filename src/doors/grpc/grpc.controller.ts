import { finished } from 'node:stream';
import { type Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type BeforeApplicationShutdown, Controller, Inject, Logger } from '@nestjs/common';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';
import { CallerTokens } from '../../callers/caller-tokens.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Flags } from '../../safeguards/flags.js';
import { KeptLists } from '../kept-lists.js';
import { KeptAnswer } from './kept-answer.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Executor } from '../../execution/executor.js';
import { ActionReader } from '../action-reader.js';
import { Batches, refuseIfUnavailable, requireBatchSize } from '../batch.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';
import {
  Stream,
  type StreamRequest,
  Unary,
  type UnaryRequest,
  Watch,
  type WatchRequest,
} from '../door/rpc.js';
import { ActionWatches } from '../action-watches.js';
import { watchActions } from './watch-actions.js';
import { withKey } from '../idempotency-header.js';
import {
  decodeRequest,
  encodeDescription,
  encodeOutcome,
  type ProtoActionRequest,
  type ProtoWatchRequest,
  SERVICE_NAME,
} from './contract.js';
import { nothingSent } from './nothing-sent.js';

/** With less time than this before the deadline, nothing is begun. */
const SHORTEST_TIME_MS = 1;
/** Actions of one stream under way at a time; beyond it the stream is not read, and the sender waits. */
const STREAM_WINDOW = 64;
/** A writer stops waiting for the reader at any of these events. */
const WAKING = ['drain', 'error', 'cancelled', 'close'] as const;
const NO_STREAM_KEY =
  'idempotency-key is for one action or one batch: give each envelope of a stream its own idempotency_key';
const STOPPING = 'The gateway is stopping: send again what was not answered';

/** The recipe decides on each envelope, counts it, and answers with an outcome. */
const EXECUTES = { service: SERVICE_NAME, needs: 'caller', weight: 0 } as const;
const READS = { service: SERVICE_NAME, needs: 'caller' } as const;

/** The gRPC door. Every decision about an action is an OK answer; all other answers say nothing-sent. */
@Controller()
export class GrpcController implements BeforeApplicationShutdown {
  /** Stops reading each open stream. */
  readonly #stops = new Set<(why?: DoorRefusal) => void>();
  #stopping = false;
  readonly #logger = new Logger(GrpcController.name);

  /** What `ListActions` answers, which is large. */
  readonly #lists: KeptLists<KeptAnswer>;

  constructor(
    private readonly executor: Executor,
    private readonly batches: Batches,
    private readonly reader: ActionReader,
    private readonly catalogue: Catalogue,
    private readonly tokens: CallerTokens,
    private readonly watches: ActionWatches,
    @Inject(CONFIG) private readonly config: Config,
    flags: Flags,
  ) {
    this.#lists = new KeptLists(
      flags,
      (platform) => new KeptAnswer(describeActions(catalogue, platform)),
    );
  }

  @Unary({ ...EXECUTES, method: 'ExecuteAction' })
  async executeAction({
    message,
    metadata,
    call,
  }: UnaryRequest<ProtoActionRequest>): Promise<object> {
    requireTime(call.answerBy);
    const envelope = withKey(decodeRequest(message), readKey(metadata));
    const outcome = await this.executor.execute(envelope, call);
    refuseIfUnavailable([outcome]);
    return encodeOutcome(outcome);
  }

  @Unary({ ...EXECUTES, method: 'BatchExecute' })
  async batchExecute({
    message: { actions },
    metadata,
    call,
  }: UnaryRequest<{ actions: readonly ProtoActionRequest[] }>): Promise<object> {
    requireTime(call.answerBy);
    requireBatchSize(actions.length, this.config.MAX_BATCH_SIZE);
    return this.batches.execute(actions.map(decodeRequest), call, encodeOutcome, readKey(metadata));
  }

  @Stream({ ...EXECUTES, method: 'StreamExecute' })
  async streamExecute({ stream, call }: StreamRequest<ProtoActionRequest>): Promise<void> {
    try {
      const refusal =
        readKey(stream.metadata) === undefined
          ? await this.#answerStream(stream, call)
          : refuse.malformed(NO_STREAM_KEY);
      if (!refusal) stream.end();
      // Every envelope that was read is answered by now; nothing was sent of the others.
      else
        stream.emit('error', {
          code: status[refusal.grpc],
          details: refusal.message,
          metadata: nothingSent(),
        });
    } catch (error) {
      if (stream.cancelled) return;
      this.#logger.error({ err: error }, 'A stream of actions met a fault of the gateway');
      stream.emit('error', {
        code: status.INTERNAL,
        details: 'The gateway met a fault of its own',
      });
    }
  }

  /** Open streams would keep the server from stopping, so they are told to end. */
  beforeApplicationShutdown(): void {
    this.#stopping = true;
    for (const stop of this.#stops) stop();
  }

  /** Reads envelopes and writes outcomes. @returns why the gateway stopped reading before the end */
  #answerStream(
    stream: ServerDuplexStream<ProtoActionRequest, object>,
    call: Call,
  ): Promise<DoorRefusal | undefined> {
    return new Promise((resolve, reject) => {
      const write = openWriter(stream);
      let underWay = 0;
      let hasEnded = false;
      /** Why less was read than was sent. */
      let refusal: DoorRefusal | undefined;
      const end = (why?: DoorRefusal): void => {
        if (!hasEnded) refusal = why;
        hasEnded = true;
        if (underWay === 0) resolve(refusal);
      };
      const note = (): void => {
        underWay -= 1;
        if (hasEnded) end();
        else if (underWay === STREAM_WINDOW - 1) stream.resume();
      };
      // Listens for messages: an async iterator takes several promises for each.
      const read = (request: ProtoActionRequest): void => {
        const caller = readCaller();
        if (!caller) return;
        underWay += 1;
        if (underWay === STREAM_WINDOW) stream.pause();
        // Each envelope of a stream has the budget of a call of its own.
        const answerBy = Math.min(
          call.deadline,
          performance.now() + this.config.REQUEST_BUDGET * 1_000,
        );
        try {
          this.executor
            .execute(decodeRequest(request), { ...call, caller, answerBy })
            .then((outcome) => write(encodeOutcome(outcome)))
            .then(note, fail);
        } catch (error) {
          fail(error);
        }
      };
      const leave = (): void => {
        stream.off('data', read).pause();
      };
      const stop = (why: DoorRefusal = refuse.unavailable(STOPPING)): void => {
        leave();
        end(why);
      };
      // A stream may be open for long: its token may have ended, or its caller may have been revoked.
      const readCaller = (): Caller | undefined => {
        try {
          return this.tokens.read(stream.metadata.get('authorization')[0]);
        } catch (error) {
          if (!(error instanceof DoorRefusal)) throw error;
          stop(error);
          return undefined;
        }
      };
      // Nothing more is begun of what could not be answered.
      const fail = (error: unknown): void => {
        leave();
        reject(error as Error);
      };
      this.#stops.add(stop);
      finished(stream, { writable: false }, (error) => {
        this.#stops.delete(stop);
        if (error) reject(error);
        else end();
      });
      if (this.#stopping) stop();
      else stream.on('data', read);
    });
  }

  @Unary({ ...READS, method: 'GetActionStatus' })
  async getActionStatus({ message, caller }: UnaryRequest<{ action_id: string }>): Promise<object> {
    return encodeOutcome(await this.reader.read(message.action_id, caller));
  }

  @Unary({ ...READS, method: 'CancelAction', needs: ['execute_actions'] })
  async cancelAction({ message, caller }: UnaryRequest<{ action_id: string }>): Promise<object> {
    return encodeOutcome(await this.reader.cancel(message.action_id, caller));
  }

  @Watch({ ...READS, method: 'WatchActions', weight: 5 })
  watchActions({ stream, call }: WatchRequest<ProtoWatchRequest>): Promise<void> {
    return watchActions(this.watches, this.tokens, stream, call.caller);
  }

  @Unary({ ...READS, method: 'ListActions' })
  listActions({ message }: UnaryRequest<{ platform: string; action_type: string }>): object {
    const { platform, action_type } = message;
    if (action_type === '') return this.#lists.get(platform || undefined);
    return describeActions(this.catalogue, platform, action_type);
  }
}

/** The message of `ListActions`. */
function describeActions(catalogue: Catalogue, platform?: string, type?: string): object {
  return { actions: catalogue.describe(platform, type).map(encodeDescription) };
}

/**
 * Writes answers to a stream. A reader that is slow to take them slows the stream down, instead of
 * filling our memory; all answers that wait for it share one wait.
 */
function openWriter(
  stream: ServerDuplexStream<unknown, object>,
): (answer: object) => Promise<void> | undefined {
  let drained: Promise<void> | undefined;
  return (answer) => {
    if (stream.cancelled || stream.destroyed || stream.write(answer)) return undefined;
    return (drained ??= awaitDrain(stream).finally(() => (drained = undefined)));
  };
}

function awaitDrain(stream: ServerDuplexStream<unknown, object>): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      for (const event of WAKING) stream.off(event, wake);
      resolve();
    };
    for (const event of WAKING) stream.on(event, wake);
  });
}

/** The idempotency key in the metadata of a call, which means the same as the header of REST. */
function readKey(metadata: Metadata): string | undefined {
  const [key] = metadata.get('idempotency-key');
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function requireTime(answerBy: number): void {
  if (answerBy - performance.now() >= SHORTEST_TIME_MS) return;
  throw refuse.tooLate('The deadline is too short to begin: give a call more than 250 ms');
}
