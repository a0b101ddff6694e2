import type { Permission, Policy } from '../actions/caller.js';
import {
  type ReachVerb,
  type Reachable,
  reachesAction,
  type SqlReach,
  toSqlReach,
} from './reach.js';

/**
 * How a caller proves who it is. A `service` signs with a root key, a `key` caller has a row in `callers`,
 * a `trusted` one has an entry in PREDECESSOR_TRUST, an `earlier` one has a token of an earlier service,
 * and `media` is the holder of MEDIA_API_KEY.
 */
export type CallerKind = 'service' | 'key' | 'trusted' | 'earlier' | 'media';

/** Limits on what a caller may do; undefined sets no limit. */
export interface Bounds {
  readonly permissions?: ReadonlySet<string> | undefined;
  readonly platforms?: ReadonlySet<string> | undefined;
  /** Account and actor ids. */
  readonly accounts?: ReadonlySet<string> | undefined;
  /** Full names of actions, such as `twitch.chat_message`; groups are expanded already. */
  readonly actions?: ReadonlySet<string> | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly policy?: Policy | undefined;
  /** When it ends, in Unix milliseconds. */
  readonly endsAt?: number | undefined;
}

/** What a caller is made of. */
export interface CallerFields extends Bounds {
  readonly kind: CallerKind;
  /** Its id within its tenant, as `actions.caller_id` holds it. */
  readonly id: string;
  /** Unique in the whole gateway; the id when left out. */
  readonly identity?: string | undefined;
  /** A label for people; the id when left out. */
  readonly name?: string | undefined;
  readonly permissions: ReadonlySet<string>;
  /** The tenant whose accounts and actions alone it reaches. */
  readonly owner?: string | undefined;
  /** Of a caller with a key: the number of times its tokens were revoked. */
  readonly epoch?: number | undefined;
  /** Of a caller with a key: older actions are not its own, in Unix milliseconds. */
  readonly bornAt?: number | undefined;
}

/** A caller as it is stored beside a waiting action or a consent. */
export interface StoredCaller {
  /** The identity; releases before 0.2 read it as the id. */
  readonly id: string;
  /** The id within the tenant, where it differs from the identity. */
  readonly row_id?: string;
  readonly kind?: CallerKind;
  readonly name?: string;
  readonly permissions: readonly string[];
  readonly platforms?: readonly string[];
  readonly accounts?: readonly string[];
  readonly actions?: readonly string[];
  readonly owner?: string;
  readonly epoch?: number;
  readonly born_at?: number;
  readonly policy?: Policy;
}

/** An account as far as reach is concerned; a part that is left out is not asked for. */
export interface ReachableAccount {
  readonly platform: string;
  readonly accountId?: string | undefined;
  /** The tenant that has it; undefined where none has it yet. */
  readonly owner?: string | undefined;
}

/** A feature flag as far as reach is concerned. */
export interface ReachableFlag {
  readonly platform: string;
  /** Full names of the actions that it switches. */
  readonly actions: ReadonlySet<string>;
  /** The account or caller that it is about; undefined where it is about all. */
  readonly scope?: { readonly kind: 'account' | 'caller'; readonly id: string } | undefined;
}

/**
 * A caller, as its credential identifies it; never taken from free text in a request. Identities are
 * compared, names are shown.
 */
export class Caller implements CallerFields {
  readonly kind: CallerKind;
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  readonly permissions: ReadonlySet<string>;
  readonly platforms: ReadonlySet<string> | undefined;
  readonly accounts: ReadonlySet<string> | undefined;
  readonly actions: ReadonlySet<string> | undefined;
  readonly owner: string | undefined;
  readonly epoch: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly policy: Policy | undefined;
  readonly endsAt: number | undefined;
  readonly bornAt: number | undefined;

  constructor(fields: CallerFields) {
    this.kind = fields.kind;
    this.id = fields.id;
    this.identity = fields.identity ?? fields.id;
    this.name = fields.name ?? fields.id;
    // Flags concern every tenant, so no tenant may switch them.
    this.permissions =
      fields.owner === undefined ? fields.permissions : dropFlags(fields.permissions);
    this.platforms = fields.platforms;
    this.accounts = fields.accounts;
    this.actions = fields.actions;
    this.owner = fields.owner;
    this.epoch = fields.epoch;
    this.requestsPerMinute = fields.requestsPerMinute;
    this.policy = fields.policy;
    this.endsAt = fields.endsAt;
    this.bornAt = fields.bornAt;
  }

