import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import type { Failure, Status } from '../actions/failures.js';
import { type CallerNames, Callers } from '../callers/callers.js';
import { listIdsNamed, splitTenantIdentity } from '../callers/identity.js';
import { Database } from '../database/database.js';
import { lowestIdAt } from '../database/partitions.js';

/** Which actions are looked for; what is left out is of no matter. */
export interface ActionFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly platform?: string;
  readonly action_type?: string;
  readonly account_id?: string;
  readonly actor_id?: string;
  /** The name of a caller, which several may have, or an identity. */
  readonly caller_id?: string;
  readonly status?: string;
  readonly failure_code?: string;
  readonly request_id?: string;
  readonly effect?: string;
  /** In the error, in small letters or capitals. */
  readonly text?: string;
}

/** A row of the log; parameters and results are redacted in it already. */
export interface AuditEntry {
  readonly action_id: string;
  readonly received_at: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly effect: string;
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly failure: Failure | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>> | null;
  /** The name that people know the caller by. */
  readonly caller_id: string;
  /** No other caller ever has it. */
  readonly caller_identity: string;
  readonly owner: string;
  readonly door: string;
  readonly request_id: string;
  readonly trace_id: string;
  readonly idempotency_key: string | null;
  readonly batch_id: string | null;
  readonly priority: string;
  readonly attempts: number;
  readonly sandbox: boolean;
  readonly run_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

type EntryRow = Omit<
  AuditEntry,
  'caller_identity' | 'received_at' | 'run_at' | 'started_at' | 'finished_at'
> & {
  readonly received_at: Date;
  readonly run_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
};

const COLUMNS = `id AS action_id, received_at, platform, action_type, account_id, actor_id, effect, status,
  message, error, failure, parameters, result, caller_id, owner, door, request_id, trace_id,
  idempotency_key, batch_id, priority, attempts, sandbox, run_at, started_at, finished_at`;

/** What there is an index for, of those that have a status; most that succeeded are nowhere but in the log. */
const NEAR_STATUS: Readonly<Record<string, string>> = {
  REFUSED: "a.error <> ''",
  FAILED: "a.error <> ''",
  UNKNOWN: "a.error <> ''",
  CANCELLED: "a.error <> ''",
  PREPARED: 'a.started_at IS NULL',
  QUEUED: 'a.id IN (SELECT id::uuid FROM queued_actions)',
  SCHEDULED: 'a.id IN (SELECT id::uuid FROM queued_actions)',
  RUNNING: 'a.id IN (SELECT id FROM running_actions)',
};
/** An id is made a moment before its action is received, by a clock that may be set meanwhile. */
const SLACK_MS = 60_000;
const PLAIN = [
  'platform',
  'action_type',
  'account_id',
  'actor_id',
  'status',
  'request_id',
  'effect',
] as const;

/** Ids as `actions.caller_id` holds them, of one tenant alone where that is given. */
interface AskedCallers {
  readonly ids: readonly string[];
  readonly owner?: string;
}

/** How many actions of a platform in a status were received in a span of time. */
export interface ActionCount {
  /** When the span begins. */
  readonly at: string;
  readonly platform: string;
  readonly status: Status;
  readonly count: number;
}

/** Looks into the log, the newest first. */
@Injectable()
export class ActionSearch {
  constructor(
    private readonly database: Database,
    @Inject(Callers) private readonly callers: CallerNames,
  ) {}

  /**
   * Entries that fit, as far as the caller may see them.
   * @param before the id after which an earlier part ended
   * @throws DatabaseAway
   */
  async find(
    caller: Caller,
    filter: ActionFilter,
    { before, limit }: { readonly before?: string; readonly limit: number },
  ): Promise<AuditEntry[]> {
    const asked = this.#findAsked(filter.caller_id);
    const { text, values } = buildSearch(caller, filter, { before, limit, asked });
    const rows = await this.database.search<EntryRow>(text, values);
    return rows.map((row) => this.#show(row));
  }

  /** The entry of an action within the caller's reach. @throws DatabaseAway */
  async findOne(caller: Caller, id: string): Promise<AuditEntry | undefined> {
    const reach = caller.toSql('a', 'read');
    const [row] = await this.database.query<EntryRow>(
      `SELECT ${COLUMNS} FROM actions a WHERE a.id = $${reach.next}::uuid AND ${reach.condition}`,
      [...reach.values, id],
    );
    return row && this.#show(row);
  }

  /**
   * How many actions were received in each span of time, by platform and status.
   * @param bucketSeconds the length of a span
   * @throws DatabaseAway
   */
  async count(
    caller: Caller,
    filter: ActionFilter & { readonly from: Date; readonly to: Date },
    bucketSeconds: number,
  ): Promise<ActionCount[]> {
    const asked = this.#findAsked(filter.caller_id);
    const { text, values } = buildCount(caller, filter, { asked, bucketSeconds });
    const rows = await this.database.search<Omit<ActionCount, 'at'> & { readonly at: Date }>(
      text,
      values,
    );
    return rows.map(({ at, platform, status, count }) => ({
      at: at.toISOString(),
      platform,
      status,
      count,
    }));
  }

  /** The callers that a name or an identity stands for. */
  #findAsked(name: string | undefined): AskedCallers | undefined {
    if (name === undefined) return undefined;
    const inTenant = splitTenantIdentity(name);
    if (inTenant) return { ids: [inTenant.id], owner: inTenant.owner };
    return { ids: [...new Set([...listIdsNamed(name), ...this.callers.listIdsNamed(name)])] };
  }

