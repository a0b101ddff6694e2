// This file is long: an attempt, its repeats and its renewals share what was paid, begun and may have happened.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Action,
  type FetchedFile,
  isTheAction,
  mayChange,
  type PartCount,
  type Upstream,
} from '../actions/action.js';
import { ActionFailure, refuseInput } from '../actions/failures.js';
import type { Limit } from '../actions/limit.js';
import type { Platform } from '../actions/platform.js';
import type { Upload } from '../actions/upload.js';
import type { Delivery, PlatformRequest, Refusal } from '../actions/wire.js';
import type { MemoryOwner } from '../accounts/account-memory.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import { type ActionTrace, UNTRACED } from '../observability/traces.js';
import type { Reservation } from '../safeguards/byte-queue.js';
import type { Spending } from '../safeguards/limits.js';
import type { Deadline } from './deadline.js';
import type { DispatchOptions } from './dispatch-options.js';
import { PartReporter } from './part-reporter.js';
import { isPiece, uploadFile, type UploadSession, WINDOW_BYTES } from './resumable-upload.js';
import { decideRetry } from './retry.js';
import { openUploadFile } from './upload-source.js';
import {
  type Answered,
  isSuccessful,
  isTransient,
  isUnauthorized,
  judge,
  readBody,
  statusOf,
  toFailure,
  toUnknownOutcome,
  unknownOutcome,
} from './upstream-answers.js';
import type { UpstreamDependencies } from './upstream-dependencies.js';
import { buildWireRequest, describeDelivery, findRoute, nameLook } from './upstream-requests.js';

/** For how long the answer to a look is kept that had to be new. */
const LOOKED_SECONDS = 60;
/** The most renewals in one request, for tokens that end at once. */
const MOST_RENEWALS = 2;

/**
 * The requests of one action to its platform: pays for each attempt, starts the action before the first,
 * sends, renews a rejected token once, repeats what is safe and classifies what came of it.
 */
