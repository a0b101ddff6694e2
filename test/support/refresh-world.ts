import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Accounts } from '../../src/accounts/accounts.js';
import { Tokens } from '../../src/accounts/tokens.js';
import type { HeldCredential } from '../../src/accounts/held-credential.js';
import { ActionFailure } from '../../src/actions/failures.js';
import { type Delivery, Transport, type WireRequest } from '../../src/actions/wire.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import type { Vault } from '../../src/database/vault.js';
import type { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { RotatingServer, type ServerWay } from './rotating-server.js';
import { makeTokens } from './own-credentials.js';

const CONFIG = { TOKEN_REFRESH_BUFFER: 300 } as Config;
const CALLER = 'console';
const SEEN = 'refresh_token, access_token, reconnect_reason, expires_at <= now() AS is_ended';
const MOST_CALLERS = 6;
/** Far more than any drain has needed; a livelock would need them all. */
const MOST_DRAINED = 400;

/** What becomes of one await point, once it is its turn. */
type Way = ServerWay | 'done' | 'away before' | 'away after' | 'lost';

/** An await point of a replica: nothing behind it happens before it is released. */
interface Step {
  readonly replica: Replica;
  readonly caller: Caller;
  readonly kind: 'read' | 'write' | 'request' | 'answer' | 'pause';
  /** Does what is awaited; gives what makes its result known to the replica. */
  perform(way: Way): Promise<() => void>;
}

/** Somebody who wants to use the account. */
interface Caller {
  readonly replica: Replica;
  isOver: boolean;
  steps: number;
  /** Its own reading of the row failed. */
  hasNotRead: boolean;
  /** While it asked, the stored access token was over. */
  sawEnd: boolean;
  /** While it asked, the account was marked. */
  sawMark: boolean;
}

interface Replica {
  readonly name: string;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
}

/** Whoever asks, wherever in the code of a replica: known at each of its await points. */
const asking = new AsyncLocalStorage<{ world: World; caller: Caller }>();

/** A pause in the code of a replica becomes a step like any other; undefined outside of these worlds. */
export function pauseInWorld(value: unknown): Promise<unknown> | undefined {
  const here = asking.getStore();
  return here?.world.wait('pause', async () => value);
}

class SteppedDatabase extends Database {
  override query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.#step(text, () => super.query<Row>(text, values));
  }

  override change(text: string, values?: readonly unknown[]): Promise<number> {
    return this.#step(text, () => super.change(text, values));
  }

  #step<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
    const here = asking.getStore();
    if (!here) throw new Error('a statement of nobody');
    return here.world.wait(text.startsWith('SELECT') ? 'read' : 'write', async (way) => {
      if (way !== 'away before') {
        const result = await work();
        if (way !== 'away after') return result;
      }
      throw new DatabaseAway(new Error('Connection terminated unexpectedly'));
    });
  }
}

class SteppedTransport extends Transport {
  async deliver({ body }: WireRequest): Promise<Delivery> {
    const here = asking.getStore();
    if (!here || !(body instanceof URLSearchParams)) throw new Error('a request of nobody');
    const token = body.get('refresh_token') ?? '';
    const { world } = here;
    const delivery = await world.wait('request', async (way) =>
      world.server.receive(token, way as ServerWay),
    );
    const arrived = await world.wait('answer', async (way) =>
      way === 'lost' ? ({ kind: 'unanswered', reason: 'timed out' } as const) : delivery,
    );
    world.server.noteArrival(token, arrived, here.caller.replica.name);
    return arrived;
  }
}

/** The row as it is, in the words of the server. */
interface Sight {
  readonly refreshToken: string;
  readonly accessToken: string;
  readonly reason: string | null;
  readonly isEnded: boolean;
}

interface Move {
  readonly name: string;
  make(): Promise<void>;
}

class Violation extends Error {}

/**
 * One account, its OAuth server, and replicas whose every await point waits for its turn: which is
 * taken next, and what goes wrong at it, is the choice of whoever plays.
 */
export class World {
  readonly server = new RotatingServer();
  readonly trace: string[] = [];
  readonly #replicas: Replica[] = [];
  #steps: Step[] = [];
  #callers: Caller[] = [];
  #sight: Sight | undefined;
  #marks = 0;
  #crashes = 0;
  #born = 0;
  #asked = 0;
  #persons = 0;

