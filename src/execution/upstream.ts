import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Attributes } from '@opentelemetry/api';
import { type Action, type FetchedFile, isTheAction, type Upstream } from '../actions/action.js';
import { BLOCKED_MS } from '../actions/address-block.js';
import type { Priority } from '../actions/envelope.js';
import { ActionFailure } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Limit } from '../actions/limit.js';
import type { Platform } from '../actions/platform.js';
import type { FileStream, Upload } from '../actions/upload.js';
import {
  buildUrl,
  type Delivery,
  MultipartForm,
  type PlatformAnswer,
  type PlatformRequest,
  type Refusal,
  type Transport,
  type WireRequest,
  type Yes,
} from '../actions/wire.js';
import { AccountMemory, type MemoryOwner } from '../accounts/account-memory.js';
import { type HeldCredential, Tokens } from '../accounts/tokens.js';
import { ReplicaLease } from '../cluster/replica-lease.js';
import { CONFIG, type Config } from '../config/config.js';
import { type ActionTrace, UNTRACED } from '../observability/traces.js';
import type { Reservation } from '../safeguards/byte-queue.js';
import { Limits, type Spending } from '../safeguards/limits.js';
import { ProcessBounds } from '../safeguards/process-bounds.js';
import { Breakers, type Way } from './breakers.js';
import type { Deadline } from './deadline.js';
import { EgressGuard } from './egress.js';
import { Renewals } from './renewals.js';
import { uploadFile, WINDOW_BYTES } from './resumable-upload.js';
import { decideRetry } from './retry.js';
import { UndiciTransport } from './undici-transport.js';

const NO_HEADERS: WireRequest['headers'] = {};
const RESOURCE_ID = /\/\d+/;
const RESOURCE_IDS = /\/\d+/g;
const NO_CONTENT = 204;
/** Renewals in one request for tokens that end at once. */
const MOST_RENEWALS = 2;
const REQUEST_TIMEOUT = 408;

/** What an action brings along for its first request. */
export interface Departure {
  /** What the action counts against beside the limits of every request. */
  readonly limits: readonly Limit[];
  readonly priority: Priority;
  /** Commits that the action begins. @throws ActionFailure when it must not */
  readonly begin: () => Promise<void>;
  /** An earlier attempt was cut off: nobody knows yet whether it had its effect. */
  readonly isRepeat?: boolean;
  /** The file that came with the request. */
  readonly file?: FileStream;
  readonly trace?: ActionTrace;
}

/** The one way of an action to its platform: pay, begin, send, renew a token once, retry, classify. */
@Injectable()
export class UpstreamDoor {
  readonly #means: Means;

  constructor(
    transport: UndiciTransport,
    tokens: Tokens,
    limits: Limits,
    lease: ReplicaLease,
    breakers: Breakers,
    egress: EgressGuard,
    memory: AccountMemory,
    bounds: ProcessBounds,
    @Inject(CONFIG) config: Config,
  ) {
    this.#means = {
      transport,
      tokens,
      limits,
      lease,
      breakers,
      egress,
      memory,
      bounds,
      renewals: new Renewals(),
      maxRetries: config.MAX_RETRIES,
      timeoutMs: config.REQUEST_TIMEOUT * 1_000,
    };
  }

  /** Opens the way for one action; its state is what the outcome is judged by. */
  open(
    platform: Platform,
    action: Action,
    credential: HeldCredential,
    deadline: Deadline,
    departure: Departure,
  ): Passage {
    return new Passage(platform, action, credential, deadline, departure, this.#means);
  }
}

interface Means {
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly lease: ReplicaLease;
  readonly breakers: Breakers;
  readonly egress: EgressGuard;
  readonly memory: AccountMemory;
  readonly bounds: ProcessBounds;
  readonly renewals: Renewals;
  readonly maxRetries: number;
  readonly timeoutMs: number;
}

/** One action on its way: what it sends, and what is known of what became of it. */
export class Passage implements Upstream {
  /** Requests that may have reached the platform. */
  attempts = 0;
  /** Of these, repeats of one that did not succeed. */
  retries = 0;
  /** What is known of the effect before the action has ended. */
  known: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds in which the platform had the word. */
  platformMs = 0;
  /** A write may have had its effect, and no answer says whether. */
  #inDoubt: boolean;
  /** A write was answered with a yes: nothing after it can make it undone. */
  #written = false;
  #begun: Promise<void> | undefined;
  #isPaid = false;
  /** The action's own request was sent: sending it again costs its price again. */
  #isTried = false;
  /** Renewals since the token was last known to be accepted. */
  #renewals = 0;
  /** Memory for files. */
  #reserved: Reservation | undefined;
  #isOver = false;