export class UpstreamSession implements Upstream {
  /** Requests that may have reached the platform. */
  attempts = 0;
  /** Of these, repeats of one that did not succeed. */
  retries = 0;
  /** What is known of the effect before the action has ended. */
  partialResult: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds spent waiting for the platform. */
  platformMs = 0;
  #begun: Promise<void> | undefined;
  /**
   * What was paid for: nothing; the first request, with the price and the limits of the action; or the
   * action's own request, whose repeat costs the price again.
   */
  #paid: 'nothing' | 'the first request' | "the action's request" = 'nothing';
  /** Renewals since the platform last accepted a token in this session. */
  #renewals = 0;
  /** Memory for files. */
  #reserved: Reservation | undefined;
  #hasEnded = false;
  /** Of an action of many parts, once the first has begun. */
  #parts: PartReporter | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly action: Action,
    private credential: HeldCredential,
    private readonly deadline: Deadline,
    private readonly dispatch: DispatchOptions,
    private readonly dependencies: UpstreamDependencies,
  ) {
    if (dispatch.isRepeat) deadline.progress.note('reopen');
  }

  get #trace(): ActionTrace {
    return this.dispatch.trace ?? UNTRACED;
  }

  /** Whether the platform may have changed something for this action. */
  get mayHaveHappened(): boolean {
    return this.deadline.progress.mayHaveHappened;
  }

  /** Takes in why the action failed: by the platform's own answer, what it accepted may have had no effect. */
  noteFailure(error: unknown): void {
    if (error instanceof ActionFailure && error.details.nothingHappened)
      this.deadline.progress.note('reverted');
  }

  async send<Answer>(request: PlatformRequest): Promise<Answer> {
    const { progress } = this.deadline;
    const isWrite = mayChange(this.action, request);
    for (let made = 1; ; made += 1) {
      const delivery = await this.#attempt(request, isWrite);
      if (isSuccessful(delivery)) {
        if (isWrite) progress.note('accepted');
        return readBody(this.platform, delivery.answer, request.yes, progress.mayHaveHappened);
      }
      if (
        isUnauthorized(delivery) &&
        !request.withoutCredentials &&
        (await this.#renewToken(request, delivery))
      )
        continue;

      const refusal = judge(this.platform, this.action, this.dependencies.breakers, delivery);
      const status = statusOf(delivery);
      // After an attempt in doubt, a refusal of the repeat may only mean that the first attempt succeeded.
      if (progress.isInDoubt && isWrite && refusal.happened === 'no' && !isTransient(refusal)) {
        if (this.action.alreadyDone(refusal)) {
          progress.note('accepted');
          // Only actions whose success has no body declare such a refusal.
          return undefined as Answer;
        }
        throw unknownOutcome(`${refusal.message}; an earlier attempt had no clear answer`, status);
      }
      if (isWrite && refusal.happened === 'maybe') progress.note('unclear answer');
      if (!progress.mayHaveHappened) this.deadline.resume();
      const repeats = await this.#waitToRepeat(
        refusal,
        made,
        isWrite ? refusal.happened : 'no',
        this.action.repeatable,
      );
      if (!repeats) throw this.#conclude(refusal, status, request);
    }
  }

  async look<Answer>(request: PlatformRequest, maxAgeSeconds: number): Promise<Answer> {
    const { reads } = this.dependencies;
    const key = nameLook(this.platform, this.credential, request);
    const known = maxAgeSeconds > 0 ? reads.recall(key) : undefined;
    if (known) return known as Answer;
    const answer = await this.send<Answer & object>(request);
    reads.keep(key, answer, maxAgeSeconds || LOOKED_SECONDS);
    return answer;
  }

  fetch(url: string, { maxBytes }: { maxBytes: number }): Promise<FetchedFile> {
    const timeoutMs = Math.min(this.dependencies.timeoutMs, this.deadline.leftMs());
    const { signal } = this.deadline;
    return this.deadline.race(this.dependencies.egress.fetch(url, { maxBytes, timeoutMs, signal }));
  }

  async reserveFiles(bytes: number): Promise<void> {
    if (this.#reserved) return this.#reserved.shrinkTo(bytes);
    this.#reserved = await this.dependencies.bounds.files.reserve(bytes, this.deadline.signal);
    // The wait may have ended after the action did.
    if (this.#hasEnded) this.#reserved.release();
  }

  /** Gives back what the action held. Called once, when it has ended. */
  end(): void {
    this.#hasEnded = true;
    this.#parts?.stop();
    this.#reserved?.release();
  }

  async upload<Answer>(upload: Upload): Promise<Answer> {
    this.deadline.detach();
    await this.reserveFiles(WINDOW_BYTES);
    const answer = await uploadFile(upload, this.#openUpload(upload));
    return readBody(this.platform, answer, upload.session.yes, this.mayHaveHappened);
  }

  #openUpload(upload: Upload): UploadSession {
    const { deadline } = this;
    const { url, content } = upload;
    const { takesFile, takesContent } = this.action;
    const named = url === undefined ? takesContent : takesFile;
    return {
      platform: this.platform.title,
      field: url === undefined && content === undefined ? 'file' : `parameters.${named}`,
      canReopen: url !== undefined || content !== undefined,
      openFile: () =>
        deadline.race(
          openUploadFile(upload, this.dispatch.file, this.dependencies, deadline.signal),
        ),
      race: (work) => deadline.race(work),
      deliver: (request, isLast) =>
        // Opening the upload is the call that counts; its pieces belong to it.
        deadline.race(this.#deliverPart(request, isLast, !isPiece(request))),
      judge: (delivery) => judge(this.platform, this.action, this.dependencies.breakers, delivery),
      // An upload sends nothing twice while in doubt, so every part of it may be repeated.
      pause: (refusal, made) => this.#waitToRepeat(refusal, made, 'no', true),
      conclude: (refusal, delivery, request) =>
        this.#conclude(refusal, statusOf(delivery), request),
      note: (known) => {
        if (known === 'done') return deadline.progress.note('accepted');
        if (known === 'in doubt') return deadline.progress.note('unclear answer');
        deadline.progress.note('disproved');
        return deadline.resume();
      },
      // An upload may outlast several tokens, and each of them may be renewed once.
      noteProgress: () => (this.#renewals = 0),
    };
  }

  /** Sends one request of an upload. Only the last one may have an effect. */
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
      if (!isUnauthorized(delivery) || !(await this.#renewToken(request, delivery)))
        return delivery;
    }
  }

  goOnAfter(known: Readonly<Record<string, unknown>>): void {
    this.partialResult = known;
    this.deadline.detach();
  }

  beginPart(known: Readonly<Record<string, unknown>>, count: PartCount): void {
    this.deadline.progress.note('next part');
    this.goOnAfter(known);
    this.#parts ??= new PartReporter(this.dispatch.report);
    this.#parts.report({ known, count });
  }

  async renew(): Promise<number | undefined> {
    const { accountId, renewable } = this.credential;
    if (!renewable)
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${this.platform.title} account ${accountId} has no refresh token: connect it again`,
      );
    const { tokens } = this.dependencies;
    this.credential = await this.deadline.race(tokens.refresh(this.platform, this.credential));
    return this.credential.expiresAt;
  }

  async wait(ms: number): Promise<boolean> {
    if (ms >= this.deadline.leftMs()) return false;
    await this.deadline.race(sleep(ms));
    return true;
  }

  /** Waits before a repeat, where one is allowed. @returns whether to repeat */
  async #waitToRepeat(
    refusal: Refusal,
    made: number,
    happened: Refusal['happened'],
    repeatable: boolean,
  ): Promise<boolean> {
    const transient = isTransient(refusal);
    const { retryAfterMs } = refusal;
    const leftMs = this.deadline.leftMs();
    const decision = decideRetry(
      { made, happened, transient, repeatable, retryAfterMs, leftMs },
      this.dependencies.maxRetries,
      Math.random(),
    );
    if (!decision.retry || !(await this.wait(decision.waitMs))) return false;
    this.retries += 1;
    return true;
  }

  recall(name: string): Promise<string | undefined> {
    return this.deadline.race(this.dependencies.memory.recall(this.#owner, name));
  }

  remember(name: string, value: string, forMs: number): Promise<void> {
    return this.dependencies.memory.remember(this.#owner, name, value, forMs);
  }

  forget(name: string): Promise<void> {
    return this.dependencies.memory.forget(this.#owner, name);
  }

  async changeRecord(
    name: string,
    change: (now: string | undefined) => string | undefined,
  ): Promise<string | undefined> {
    try {
      return await this.deadline.race(this.dependencies.records.change(this.#owner, name, change));
    } catch (error) {
      throw toUnknownOutcome(error, this.deadline.progress);
    }
  }

  get #owner(): MemoryOwner {
    return { platform: this.platform.name, accountId: this.credential.accountId };
  }

  /** One attempt: paid for, begun, sent. The payment for a request that was not sent is given back. */
  async #attempt(
    request: PlatformRequest,
    isWrite: boolean,
    needsLease = isWrite,
  ): Promise<Delivery> {
    const { breakers, limits } = this.dependencies;
    try {
      const route = this.#findRoute(request);
      breakers.requireClosed(route);
      const wanted = this.#listLimits(request);
      const spending = await this.#pay(wanted);
      let delivery: Delivery | undefined;
      try {
        await (this.#begun ??= this.#trace.step('begin', this.dispatch.begin));
        this.deadline.progress.note('start confirmed');
        delivery = await this.#deliver(request, isWrite, needsLease, route);
        return delivery;
      } finally {
        if (delivery === undefined || delivery.kind === 'unsent') limits.giveBack(spending);
        else {
          this.#notePaid(request);
          this.#learn(delivery, wanted, spending);
        }
      }
    } catch (error) {
      throw toUnknownOutcome(error, this.deadline.progress);
    }
  }

  #findRoute(request: PlatformRequest): ReturnType<typeof findRoute> {
    return findRoute(this.platform, this.credential, request);
  }

  /** Pays what the attempt counts against, and waits until the limits let it through. */
  #pay(limits: readonly Limit[]): Promise<Spending> {
    const { priority } = this.dispatch;
    return this.#trace.step('pay', () =>
      this.dependencies.limits.pay({ limits, priority, time: this.deadline }),
    );
  }

  #learn(delivery: Delivery, limits: readonly Limit[], spending: Spending): void {
    const isAnswered = delivery.kind === 'answered';
    const news = isAnswered ? this.platform.readLimits?.(delivery.answer, limits) : undefined;
    this.dependencies.limits.learn(spending, news ?? []);
  }

  /** The first request pays for the action, so that no read is made when the limits forbid the write. */
  #listLimits(request: PlatformRequest): readonly Limit[] {
    const isFirst = this.#paid === 'nothing';
    const isPriced =
      isFirst || (this.#paid === "the action's request" && isTheAction(this.action, request));
    const cost = isPriced ? this.action.cost : 1;
    const every = this.platform.limitRequest(request, this.credential, cost, Date.now());
    const { limits } = this.dispatch;
    return !isFirst || limits.length === 0 ? every : [...every, ...limits];
  }

  #notePaid(request: PlatformRequest): void {
    if (isTheAction(this.action, request)) this.#paid = "the action's request";
    else if (this.#paid === 'nothing') this.#paid = 'the first request';
  }

  /** @throws ActionFailure at once when the request must not be sent */
  #deliver(
    request: PlatformRequest,
    isWrite: boolean,
    needsLease: boolean,
    route = this.#findRoute(request),
  ): Promise<Delivery> {
    const wire = buildWireRequest(this.platform, this.credential, request);
    // After the next lines bytes are sent: a caller that cancels later still gets the outcome.
    if (!this.mayHaveHappened) this.deadline.throwIfOver();
    const lateness = request.findLateness?.(Date.now()) ?? [];
    if (lateness.length > 0) throw refuseInput(lateness);
    if (needsLease && !this.dependencies.lease.isHeld()) {
      throw new ActionFailure(
        'GATEWAY_UNAVAILABLE',
        'This replica lost its lease: its database is away',
      );
    }
    if (isWrite) this.deadline.commit();
    const sentAt = performance.now();
    const { breakers, transport, timeoutMs } = this.dependencies;
    const send = (): Promise<Delivery> => transport.deliver(wire, timeoutMs);
    const sending = this.#trace.step(
      'send',
      () => breakers.watch(route, send),
      (sent) => describeDelivery(request, sent),
    );
    return sending.then((delivery) => {
      this.platformMs += performance.now() - sentAt;
      if (delivery.kind !== 'unsent') this.attempts += 1;
      if (isSuccessful(delivery) && !request.withoutCredentials)
        this.dependencies.renewals.noteAccepted(this.#owner);
      return delivery;
    });
  }

  /**
   * Renews the token after a 401: once, or as often as the platform says that the token itself has ended,
   * within bounds.
   * @returns whether to send the request again
   */
  async #renewToken(request: PlatformRequest, { answer }: Answered): Promise<boolean> {
    if (!this.credential.renewable) return false;
    const { renewals, tokens } = this.dependencies;
    const { accountId, version } = this.credential;
    const { route } = this.#findRoute(request);
    const rejectsToken = this.platform.readRefusal(answer, Date.now()).rejectsToken === true;
    const rejected = { platform: this.platform.name, accountId, version, route, rejectsToken };
    if (this.#renewals > 0) renewals.noteUseless(rejected);
    if (this.#renewals >= (rejectsToken ? MOST_RENEWALS : 1)) return false;
    if (!renewals.mayHelp(rejected)) return false;
    this.#renewals += 1;
    // A request with a rejected token had no effect, so the caller's time counts during the renewal.
    if (!this.mayHaveHappened) this.deadline.resume();
    try {
      // The renewal goes on even when the caller's time is over.
      this.credential = await this.deadline.race(tokens.refresh(this.platform, this.credential));
    } catch (error) {
      throw toUnknownOutcome(error, this.deadline.progress);
    }
    return true;
  }

  #conclude(refusal: Refusal, status: number | undefined, request: PlatformRequest): ActionFailure {
    const { isDone, isInDoubt } = this.deadline.progress;
    if (refusal.code === 'RECONNECT_ACCOUNT' && !request.withoutCredentials)
      this.dependencies.tokens.noteRefusal(this.platform, this.credential);
    const waitMs = this.dependencies.renewals.findWaitMs(this.#owner);
    const failure = toFailure(refusal, status, this.credential, request, waitMs);
    if (isDone) {
      const isRefused = !isInDoubt && refusal.happened === 'no';
      return unknownOutcome(refusal.message, status, isRefused ? failure : undefined);
    }
    return isInDoubt && isTransient(refusal) ? unknownOutcome(refusal.message, status) : failure;
  }
}
