import {
  ActionTables,
  FINAL,
  type PlantedFault,
  type RowStatus,
  type TakenAction,
} from './action-tables.js';

/** Seconds: as in src/cluster/replica-lease.ts and src/database/open-database.ts. */
const LEASE = 10;
const MARGIN = 2;
const STATEMENT = 9;
const MOST_REQUESTS = 3;
/** What goes on is so much more likely than what goes wrong. */
const LIKELY = 4;
const MOST_CRASHES = 3;
/** Far more than any drain has needed; what is still under way then stays for ever. */
const MOST_DRAINED = 600;

/** What a caller was told of its request. */
type Told = 'done' | 'accepted' | 'unknown' | 'nothing sent' | 'replayed';

interface Request {
  readonly id: number;
  told?: Told;
  /** How often the platform carried it out; it takes an insured one twice for once. */
  sent: number;
  readonly isInsured: boolean;
  /** Where it is carried out for a caller that waits. */
  underWayAt?: Replica | undefined;
  /** It was told as not sent, and that is not written yet: its replica may die, or lose its lease. */
  isUnwritten?: boolean;
}

/** How one statement ends for the process that waits for it. */
type Answer<T> = { readonly value: T } | 'lost';

/** What a replica does with the line that it holds; the first action is the one under way. */
interface LineWork {
  readonly hold: number;
  readonly actions: readonly TakenAction[];
  readonly done: readonly number[];
}

type AddMove = (name: string, make: () => void, weight?: number) => void;

interface Move {
  readonly name: string;
  readonly make: () => void;
}

/** A statement on its way: it may be carried out, and its answer may arrive, or either is lost. */
interface Statement {
  readonly name: string;
  readonly replica: Replica;
  readonly sentAt: number;
  readonly run: () => () => void;
  readonly onLost: () => void;
  /** Makes the result known to the process, once it was carried out. */
  deliver?: () => void;
  /** Its process gave it up, and hears nothing of it any more. */
  isGivenUp: boolean;
}

interface Replica {
  readonly name: string;
  lease: number;
  /** Every lease that it has had. */
  readonly leases: number[];
  /** On the monotonic clock. */
  heldUntil: number;
  isPaused: boolean;
  isAlive: boolean;
  /** Processes of this replica that may go on now. */
  steps: (() => void)[];
  worksOnLine: number | undefined;
  isTaking: boolean;
  isInDoubt: boolean;
  isRenewing: boolean;
}

/** Replicas, requests with one key, a platform that counts, and a database whose statements may come late. */
export class ActionWorld {
  readonly tables: ActionTables;
  /** The first property that did not hold. */
  broken: string | undefined;
  /** The moves so far, for whoever reads a counterexample. */
  readonly history: string[] = [];
  readonly #requests: Request[] = [];
  readonly #replicas: Replica[] = [];
  #statements: Statement[] = [];
  #finals = new Map<number, RowStatus>();
  #monotonic = 0;
  /** How far the clock of the database is ahead of the monotonic clocks. */
  #skew = 0;
  /** Whether answers of the platform cannot be read now. */
  #isUnclear = false;
  #nextId = 1;
  #crashes = 0;

  constructor(private readonly fault?: PlantedFault) {
    this.tables = new ActionTables(fault);
    for (const name of ['A', 'B']) this.#replicas.push(this.#join(name));
  }

  /** Makes one of the moves that are possible now. */
  move(choice: number): void {
    const moves = this.#listMoves();
    const move = moves[choice % moves.length];
    if (!move) return;
    this.history.push(move.name);
    move.make();
    this.#check();
  }