  #show(row: EntryRow): AuditEntry {
    return {
      ...row,
      caller_id: this.callers.nameOf(row.caller_id),
      caller_identity: this.callers.identityOf(row.caller_id, row.owner),
      received_at: row.received_at.toISOString(),
      run_at: row.run_at?.toISOString() ?? null,
      started_at: row.started_at?.toISOString() ?? null,
      finished_at: row.finished_at?.toISOString() ?? null,
    };
  }

  /** All entries that fit, read in parts as they are asked for: it takes the memory of one part. */
  async *walk(caller: Caller, filter: ActionFilter, part = 500): AsyncGenerator<AuditEntry> {
    let before: string | undefined;
    for (;;) {
      const entries = await this.find(caller, filter, { before, limit: part });
      yield* entries;
      before = entries.at(-1)?.action_id;
      if (entries.length < part) return;
    }
  }
}

/**
 * The statement of a search. Ids are in order of time, and partitions are ranges of ids.
 * @public `npm run audit:bench` explains it
 */
export function buildSearch(
  caller: Caller,
  filter: ActionFilter,
  {
    before,
    limit,
    asked,
  }: {
    readonly before?: string | undefined;
    readonly limit: number;
    /** What `caller_id` of the filter stands for. */
    readonly asked?: AskedCallers | undefined;
  },
): { text: string; values: unknown[] } {
  const { values, conditions } = describeConditions(caller, filter, asked);
  if (before !== undefined) conditions.push(`a.id < $${values.push(before)}`);
  const last = `$${values.push(limit)}`;
  const find = (...more: readonly string[]): string =>
    `SELECT ${COLUMNS} FROM actions a WHERE ${[...conditions, ...more].join('\n  AND ')}
      ORDER BY a.id DESC LIMIT ${last}`;
  if (filter.actor_id === undefined || filter.account_id !== undefined)
    return { text: find(), values };
  // Accounts that act for themselves are found by the account, all others by an index of their own.
  const [own, others] = [find('a.account_id = a.actor_id'), find('a.account_id <> a.actor_id')];
  return {
    text: `SELECT * FROM ((${own}) UNION ALL (${others})) acted
      ORDER BY action_id DESC LIMIT ${last}`,
    values,
  };
}

/** The statement of a count. */
function buildCount(
  caller: Caller,
  filter: ActionFilter,
  { asked, bucketSeconds }: { asked: AskedCallers | undefined; bucketSeconds: number },
): { text: string; values: unknown[] } {
  const { values, conditions } = describeConditions(caller, filter, asked);
  const bucket = `make_interval(secs => $${values.push(bucketSeconds)}::int)`;
  const text = `
    SELECT date_bin(${bucket}, a.received_at, 'epoch') AS at, a.platform, a.status, count(*)::int AS count
    FROM actions a WHERE ${conditions.join('\n  AND ')}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  return { text, values };
}

/** A filter as conditions on rows `a`, with the reach of a caller. */
function describeConditions(
  caller: Caller,
  filter: ActionFilter,
  asked: AskedCallers | undefined,
): { readonly values: unknown[]; readonly conditions: string[] } {
  const reach = caller.toSql('a', 'read');
  const values = [...reach.values];
  const conditions = [reach.condition];
  const add = (condition: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  const { from, to, text, failure_code } = filter;
  if (from) {
    add((at) => `a.received_at >= ${at}`, from);
    add((at) => `a.id >= ${at}`, lowestIdAt(new Date(Math.max(0, from.getTime() - SLACK_MS))));
  }
  if (to) {
    add((at) => `a.received_at <= ${at}`, to);
    add((at) => `a.id <= ${at}`, lowestIdAt(new Date(to.getTime() + SLACK_MS)));
  }
  for (const name of PLAIN)
    if (filter[name] !== undefined) add((at) => `a.${name} = ${at}`, filter[name]);
  if (asked) add((at) => `a.caller_id = ANY(${at}::text[])`, asked.ids);
  if (asked?.owner !== undefined) add((at) => `a.owner = ${at}`, asked.owner);
  const near = NEAR_STATUS[filter.status ?? ''];
  if (near !== undefined) conditions.push(near);
  if (failure_code !== undefined)
    add((at) => `a.failure IS NOT NULL AND a.failure ->> 'code' = ${at}`, failure_code);
  // Most actions have no error, and of those that do there is an index.
  if (text !== undefined)
    add((at) => `a.error <> '' AND a.error ILIKE ${at}`, `%${text.replace(/[\\%_]/g, '\\$&')}%`);
  return { values, conditions };
}
