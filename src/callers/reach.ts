/**
 * What is done with an action: `read` looks at it, lists or exports it; `control` cancels it or delivers
 * its callback again.
 */
export type ReachVerb = 'read' | 'control';

/** What of an action decides who reaches it. */
export interface Reachable {
  readonly callerId: string;
  /** The tenant of its caller; empty for none. */
  readonly owner: string;
  readonly platform: string;
  readonly actionType: string;
  readonly accountId: string;
  readonly actorId: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/** A condition of SQL, and the first parameters of its statement. */
export interface SqlReach {
  readonly condition: string;
  readonly values: readonly unknown[];
  /** The number of the first parameter that is free. */
  readonly next: number;
}

/** What of a caller decides its reach; the same in memory and in SQL. */
interface ReachSubject {
  readonly id: string;
  readonly owner: string | undefined;
  readonly permissions: ReadonlySet<string>;
  readonly platforms: ReadonlySet<string> | undefined;
  readonly accounts: ReadonlySet<string> | undefined;
  readonly actions: ReadonlySet<string> | undefined;
  readonly bornAt: number | undefined;
}

/** The permissions that a verb needs: of the caller's own actions, and of those of others. */
const NEEDS = {
  read: { own: [], others: ['read_audit'] },
  control: { own: ['execute_actions'], others: ['execute_actions', 'read_audit'] },
} as const satisfies Record<ReachVerb, { own: readonly string[]; others: readonly string[] }>;

/** The columns that narrow a caller, for each verb; a blank one does not narrow the caller's own actions. */
const NARROWED = {
  read: ['platform', 'account', 'action'],
  control: ['platform', 'account', 'actor', 'action'],
} as const;

const NARROWINGS = {
  platform: {
    bound: ({ platforms }: ReachSubject) => platforms,
    value: ({ platform }: Reachable) => platform,
    parameter: 6,
    column: (a: string) => `${a}.platform`,
  },
  account: {
    bound: ({ accounts }: ReachSubject) => accounts,
    value: ({ accountId }: Reachable) => accountId,
    parameter: 7,
    column: (a: string) => `${a}.account_id`,
  },
  actor: {
    bound: ({ accounts }: ReachSubject) => accounts,
    value: ({ actorId }: Reachable) => actorId,
    parameter: 7,
    column: (a: string) => `${a}.actor_id`,
  },
  action: {
    bound: ({ actions }: ReachSubject) => actions,
    value: ({ platform, actionType }: Reachable) =>
      actionType === '' ? '' : `${platform}.${actionType}`,
    parameter: 8,
    column: (a: string) =>
      `(CASE WHEN ${a}.action_type = '' THEN '' ELSE ${a}.platform || '.' || ${a}.action_type END)`,
  },
} as const;

/** The id within the tenant and the tenant make an identity; a caller with a key has no older actions. */
function isOwn({ id, owner = '', bornAt = -Infinity }: ReachSubject, action: Reachable): boolean {
  return action.callerId === id && action.owner === owner && action.receivedAt >= bornAt;
}

/** Whether a caller may see or change an action; `toSqlReach` says the same. */
export function reachesAction(caller: ReachSubject, action: Reachable, verb: ReachVerb): boolean {
  const own = isOwn(caller, action);
  const needs = NEEDS[verb][own ? 'own' : 'others'];
  if (caller.owner !== undefined && action.owner !== caller.owner) return false;
  if (!needs.every((permission) => caller.permissions.has(permission))) return false;
  return NARROWED[verb].every((name) => {
    const { bound, value } = NARROWINGS[name];
    const named = value(action);
    return (bound(caller)?.has(named) ?? true) || (own && named === '');
  });
}

/** `reachesAction` as a condition on a row of `actions`. */
export function toSqlReach(caller: ReachSubject, a: string, verb: ReachVerb): SqlReach {
  const { id, owner, permissions, platforms, accounts, actions, bornAt } = caller;
  const may = (needs: readonly string[]): boolean => needs.every((name) => permissions.has(name));
  const own = `(${a}.caller_id = $1 AND ${a}.owner = COALESCE($2, '')
    AND ($3::timestamptz IS NULL OR ${a}.received_at >= $3))`;
  const narrowed = NARROWED[verb].map((name) => {
    const { parameter, column } = NARROWINGS[name];
    return `AND ($${parameter}::text[] IS NULL OR ${column(a)} = ANY($${parameter}) OR (${column(a)} = '' AND ${own}))`;
  });
  return {
    condition: `(($2::text IS NULL OR ${a}.owner = $2)
    AND ((${own} AND $4::boolean) OR $5::boolean)
    ${narrowed.join('\n    ')})`,
    values: [
      id,
      owner ?? null,
      bornAt === undefined ? null : new Date(bornAt),
      may(NEEDS[verb].own),
      may(NEEDS[verb].others),
      platforms ? [...platforms] : null,
      accounts ? [...accounts] : null,
      actions ? [...actions] : null,
    ],
    next: 9,
  };
}