  /** Crashes end, another replica joins, and what can happen by itself happens. */
  finish(): void {
    this.#replicas.push(this.#join('C'));
    for (const replica of this.#replicas) replica.isPaused = false;
    for (let round = 0; round < MOST_DRAINED && !this.broken; round += 1) {
      for (const statement of this.#statements.slice()) {
        this.#runStatement(statement);
        statement.deliver?.();
      }
      this.#statements = this.#statements.filter(({ isGivenUp }) => !isGivenUp);
      for (const replica of this.#replicas) {
        if (!replica.isAlive) continue;
        for (const step of replica.steps.splice(0)) step();
        this.#renew(replica);
        this.#work(replica);
      }
      this.#monotonic += 1;
      const [observer] = this.#replicas.slice(-1);
      if (observer) this.tables.reap(this.#now, observer.lease);
      this.#check();
      if (round > 2 * STATEMENT && this.#isStill()) break;
    }
    this.#checkEnd();
  }

  get #now(): number {
    return this.#monotonic + this.#skew;
  }

  #join(name: string): Replica {
    const lease = this.#nextId++;
    this.tables.leases.set(lease, this.#now + LEASE);
    const heldUntil = this.#monotonic + LEASE - MARGIN;
    return {
      name,
      lease,
      leases: [lease],
      heldUntil,
      isPaused: false,
      isAlive: true,
      steps: [],
      worksOnLine: undefined,
      isTaking: false,
      isInDoubt: false,
      isRenewing: false,
    };
  }

  #listMoves(): Move[] {
    const moves: Move[] = [];
    const add: AddMove = (name, make, weight = 1) => {
      for (let n = 0; n < weight; n += 1) moves.push({ name, make });
    };
    for (const statement of this.#statements) {
      const { replica, deliver, name, isGivenUp } = statement;
      if (!deliver) add(`${name} is carried out`, () => this.#runStatement(statement), LIKELY);
      if (isGivenUp || !isRunning(replica)) continue;
      if (deliver) add(`${name} is answered`, deliver, LIKELY);
      // A cut connection: the process hears of it, and the statement may be carried out yet.
      add(`${name} loses its connection`, () => this.#lose(statement));
    }
    for (const replica of this.#replicas) this.#listMovesOf(replica, add);
    for (const id of this.tables.queued)
      add(`${id} is cancelled`, () => void this.tables.cancel(id));
    add('a second passes', () => void (this.#monotonic += 1));
    add('a statement has its time', () => void (this.#monotonic += STATEMENT + 1));
    add('the platform is understood, or no more', () => void (this.#isUnclear = !this.#isUnclear));
    add('the clock is set forward', () => void (this.#skew += 2 * LEASE));
    add('the clock is set back', () => void (this.#skew -= LEASE));
    return moves;
  }

  #listMovesOf(replica: Replica, add: AddMove): void {
    const { name } = replica;
    if (!replica.isAlive) return add(`${name} is started`, () => this.#restart(replica));
    if (replica.isPaused) return add(`${name} goes on`, () => void (replica.isPaused = false));
    for (const [index, step] of replica.steps.entries())
      add(
        `${name} takes a step`,
        () => {
          replica.steps.splice(index, 1);
          step();
        },
        LIKELY,
      );
    if (this.#requests.length < MOST_REQUESTS) {
      add(`${name} is asked`, () => this.#ask(replica, false));
      add(`${name} is asked, insured`, () => this.#ask(replica, true));
      add(`${name} is asked for later`, () => this.#askLater(replica));
    }
    add(`${name} looks for work`, () => this.#work(replica));
    add(`${name} renews its lease`, () => this.#renew(replica));
    add(`${name} reaps`, () => this.tables.reap(this.#now, replica.lease));
    add(`${name} is paused`, () => void (replica.isPaused = true));
    if (this.#crashes < MOST_CRASHES) add(`${name} is killed`, () => this.#crash(replica));
  }

  /** A request that is carried out at once, with the key that all requests share. */
  #ask(replica: Replica, isInsured: boolean): void {
    const request: Request = { id: this.#nextId++, sent: 0, isInsured };
    this.#requests.push(request);
    if (this.#answerFromKey(request)) return;
    const { id } = request;
    const lease = replica.lease;
    const sentAt = this.#monotonic;
    request.underWayAt = replica;
    this.#send(
      replica,
      'start',
      () => this.tables.start(id, lease, isInsured),
      (answer) => {
        if (answer === 'lost') {
          // Should this replica be cut off, another one sends what is insured.
          request.told = request.isInsured ? 'unknown' : 'nothing sent';
          request.isUnwritten = true;
          this.#undo(replica, request, sentAt);
        } else if (answer.value) this.#carryOut(replica, request);
        else {
          request.told = 'replayed';
          request.underWayAt = undefined;
        }
      },
    );
  }

  #askLater(replica: Replica): void {
    const request: Request = { id: this.#nextId++, sent: 0, isInsured: false };
    this.#requests.push(request);
    if (this.#answerFromKey(request)) return;
    this.#send(
      replica,
      'enqueue',
      () => this.tables.enqueue(request.id),
      (answer) => {
        if (answer === 'lost') request.told = 'unknown';
        else request.told = answer.value ? 'accepted' : 'replayed';
      },
    );
  }

  #answerFromKey(request: Request): boolean {
    const isFree = this.fault === 'a beginning claims no key' || this.tables.find() === 'free';
    if (!isFree) request.told = 'replayed';
    return !isFree;
  }

  /** Begun and committed: bytes leave if the lease holds, and the ending is written until it is written. */
  #carryOut(replica: Replica, request: Request, line?: LineWork): void {
    replica.steps.push(() => {
      if (this.#monotonic >= replica.heldUntil) {
        // What waited waits on, and what was in doubt stays so.
        if (line) this.#putBack(replica, request.id, -Infinity, line);
        else
          this.#writeUnsent(replica, request, (isWritten) => {
            request.underWayAt = undefined;
            request.told ??= isWritten ? 'nothing sent' : 'unknown';
          });
        return;
      }
      request.sent = request.isInsured ? 1 : request.sent + 1;
      replica.steps.push(() => {
        const ending = this.#isUnclear ? 'UNKNOWN' : 'SUCCEEDED';
        this.#writeSent(replica, request, ending, () => {
          request.told ??= ending === 'SUCCEEDED' ? 'done' : 'unknown';
          if (!line) request.underWayAt = undefined;
          if (line) this.#carryOn(replica, withNext(line));
        });
      });
    });
  }

  #writeSent(
    replica: Replica,
    request: Request,
    ending: 'SUCCEEDED' | 'UNKNOWN',
    then: () => void,
  ): void {
    this.#send(
      replica,
      'ending',
      () => this.tables.finish(request.id, ending, ending),
      (done) => {
        if (done === 'lost')
          replica.steps.push(() => this.#writeSent(replica, request, ending, then));
        else then();
      },
    );
  }

  #writeUnsent(replica: Replica, request: Request, then: (isWritten: boolean) => void): void {
    this.#send(
      replica,
      'failure',
      () => this.tables.finish(request.id, 'FAILED', null, replica.leases),
      (done) => {
        if (done === 'lost') replica.steps.push(() => this.#writeUnsent(replica, request, then));
        else then(done.value);
      },
    );
  }

  /** What was perhaps begun is ended again and again, the last time when it surely cannot be begun any more. */
  #undo(replica: Replica, request: Request, begunAt: number): void {
    const isEarly = this.#monotonic <= begunAt + STATEMENT;
    this.#writeUnsent(replica, request, () => {
      if (isEarly) replica.steps.push(() => this.#undo(replica, request, begunAt));
      else {
        request.isUnwritten = false;
        request.underWayAt = undefined;
      }
    });
  }

  /** A replica looks for the line, and carries out what it finds there. */
  #work(replica: Replica): void {
    const isHeld = this.#monotonic < replica.heldUntil;
    if (!isHeld || replica.isTaking || replica.worksOnLine !== undefined) return;
    if (replica.isInDoubt) this.tables.leaveUnknownLines(replica.lease, false);
    const { lease } = replica;
    const hold = this.#nextId++;
    replica.isTaking = true;
    this.#send(
      replica,
      'take',
      () => this.tables.take(lease, hold),
      (answer) => {
        replica.isTaking = false;
        if (answer === 'lost') replica.isInDoubt = true;
        else if (answer.value) {
          replica.worksOnLine = hold;
          this.#carryOn(replica, { hold, actions: answer.value, done: [] });
        }
      },
    );
  }

  #carryOn(replica: Replica, line: LineWork): void {
    const [action] = line.actions;
    const request = this.#requests.find(({ id }) => id === action?.id);
    if (!action || !request) return this.#release(replica, line);
    // Another replica took it for cut off, and it is not.
    if (request.underWayAt === replica) return this.#release(replica, line);
    const isInDoubt = action.status === 'UNKNOWN' && request.isInsured;
    if (action.status !== 'QUEUED' && !isInDoubt) {
      // What another replica works on is waited for; what has ended only leaves the line.
      if (action.status === 'RUNNING') this.#release(replica, line);
      else this.#carryOn(replica, withNext(line));
      return;
    }
    const { lease } = replica;
    const sentAt = this.#monotonic;
    this.#send(
      replica,
      'begin',
      () => this.tables.begin(action.id, lease, isInDoubt),
      (answer) => {
        if (answer === 'lost') this.#putBack(replica, action.id, sentAt, line);
        else if (answer.value) this.#carryOut(replica, request, line);
        // It was cancelled, or another replica has begun it and may put it back: the next look tells.
        else this.#release(replica, line);
      },
    );
  }

  #putBack(replica: Replica, id: number, begunAt: number, line: LineWork): void {
    const isEarly = this.#monotonic <= begunAt + STATEMENT;
    const isInDoubt = line.actions[0]?.status === 'UNKNOWN';
    this.#send(
      replica,
      'putBack',
      () => this.tables.putBack(id, replica.leases, isInDoubt),
      (answer) => {
        if (answer === 'lost' || isEarly)
          replica.steps.push(() => this.#putBack(replica, id, begunAt, line));
        else this.#release(replica, line);
      },
    );
  }

  #release(replica: Replica, line: LineWork): void {
    this.#send(
      replica,
      'release',
      () => this.tables.release(line.hold, line.done),
      (answer) => {
        if (answer === 'lost') replica.steps.push(() => this.#release(replica, line));
        else replica.worksOnLine = undefined;
      },
    );
  }

  #renew(replica: Replica): void {
    if (replica.isRenewing) return;
    const askedAt = this.#monotonic;
    const { lease } = replica;
    replica.isRenewing = true;
    this.#send(
      replica,
      'renew',
      () => this.tables.renew(lease, this.#now, this.#now + LEASE),
      (answer) => {
        replica.isRenewing = false;
        if (answer === 'lost') return;
        if (!answer.value) {
          replica.lease = this.#nextId++;
          replica.leases.push(replica.lease);
          this.tables.leases.set(replica.lease, this.#now + LEASE);
        }
        replica.heldUntil = askedAt + LEASE - MARGIN;
      },
    );
  }

  #send<T>(replica: Replica, what: string, run: () => T, then: (answer: Answer<T>) => void): void {
    const statement: Statement = {
      name: `${replica.name}'s ${what}`,
      replica,
      sentAt: this.#monotonic,
      isGivenUp: false,
      run: () => {
        const value = run();
        return () => {
          this.#drop(statement);
          then({ value });
        };
      },
      onLost: () => then('lost'),
    };
    this.#statements.push(statement);
  }

  /** The server carries a statement out, unless its time is over. */
  #runStatement(statement: Statement): void {
    if (statement.deliver) return;
    const isLate = this.#monotonic > statement.sentAt + STATEMENT;
    if (isLate && this.fault !== 'a late statement has no end') {
      this.#drop(statement);
      if (!statement.isGivenUp && statement.replica.isAlive) {
        statement.isGivenUp = true;
        statement.onLost();
      }
      return;
    }
    const deliver = statement.run();
    if (statement.isGivenUp) this.#drop(statement);
    else statement.deliver = deliver;
  }

  #lose(statement: Statement): void {
    statement.isGivenUp = true;
    // What was carried out is over for the server; what was not may come late.
    if (statement.deliver) this.#drop(statement);
    statement.onLost();
  }

  #drop(statement: Statement): void {
    this.#statements = this.#statements.filter((other) => other !== statement);
  }

  /** Its processes are gone; statements that it sent may still be carried out. */
  #crash(replica: Replica): void {
    this.#crashes += 1;
    replica.isAlive = false;
    replica.steps = [];
    for (const statement of this.#statements)
      if (statement.replica === replica) statement.isGivenUp = true;
    this.#statements = this.#statements.filter(({ isGivenUp, deliver }) => !isGivenUp || !deliver);
  }

  #restart(dead: Replica): void {
    const index = this.#replicas.indexOf(dead);
    this.#replicas[index] = this.#join(dead.name);
  }

  #isStill(): boolean {
    return (
      this.tables.running.size === 0 &&
      this.tables.queued.length === 0 &&
      this.tables.line === undefined &&
      this.#replicas.every(({ isAlive, steps }) => !isAlive || steps.length === 0)
    );
  }