  /** Whether it reaches a part of the gateway alone: one tenant, or some platforms, accounts or actions. */
  get isNarrowed(): boolean {
    return (this.owner ?? this.platforms ?? this.accounts ?? this.actions) !== undefined;
  }

  /** Whether it runs the gateway: it signs with a root key, and reaches all of it. */
  get isOperator(): boolean {
    return this.kind === 'service' && !this.isNarrowed;
  }

  /** Whether it has one of these permissions. */
  hasOneOf(permissions: readonly Permission[]): boolean {
    return permissions.some((permission) => this.permissions.has(permission));
  }

  /** The same caller within further bounds: every limit is at least as tight as both. */
  narrow(bounds: Bounds): Caller {
    return new Caller({
      ...this,
      permissions: intersect(this.permissions, bounds.permissions) ?? this.permissions,
      platforms: intersect(this.platforms, bounds.platforms),
      accounts: intersect(this.accounts, bounds.accounts),
      actions: intersect(this.actions, bounds.actions),
      requestsPerMinute: smaller(this.requestsPerMinute, bounds.requestsPerMinute),
      policy: stricter(this.policy, bounds.policy),
      endsAt: smaller(this.endsAt, bounds.endsAt),
    });
  }

  /** The same caller with full names of actions in place of those of groups. */
  withActions(actions: ReadonlySet<string>): Caller {
    return new Caller({ ...this, actions });
  }

  /**
   * What of these bounds goes beyond the caller's own, for an error message.
   * @param usualRate requests per minute of a caller without a rate of its own; 0 for no limit
   * @returns undefined when nothing does
   */
  findExcess(bounds: Bounds, usualRate: number): string | undefined {
    const permission = firstOutside(this.permissions, bounds.permissions);
    if (permission !== undefined) return `the permission ${permission}`;
    for (const what of ['platforms', 'accounts', 'actions'] as const) {
      const [own, given] = [this[what], bounds[what]];
      if (own === undefined) continue;
      if (given === undefined) return `all ${what}`;
      const beyond = firstOutside(own, given);
      if (beyond !== undefined) return `${what} ${beyond}`;
    }
    const usual = usualRate === 0 ? Infinity : usualRate;
    const rate = this.isOperator ? Infinity : (this.requestsPerMinute ?? usual);
    if ((bounds.requestsPerMinute ?? usual) > rate) return `more than ${rate} requests per minute`;
    if (stricter(this.policy, bounds.policy) !== bounds.policy)
      return `effects beyond its own policy ${this.policy}; set policy to that or to read_only`;
    if (this.endsAt !== undefined && (bounds.endsAt ?? Infinity) > this.endsAt)
      return `an end after ${new Date(this.endsAt).toISOString()}, when its own right ends; set expires_at to that or earlier`;
    return undefined;
  }

  /** Whether the caller may see or change an action. */
  reaches(action: Reachable, verb: ReachVerb): boolean {
    return reachesAction(this, action, verb);
  }

  /** Whether the caller may touch an account. */
  reachesAccount({ platform, accountId, owner }: ReachableAccount): boolean {
    return (
      (this.platforms?.has(platform) ?? true) &&
      (accountId === undefined || (this.accounts?.has(accountId) ?? true)) &&
      this.reachesTenant(owner)
    );
  }

  /** Whether all accounts of the platforms that it reaches are within its bounds. */
  get reachesAllAccounts(): boolean {
    return this.accounts === undefined;
  }

  /** Whether all actions of a platform are within its bounds. */
  reachesAllActionsOf(platform: string): boolean {
    return this.actions === undefined && this.reachesAccount({ platform });
  }