  constructor(
    private readonly platform: Platform,
    private readonly action: Action,
    private credential: HeldCredential,
    private readonly deadline: Deadline,
    private readonly departure: Departure,
    private readonly means: Means,
  ) {
    this.#inDoubt = departure.isRepeat ?? false;
  }

  get #trace(): ActionTrace {
    return this.departure.trace ?? UNTRACED;
  }

  /** Whether the platform may have changed something for this action. */
  get mayHaveHappened(): boolean {
    return this.#inDoubt || this.#written;
  }

  /** What the platform accepted had no effect, by its own answer. */
  takeBack(): void {
    this.#written = false;
    this.#inDoubt = false;
  }

  async send<Answer>(request: PlatformRequest): Promise<Answer> {
    const isWrite = request.method !== 'GET';
    for (let made = 1; ; made += 1) {
      const delivery = await this.#attempt(request, isWrite);
      if (delivery.kind === 'answered' && isYes(delivery)) {
        if (isWrite) {
          this.#written = true;
          this.#inDoubt = false;
        }
        return this.#readBody<Answer>(delivery.answer, request.yes);
      }
      if (
        delivery.kind === 'answered' &&
        delivery.answer.status === 401 &&
        !request.withoutCredentials &&
        (await this.#renewToken(request, delivery))
      )
        continue;

      const refusal = this.#judge(delivery);
      const status = delivery.kind === 'answered' ? delivery.answer.status : undefined;
      // After an attempt in doubt, a no to the repeat may be the echo of a first yes.
      if (this.#inDoubt && isWrite && refusal.happened === 'no' && !isPassing(refusal)) {
        if (this.action.alreadyDone(refusal)) {
          this.#written = true;
          // The declaration of such a refusal belongs to actions whose yes has no body.
          return undefined as Answer;
        }
        throw this.#doubt(`${refusal.message}; an earlier attempt had no clear answer`, status);
      }
      if (isWrite && refusal.happened === 'maybe') this.#inDoubt = true;
      if (!this.mayHaveHappened) this.deadline.comeBack();
      const decision = decideRetry(
        {
          made,
          happened: isWrite ? refusal.happened : 'no',
          transient: isPassing(refusal),
          repeatable: this.action.repeatable,
          retryAfterMs: refusal.retryAfterMs,
          leftMs: this.deadline.leftMs(),
        },
        this.means.maxRetries,
        Math.random(),
      );
      if (decision.retry && (await this.#waitToRepeat(decision.waitMs))) continue;
      throw this.#conclude(refusal, status, request);
    }
  }

  fetch(url: string, { maxBytes }: { maxBytes: number }): Promise<FetchedFile> {
    const timeoutMs = Math.min(this.means.timeoutMs, this.deadline.leftMs());
    const signal = this.deadline.over;
    return this.deadline.race(this.means.egress.fetch(url, { maxBytes, timeoutMs, signal }));
  }

  async reserveFiles(bytes: number): Promise<void> {
    if (this.#reserved) return this.#reserved.shrinkTo(bytes);
    this.#reserved = await this.means.bounds.files.reserve(bytes, this.deadline.over);
    // The wait may have ended after the action did.
    if (this.#isOver) this.#reserved.release();
  }

  /** Gives back what the action held. Called once, when it has ended. */
  end(): void {
    this.#isOver = true;
    this.#reserved?.release();
  }

  async upload<Answer>(upload: Upload): Promise<Answer> {
    const { egress, timeoutMs, maxRetries } = this.means;
    const { file } = this.departure;
    const { url, maxBytes } = upload;
    this.deadline.outlive();
    await this.reserveFiles(WINDOW_BYTES);
    const openFile = async (): Promise<FileStream> => {
      if (url !== undefined)
        return egress.open(url, { maxBytes, timeoutMs, signal: this.deadline.over });
      if (file) return file;
      throw new Error('There is nothing to upload');
    };
    const answer = await uploadFile(upload, {
      platform: this.platform.title,
      field: url === undefined ? 'file' : `parameters.${this.action.takesFile}`,
      canReopen: url !== undefined,
      openFile: () => this.deadline.race(openFile()),
      race: (work) => this.deadline.race(work),
      deliver: (request, isLast) =>
        this.deadline.race(
          // Opening the upload is the call that counts; its pieces belong to it.
          this.#deliverPart(request, isLast, request.method === upload.session.method),
        ),
      judge: (delivery) => this.#judge(delivery),
      pause: async (refusal, made) => {
        const { retryAfterMs } = refusal;
        const transient = isPassing(refusal);
        const leftMs = this.deadline.leftMs();
        // Nothing of an upload is sent twice in doubt, so every part of it may be repeated.
        const attempt = { made, happened: 'no', transient, repeatable: true } as const;
        const decision = decideRetry(
          { ...attempt, retryAfterMs, leftMs },
          maxRetries,
          Math.random(),
        );
        return decision.retry && this.#waitToRepeat(decision.waitMs);
      },
      conclude: (refusal, delivery, request) =>
        this.#conclude(
          refusal,
          delivery.kind === 'answered' ? delivery.answer.status : undefined,
          request,
        ),
      note: (known) => {
        if (known === 'done') this.#written = true;
        this.#inDoubt = known === 'in doubt';
        if (known === 'undone') this.deadline.comeBack();
      },
      // An upload may outlast several tokens, each of which is worth one renewal.
      noteProgress: () => (this.#renewals = 0),
    });
    return this.#readBody<Answer>(answer, 'body');
  }

  /** One request of an upload, of which the last alone may have an effect. */
  async #deliverPart(
    request: PlatformRequest,
    isLast: boolean,
    isPaid: boolean,
  ): Promise<Delivery> {
    for (;;) {
      const needsLease = !this.mayHaveHappened;
      const delivery = isPaid
        ? await this.#attempt(request, isLast, needsLease)
        : await this.#deliver(request, isLast, needsLease);
      const isUnauthorized = delivery.kind === 'answered' && delivery.answer.status === 401;
      if (!isUnauthorized || !(await this.#renewToken(request, delivery))) return delivery;
    }
  }

  goOnAfter(known: Readonly<Record<string, unknown>>): void {
    this.known = known;
    this.deadline.outlive();
  }

  async wait(ms: number): Promise<boolean> {
    if (ms >= this.deadline.leftMs()) return false;
    await this.deadline.race(sleep(ms));
    return true;
  }

  async #waitToRepeat(ms: number): Promise<boolean> {
    const repeats = await this.wait(ms);
    if (repeats) this.retries += 1;
    return repeats;
  }

  recall(name: string): Promise<string | undefined> {
    return this.deadline.race(this.means.memory.recall(this.#owner, name));
  }

  remember(name: string, value: string, forMs: number): Promise<void> {
    return this.means.memory.remember(this.#owner, name, value, forMs);
  }

  forget(name: string): Promise<void> {
    return this.means.memory.forget(this.#owner, name);
  }

  get #owner(): MemoryOwner {
    return { platform: this.platform.name, accountId: this.credential.accountId };
  }

  /** One attempt: paid for, begun, sent. What never left is given back. */
  async #attempt(
    request: PlatformRequest,
    isWrite: boolean,
    needsLease = isWrite,
  ): Promise<Delivery> {
    try {
      this.means.breakers.requireClosed(this.#findWay(request));
      const limits = this.#listLimits(request);
      const spending = await this.#pay(limits);
      let delivery: Delivery | undefined;
      try {
        await (this.#begun ??= this.#begin());
        delivery = await this.#deliver(request, isWrite, needsLease);
        return delivery;
      } finally {
        if (delivery === undefined || delivery.kind === 'unsent')
          this.means.limits.giveBack(spending);
        else {
          this.#noteUse(request);
          this.#learn(delivery, limits, spending);
        }
      }
    } catch (error) {
      throw this.#weigh(error);
    }
  }

  #begin(): Promise<void> {
    return this.#trace.step('begin', this.departure.begin);
  }

  /** Takes what the attempt counts against, and waits until it may leave. */
  #pay(limits: readonly Limit[]): Promise<Spending> {
    const { priority } = this.departure;
    return this.#trace.step('pay', () =>
      this.means.limits.pay({ limits, priority, time: this.deadline }),
    );
  }

  #learn(delivery: Delivery, limits: readonly Limit[], spending: Spending): void {
    const isAnswered = delivery.kind === 'answered';
    const news = isAnswered ? this.platform.readLimits?.(delivery.answer, limits) : undefined;
    this.means.limits.learn(spending, news ?? []);
  }

  /** The first request pays for the action, so that no read is made for a write nothing is left for. */
  #listLimits(request: PlatformRequest): readonly Limit[] {
    const isPriced = !this.#isPaid || (this.#isTried && isTheAction(this.action, request));
    const cost = isPriced ? this.action.cost : 1;
    const every = this.platform.limitRequest(request, this.credential, cost, Date.now());
    const { limits } = this.departure;
    return this.#isPaid || limits.length === 0 ? every : [...every, ...limits];
  }

  #noteUse(request: PlatformRequest): void {
    this.#isPaid = true;
    if (isTheAction(this.action, request)) this.#isTried = true;
  }

  /** @throws ActionFailure at once when it must not leave */
  #deliver(request: PlatformRequest, isWrite: boolean, needsLease: boolean): Promise<Delivery> {
    const { momentsAt } = request;
    const bodyNow = momentsAt ? { ...request.body, ...momentsAt(Date.now()) } : request.body;
    const wire = {
      method: request.method,
      url: buildUrl(this.platform.apiUrl, request),
      headers: this.#listHeaders(request),
      body: request.form
        ? new MultipartForm(request.form, bodyNow ?? {})
        : (request.bytes ?? bodyNow),
      secrets: request.secrets,
    };
    // From the next line on bytes leave; whoever cancels later is told what happened all the same.
    if (!this.mayHaveHappened) this.deadline.throwIfOver();
    if (needsLease && !this.means.lease.isHeld()) {
      throw new ActionFailure(
        'GATEWAY_UNAVAILABLE',
        'This replica lost its lease: its database is away',
      );
    }
    if (isWrite) this.deadline.leave();
    const leftAt = performance.now();
    const { breakers, transport, timeoutMs } = this.means;
    const send = (): Promise<Delivery> => transport.deliver(wire, timeoutMs);
    const sending = this.#trace.step(
      'send',
      () => breakers.watch(this.#findWay(request), send),
      (sent) => describeDelivery(request, sent),
    );
    return sending.then((delivery) => {
      this.platformMs += performance.now() - leftAt;
      if (delivery.kind !== 'unsent') this.attempts += 1;
      if (delivery.kind === 'answered' && isYes(delivery) && !request.withoutCredentials)
        this.means.renewals.noteAccepted(this.#owner);
      return delivery;
    });
  }

  #listHeaders({ headers, withoutCredentials }: PlatformRequest): WireRequest['headers'] {
    const { userAgent } = this.platform;
    const credentials = withoutCredentials ? NO_HEADERS : this.platform.authorize(this.credential);
    // Most requests have no others than those.
    if (userAgent === undefined && headers === undefined) return credentials;
    return {
      ...(userAgent !== undefined && { 'user-agent': userAgent }),
      ...headers,
      ...credentials,
    };
  }

  /**
   * What a request shares its fate with: the account, the resource at the beginning of its path, such as
   * a channel, and its route. Without credentials the path is the resource.
   */
  #findWay({ method, path, withoutCredentials = false }: PlatformRequest): Way & {
    readonly route: string;
  } {
    const { name: service, title } = this.platform;
    if (withoutCredentials)
      return { service, title, resource: path, route: `${method} without account` };
    const at = path.indexOf('?');
    const plain = at < 0 ? path : path.slice(0, at);
    const account = this.credential.accountId;
    const id = RESOURCE_ID.exec(plain)?.[0];
    if (id === undefined) return { service, title, resource: account, route: `${method} ${plain}` };
    const route = `${method} ${plain.replaceAll(RESOURCE_IDS, '/:id')}`;
    return { service, title, resource: account + id, route };
  }

  /**
   * Meets a 401 with a fresh token: once, or as often as the platform says that the token itself has
   * ended, within bounds.
   * @returns whether it is worth sending again
   */
  async #renewToken(request: PlatformRequest, { answer }: Answered): Promise<boolean> {
    if (!this.credential.renewable) return false;
    const { renewals } = this.means;
    const { accountId, version } = this.credential;
    const { route } = this.#findWay(request);
    const rejectsToken = this.platform.readRefusal(answer, Date.now()).rejectsToken === true;
    const refused = { platform: this.platform.name, accountId, version, route, rejectsToken };
    if (this.#renewals > 0) renewals.noteUseless(refused);
    if (this.#renewals >= (rejectsToken ? MOST_RENEWALS : 1)) return false;
    if (!renewals.mayHelp(refused)) return false;
    this.#renewals += 1;
    // What was refused for its token had no effect, so the caller's time counts while it is renewed.
    if (!this.mayHaveHappened) this.deadline.comeBack();
    try {
      // The exchange goes on without a caller whose time is over.
      this.credential = await this.deadline.race(
        this.means.tokens.refresh(this.platform, this.credential),
      );
    } catch (error) {
      throw this.#weigh(error);
    }
    return true;
  }

  /** What stops the way after a yes, or after a doubt, takes nothing of it back. */
  #weigh(error: unknown): unknown {
    if (!(error instanceof ActionFailure) || !this.mayHaveHappened) return error;
    return this.#doubt(`A later step failed: ${error.message}`, undefined);
  }

  #judge(delivery: Delivery): Refusal {
    if (delivery.kind === 'answered') {
      const { status } = delivery.answer;
      // Neither a yes nor a no: the request may have been carried out before the answer was given.
      if (status < 400 || status === REQUEST_TIMEOUT) {
        return {
          code: 'PLATFORM_DOWN',
          message: `${this.platform.title} answered ${status}, which is neither a yes nor a no`,
          happened: 'maybe',
        };
      }
      const refusal = this.platform.readRefusal(delivery.answer, Date.now());
      if (refusal.blocksAddress)
        this.means.breakers.rest(
          { service: this.platform.name, title: this.platform.title },
          refusal.retryAfterMs ?? BLOCKED_MS,
          `${this.platform.title} blocks the address of the gateway`,
        );
      return {
        ...refusal,
        repeatable: refusal.repeatable === true || this.action.passes(delivery.answer.status),
      };
    }
    return {
      code: 'PLATFORM_DOWN',
      message: delivery.reason,
      happened: delivery.kind === 'unsent' ? 'no' : 'maybe',
    };
  }

  #conclude(
    refusal: Refusal,
    status: number | undefined,
    { withoutCredentials = false }: PlatformRequest,
  ): ActionFailure {
    if (refusal.code === 'RECONNECT_ACCOUNT' && !withoutCredentials)
      this.means.tokens.noteRefusal(this.platform, this.credential);
    if (this.#written || (this.#inDoubt && isPassing(refusal)))
      return this.#doubt(refusal.message, status);
    const isAboutAccount = status === 401 && !this.credential.renewable && !withoutCredentials;
    const code = isAboutAccount ? 'RECONNECT_ACCOUNT' : refusal.code;
    // A token that is renewed, and rejected again and again, says nothing about the action.
    const isOfToken = refusal.rejectsToken === true && code === 'REFUSED' && !withoutCredentials;
    if (isOfToken)
      return new ActionFailure('PLATFORM_DOWN', `${refusal.message}; it was renewed in vain`, {
        retryAfterMs: this.means.renewals.findWaitMs(this.#owner) || undefined,
        platformStatus: status,
        platformCode: refusal.platformCode,
      });
    // Without our credentials a no cannot be about the account.
    const said = code === 'RECONNECT_ACCOUNT' && withoutCredentials ? 'REFUSED' : code;
    return new ActionFailure(said, refusal.message, {
      retryAfterMs: refusal.retryAfterMs,
      platformStatus: status,
      platformCode: refusal.platformCode,
    });
  }

  #doubt(message: string, status: number | undefined): ActionFailure {
    return new ActionFailure('OUTCOME_UNKNOWN', message, { platformStatus: status });
  }

  /** @throws ActionFailure for a 2xx answer of another form than the platform documents */
  #readBody<Answer>({ body, status }: PlatformAnswer, yes: Yes = 'body'): Answer {
    if (body === undefined && status === NO_CONTENT && yes !== 'body') return undefined as Answer;
    if (isObject(body) && yes !== 'no body') return body as Answer;
    const form =
      yes === 'no body'
        ? 'something else than 204 without a body'
        : body === undefined
          ? 'no body'
          : 'something that is not a JSON object';
    // A read that cannot be read has changed nothing, and leaves no outcome in doubt.
    throw new ActionFailure(
      this.mayHaveHappened ? 'UNREADABLE_ANSWER' : 'PLATFORM_DOWN',
      `${this.platform.title} answered ${status} with ${form}`,
      { platformStatus: status },
    );
  }
}

function describeDelivery({ method }: PlatformRequest, delivery: Delivery): Attributes {
  if (delivery.kind !== 'answered') return { 'http.request.method': method, sent: delivery.kind };
  return { 'http.request.method': method, 'http.response.status_code': delivery.answer.status };
}

type Answered = Extract<Delivery, { kind: 'answered' }>;

function isYes({ answer: { status } }: Answered): boolean {
  return status >= 200 && status < 300;
}

function isPassing({ code, repeatable }: Refusal): boolean {
  return repeatable === true || code === 'RATE_LIMITED' || code === 'PLATFORM_DOWN';
}