  private constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly platform: TwitchPlatform,
    private readonly accountId: string,
  ) {}

  static async open(
    database: Database,
    vault: Vault,
    platform: TwitchPlatform,
    accountId: string,
    replicas: number,
  ): Promise<World> {
    const world = new World(database, vault, platform, accountId);
    for (let count = 0; count < replicas; count += 1) world.#join();
    await world.#connect();
    return world;
  }

  /** Makes a random choice of what may happen next. */
  async move(choice: number): Promise<void> {
    const moves = this.#listMoves();
    await this.#make(moves[choice % moves.length]);
  }

  /**
   * Nothing goes wrong any more: lets everybody come to an end, and looks whether all is well.
   * @param isSlow whoever began first is the last, and has lost its lease by then
   */
  async finish(isSlow: boolean): Promise<void> {
    await this.#drain(isSlow);
    this.#requireTruth();
    await this.#endToken();
    this.#join();
    const last = this.#replicas.at(-1);
    if (!last) throw new Error('no replica');
    await this.#make({ name: 'a last caller asks', make: async () => this.#ask(last) });
    await this.#drain(false);
    this.#requireTruth();
    const [events] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM audit_events
       WHERE account_id = $1 AND kind = 'account.reconnect_needed'`,
      [this.accountId],
    );
    this.#require(
      events?.count === this.#marks,
      `${events?.count} events tell of ${this.#marks} marks`,
    );
  }

  wait<Result>(kind: Step['kind'], work: (way: Way) => Promise<Result>): Promise<Result> {
    const here = asking.getStore();
    if (!here) throw new Error('nobody asks');
    const { caller } = here;
    const isFirst = caller.steps === 0;
    caller.steps += 1;
    return new Promise((resolve, reject) => {
      const perform = async (way: Way): Promise<() => void> => {
        if (isFirst && way.startsWith('away')) caller.hasNotRead = true;
        try {
          const result = await work(way);
          return () => resolve(result);
        } catch (error) {
          return () => reject(error as Error);
        }
      };
      this.#steps.push({ replica: caller.replica, caller, kind, perform });
    });
  }

  #listMoves(): Move[] {
    const often = (times: number, move: Move): Move[] => Array.from({ length: times }, () => move);
    const moves = this.#steps.flatMap((step) => [
      ...often(6, this.#release(step, 'done')),
      ...listFaults(step).map((way) => this.#release(step, way)),
      ...(this.#crashes < 3 ? [this.#release(step, 'done', 'killed')] : []),
    ]);
    for (const replica of this.#replicas) {
      if (this.#asked < MOST_CALLERS)
        moves.push(
          ...often(3, {
            name: `${replica.name}: somebody asks`,
            make: async () => this.#ask(replica),
          }),
        );
      const isBusy = this.#steps.some((step) => step.replica === replica);
      if (isBusy && this.#crashes < 3)
        moves.push({ name: `${replica.name} is killed`, make: async () => this.#kill(replica) });
    }
    moves.push(
      ...often(2, { name: 'the token ends', make: () => this.#endToken() }),
      ...often(2, { name: 'the token is about to end', make: () => this.#endToken(100) }),
      { name: 'the lease runs out', make: () => this.#endLease() },
    );
    if (this.#persons < 2)
      moves.push(
        { name: 'the person revokes', make: async () => this.#noteSince(this.server.revoke()) },
        { name: 'the person connects again', make: () => this.#connect() },
        { name: 'the account is removed and connected', make: () => this.#replace() },
      );
    return moves;
  }

  async #make(move: Move | undefined): Promise<void> {
    if (!move) throw new Error('nothing can happen');
    this.trace.push(move.name);
    await move.make();
    // One turn of the event loop: every replica runs to its next await point.
    await turn();
  }

  #release(step: Step, way: Way, then?: 'killed'): Move {
    return {
      name: `${step.replica.name}: ${step.kind} ${way}${then ? `, then ${then}` : ''}`,
      make: async () => {
        this.#steps = this.#steps.filter((other) => other !== step);
        const tell = await step.perform(way);
        if (step.kind === 'write') await this.#look();
        if (then) this.#kill(step.replica);
        else tell();
      },
    };
  }

  /** Asks as the house does: a token that the platform refuses is renewed once. */
  #ask(replica: Replica): void {
    const caller: Caller = {
      replica,
      isOver: false,
      steps: 0,
      hasNotRead: false,
      sawEnd: this.#sight?.isEnded ?? false,
      sawMark: (this.#sight?.reason ?? null) !== null,
    };
    this.#asked += 1;
    this.#callers.push(caller);
    const { accounts, tokens } = replica;
    void asking.run({ world: this, caller }, async () => {
      let used: HeldCredential | undefined;
      try {
        used = await accounts.use(this.platform, this.accountId);
        this.#judge(used);
        if (!this.server.accepts(used.accessToken))
          this.#judge(await tokens.refresh(this.platform, used));
      } catch (error) {
        this.#judgeFailure(caller, error, used !== undefined);
      } finally {
        caller.isOver = true;
      }
    });
  }

  /** What a caller was given is a token of the server, and one that survives a crash. */
  #judge({ accessToken }: HeldCredential): void {
    const given = this.server.findAccess(accessToken);
    if (!given) return this.#note('a token was given that the server never issued');
    const stored = this.server.find(this.#sight?.refreshToken ?? '');
    if (stored.order < given.order && stored.grant === given.grant)
      this.#note('a token was given whose refresh token is not stored');
  }

  #judgeFailure(caller: Caller, error: unknown, hasUsed: boolean): void {
    if (!(error instanceof ActionFailure)) return this.#note(`an error: ${String(error)}`);
    switch (error.code) {
      case 'RECONNECT_ACCOUNT':
        if (!caller.sawMark) this.#note('RECONNECT_ACCOUNT for an account that is not marked');
        return;
      case 'GATEWAY_UNAVAILABLE':
      case 'PLATFORM_DOWN':
        if (!hasUsed && !caller.sawEnd && !caller.hasNotRead)
          this.#note(`${error.code} although the token lives: ${error.message}`);
        return;
      default:
        this.#note(`${error.code}: ${error.message}`);
    }
  }

  #kill(replica: Replica): void {
    this.#crashes += 1;
    this.#steps = this.#steps.filter((step) => step.replica !== replica);
    for (const caller of this.#callers) if (caller.replica === replica) caller.isOver = true;
    this.#replicas.splice(this.#replicas.indexOf(replica), 1);
    this.#join();
  }

  #join(): void {
    this.#born += 1;
    const database = new SteppedDatabase(this.database.dataSource);
    const transport = new SteppedTransport();
    const tokens = makeTokens(database, this.vault, transport);
    const rows = database.dataSource.getRepository(AccountRow);
    const accounts = new Accounts(rows, database, this.vault, tokens, transport, CONFIG);
    this.#replicas.push({ name: `replica ${this.#born}`, tokens, accounts });
  }

  /** A person consents anew; the row stays and its version grows. */
  async #connect(): Promise<void> {
    this.#persons += 1;
    const { accessToken, refreshToken } = this.server.open();
    const accounts = new Accounts(
      this.database.dataSource.getRepository(AccountRow),
      this.database,
      this.vault,
      makeTokens(this.database, this.vault, new SteppedTransport()),
      new SteppedTransport(),
      CONFIG,
    );
    await accounts.save(
      this.platform,
      this.accountId,
      { accessToken, refreshToken, expiresIn: 14_400, scopes: [], isProven: true },
      { kind: 'account.connected', callerId: CALLER },
    );
    await this.#look();
  }

  async #replace(): Promise<void> {
    await this.database.change('DELETE FROM accounts WHERE account_id = $1', [this.accountId]);
    this.#sight = undefined;
    await this.#connect();
  }

  /** The stored access token ends now, or is about to. */
  async #endToken(seconds = 0): Promise<void> {
    if (seconds === 0) this.server.end(this.#sight?.accessToken ?? '');
    await this.#look(
      `UPDATE accounts SET expires_at = now() + make_interval(secs => $2) WHERE account_id = $1
       RETURNING ${SEEN}`,
      [seconds === 0 ? -1 : seconds],
    );
  }

  /** Time passes for whoever holds the lease: it was killed, or is slower than it may be. */
  async #endLease(): Promise<void> {
    const ended = await this.database.change(
      `UPDATE accounts SET refresh_until = now() - interval '1 second'
       WHERE account_id = $1 AND refresh_until > now()`,
      [this.accountId],
    );
    await this.database.change(
      'UPDATE accounts SET refresh_backoff_until = now() WHERE account_id = $1',
      [this.accountId],
    );
    if (ended > 0) this.server.excuse(this.#sight?.refreshToken ?? '');
  }

  #noteSince(revoked: string): void {
    this.#persons += 1;
    this.trace.push(revoked);
  }

  /** Reads the row after every change of it, and judges what changed. */
  async #look(
    statement = `SELECT ${SEEN} FROM accounts WHERE account_id = $1`,
    values: readonly unknown[] = [],
  ): Promise<void> {
    const [row] = await this.database.query<AccountRow & { is_ended: boolean }>(statement, [
      this.accountId,
      ...values,
    ]);
    if (!row) throw new Violation('the row is gone');
    const open = (sealed: string | null, column: string): string =>
      this.vault.decrypt(sealed ?? '', `accounts/twitch/${this.accountId}/${column}`);
    const seen: Sight = {
      refreshToken: open(row.refresh_token, 'refresh_token'),
      accessToken: open(row.access_token, 'access_token'),
      reason: row.reconnect_reason,
      isEnded: row.is_ended,
    };
    const before = this.#sight;
    this.#sight = seen;
    const stored = this.server.find(seen.refreshToken);
    if (before) {
      const last = this.server.find(before.refreshToken);
      if (stored.grant < last.grant || (stored.grant === last.grant && stored.order < last.order))
        this.#note('an older refresh token replaced a newer one');
    }
    if (seen.reason !== null && (before?.reason ?? null) === null) this.#judgeMark(seen.reason);
    for (const caller of this.#callers) {
      caller.sawEnd ||= seen.isEnded;
      caller.sawMark ||= seen.reason !== null;
    }
  }

  #judgeMark(reason: string): void {
    this.#marks += 1;
    const stored = this.server.find(this.#sight?.refreshToken ?? '');
    if (this.server.isGood(stored)) this.#note('an account was marked whose grant is good');
    if (!stored.wasRefused) this.#note('an account was marked that the server did not refuse');
    if (reason === '') this.#note('an account was marked without a reason');
    const wasCut = stored.calls > 1 || stored.excuses > 0;
    if (!wasCut && !/revoked it or it ran out/.test(reason))
      this.#note(`revoked, and the reason is: ${reason}`);
    // Whoever was answered and lives has stored it, or is about to.
    const holder = stored.next?.holder;
    const isHeld = this.#replicas.some(({ name }) => name === holder);
    if (isHeld && !this.#steps.some(({ replica }) => replica.name === holder))
      this.#note(`${holder} was answered, lives, and lost the grant`);
    if (!stored.isRevoked && !/cut off/.test(reason))
      this.#note(`lost, and the reason is: ${reason}`);
  }

  async #drain(isSlow: boolean): Promise<void> {
    // Also what was begun for callers that did not wait for it comes to its end.
    for (let count = 0; this.#steps.length > 0; count += 1) {
      this.#require(count < MOST_DRAINED, 'nobody comes to an end');
      const others = this.#steps.slice(1);
      const next = isSlow && others.length > 0 ? others : this.#steps;
      const step = next.find(({ kind }) => kind !== 'pause') ?? next[0];
      if (step?.kind === 'pause') await this.#endLease();
      if (step) await this.#make(this.#release(step, 'done'));
    }
    this.#require(
      this.#callers.every(({ isOver }) => isOver),
      'somebody waits for nothing',
    );
    await this.#look();
  }

  /** Now that nothing is under way, the row says what is true. */
  #requireTruth(): void {
    const { refreshToken = '', reason } = this.#sight ?? {};
    const stored = this.server.find(refreshToken);
    if (this.server.isGood(stored))
      this.#require(reason === null, `marked although the grant is good: ${reason}`);
    for (const [token, { calls, excuses }] of this.server.generations())
      this.#require(
        calls <= 1 + excuses,
        `${calls} calls with ${token}, and ${excuses} that were cut off`,
      );
  }

  #require(holds: boolean, what: string): void {
    if (!holds) throw new Violation(this.#tell(what));
  }

  /** A fault found where nothing can be thrown; it ends the play at the next look. */
  #note(what: string): void {
    this.fault ??= this.#tell(what);
  }

  fault: string | undefined;

  #tell(what: string): string {
    return [what, ...this.trace.map((line) => `  ${line}`)].join('\n');
  }
}

/** What may go wrong at an await point. */
function listFaults({ kind }: Step): Way[] {
  switch (kind) {
    case 'read':
    case 'write':
      return ['away before', 'away after'];
    case 'request':
      return ['fails', 'rotates and fails', 'is cut', 'rotates and is cut', 'is not reached'];
    case 'answer':
      return ['lost'];
    case 'pause':
      return [];
  }
}