  #fail(what: string): void {
    this.broken ??= what;
  }

  #check(): void {
    for (const [id, status] of this.tables.rows) {
      const before = this.#finals.get(id);
      if (before !== undefined && before !== status)
        this.#fail(`a final outcome changed: ${before} became ${status}`);
      if (FINAL.has(status)) this.#finals.set(id, status);
    }
    const sent = this.#requests.reduce((sum, request) => sum + request.sent, 0);
    if (sent > 1) this.#fail('something was sent twice');
    if (this.#requests.some((request) => request.told === 'nothing sent' && request.sent > 0))
      this.#fail('what was told as not sent was sent');
  }

  #checkEnd(): void {
    const { rows, running, key, line, queued } = this.tables;
    const isStuck =
      [...rows.values()].some((status) => status === 'RUNNING' || status === 'QUEUED') ||
      running.size > 0 ||
      line !== undefined ||
      queued.length > 0 ||
      (key !== undefined && this.tables.find() === 'running');
    if (isStuck) this.#fail('something stays for ever');
    for (const { id, told, isUnwritten } of this.#requests) {
      const status = rows.get(id);
      if (told === 'nothing sent' && !isUnwritten && (status === 'UNKNOWN' || key?.action === id))
        this.#fail('what was told as not sent is in doubt');
      if (told === 'done' && (status !== 'SUCCEEDED' || key?.answer !== 'SUCCEEDED'))
        this.#fail('what was acknowledged is lost');
      if (told === 'accepted' && status === undefined) this.#fail('what was accepted is lost');
    }
  }
}

/** The line of work when its first action is over. */
const withNext = ({ hold, actions, done }: LineWork): LineWork => ({
  hold,
  actions: actions.slice(1),
  done: [...done, ...actions.slice(0, 1).map(({ id }) => id)],
});

const isRunning = ({ isAlive, isPaused }: Replica): boolean => isAlive && !isPaused;