  /**
   * Whether it may see (`read`) or switch (`write`) a feature flag. A narrowed caller sees what concerns
   * all accounts on its platforms, its own accounts and itself. It switches only what concerns accounts
   * and actions within its bounds.
   */
  reachesFlag({ platform, actions, scope }: ReachableFlag, verb: 'read' | 'write'): boolean {
    const { actions: own, accounts } = this;
    if (own) {
      const within = [...actions].filter((action) => own.has(action)).length;
      if (within === 0 || (verb === 'write' && within < actions.size)) return false;
    }
    if (scope?.kind === 'account') return this.reachesAccount({ platform, accountId: scope.id });
    if (accounts && verb === 'write') return false;
    const isOfOther = scope !== undefined && scope.id !== this.identity;
    return this.reachesAccount({ platform }) && !(accounts && isOfOther);
  }

  /** Whether it may see the budget of a caller: its own, or any if it reads the whole log. */
  reachesBudgetOf(identity: string): boolean {
    return identity === this.identity || (this.permissions.has('read_audit') && !this.isNarrowed);
  }

  /**
   * Whether it may know that another caller exists: itself, and those of its tenant that may do no more
   * than it. How long they last and how often they may ask makes no difference.
   * @param usualRate as in `findExcess`
   */
  reachesCaller(
    { identity, owner, bounds }: { identity: string; owner: string; bounds: Bounds },
    usualRate: number,
  ): boolean {
    if (!this.reachesTenant(owner)) return false;
    if (identity === this.identity) return true;
    const timeless = new Caller({ ...this, endsAt: undefined, requestsPerMinute: undefined });
    const lasting = { ...bounds, endsAt: undefined, requestsPerMinute: undefined };
    return timeless.findExcess(lasting, usualRate) === undefined;
  }

  /** Whether something belongs to the caller's tenant; what has no tenant yet (undefined) does. */
  reachesTenant(owner: string | undefined): boolean {
    return this.owner === undefined || owner === undefined || owner === this.owner;
  }

  /** `reaches` as a condition of SQL on a row of `actions`. @param action the alias of the table */
  toSql(action: string, verb: ReachVerb): SqlReach {
    return toSqlReach(this, action, verb);
  }

  toJson(): StoredCaller {
    const { kind, id, identity, name, permissions, platforms, accounts, actions } = this;
    const { owner, epoch, bornAt, policy } = this;
    return {
      id: identity,
      ...(id !== identity && { row_id: id }),
      kind,
      ...(name !== identity && { name }),
      permissions: [...permissions],
      ...(platforms && { platforms: [...platforms] }),
      ...(accounts && { accounts: [...accounts] }),
      ...(actions && { actions: [...actions] }),
      ...(owner !== undefined && { owner }),
      ...(epoch !== undefined && { epoch }),
      ...(bornAt !== undefined && { born_at: bornAt }),
      ...(policy !== undefined && { policy }),
    };
  }

  /** The caller of `toJson`, without its rate and its end, which are read again where they matter. */
  static fromJson(stored: StoredCaller): Caller {
    const { id, row_id, kind, name, permissions, platforms, accounts, actions } = stored;
    const { owner, epoch, born_at, policy } = stored;
    return new Caller({
      // Releases before 0.2 stored no kind.
      kind: kind ?? (epoch === undefined ? 'service' : 'key'),
      id: row_id ?? id,
      identity: id,
      name: name ?? id,
      permissions: new Set(permissions),
      platforms: platforms && new Set(platforms),
      accounts: accounts && new Set(accounts),
      actions: actions && new Set(actions),
      owner,
      epoch,
      bornAt: born_at,
      policy,
    });
  }
}

function dropFlags(permissions: ReadonlySet<string>): ReadonlySet<string> {
  if (!permissions.has('manage_flags')) return permissions;
  return new Set([...permissions].filter((name) => name !== 'manage_flags'));
}

/** Two bounds at once; undefined sets none. */
function intersect(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (!one || !other) return one ?? other;
  return new Set([...one].filter((name) => other.has(name)));
}

/** Two policies at once. Where neither contains the other, only reads are left. */
function stricter(one: Policy | undefined, other: Policy | undefined): Policy | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one === other ? one : 'read_only';
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function firstOutside(
  own: ReadonlySet<string>,
  given: ReadonlySet<string> = new Set(),
): string | undefined {
  return [...given].find((name) => !own.has(name));
}
