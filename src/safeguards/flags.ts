import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import { CONFIG, type Config } from '../config/config.js';
import { describeEvent, noteEvent } from '../database/audit-event.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { Database } from '../database/database.js';
import { EVERYTHING, readFlagKey } from './flag-key.js';

/** What a flag is asked about. */
export interface FlagSubject {
  readonly platform: string;
  readonly group: string;
  readonly type: string;
}

/** Who is concerned by an action. */
export interface FlagTargets {
  readonly accountId: string;
  readonly actorId: string;
  readonly callerIdentity: string;
  /** What people call the caller; others may have the same name. */
  readonly callerName: string;
}

/** A flag as people see it. */
export interface FlagReport {
  readonly key: string;
  readonly enabled: boolean;
  /** Its value if it was never set. */
  readonly default: boolean;
  /** A caller has set it; otherwise the default holds. */
  readonly is_set: boolean;
  readonly reason: string;
  /** The identity of the caller that set it. */
  readonly changed_by: string;
  readonly changed_at: string | null;
  /** Another one after each change; 0 while it is not set. */
  readonly version: number;
}

interface FlagRow {
  readonly key: string;
  readonly enabled: boolean;
  readonly reason: string;
  readonly changed_by: string;
  readonly changed_at: Date;
  /** A bigint. */
  readonly version: string;
}

/** Why something is off. */
interface Off {
  /** The setting or the flag. */
  readonly by: string;
  /** What the admin said to it. */
  readonly reason: string;
}

/**
 * Feature flags: everything is on until an admin, or a switch of the environment, turns it off. What
 * admins set is held in memory and in force on every replica at once. Flags concern actions alone.
 */
@Injectable()
export class Flags implements OnModuleInit {
  readonly #switches: ReadonlyMap<string, boolean>;
  #stored: ReadonlyMap<string, FlagRow> = new Map();
  /** Most flags hold for all callers and accounts; then there are no others to look up. */
  #hasScoped = false;
  /** The switches that may set the default of a key, the nearest first. */
  readonly #defaults = new Map<string, readonly string[]>();

  constructor(
    @Inject(CONFIG) { switches }: Pick<Config, 'switches'>,
    private readonly database: Database,
    private readonly feed: ChangeFeed,
  ) {
    this.#switches = switches;
  }

  /** What admins have set, as one value: another one after each change. */
  get state(): unknown {
    return this.#stored;
  }

  /** Before a door opens, so that nothing that is off is ever carried out. */
  onModuleInit(): Promise<void> {
    return this.feed.follow('flags', () => this.#read());
  }

  /** Takes in what can be switched; everything else is an unknown flag. */
  learn(subjects: readonly FlagSubject[]): void {
    for (const subject of subjects)
      for (const [key, switches] of listWay(subject)) this.#defaults.set(key, switches);
  }

  /** Every key that is not for one account or caller alone. */
  get keys(): readonly string[] {
    return [...this.#defaults.keys()];
  }

  /** @throws ActionFailure ACTION_DISABLED naming the flag or the switch that is off, and the reason */
  require(subject: FlagSubject, concerned?: FlagTargets): void {
    const off = this.#findOff(subject, concerned);
    if (off === undefined) return;
    throw new ActionFailure(
      'ACTION_DISABLED',
      `${subject.platform}.${subject.type} is switched off by ${off.by}${off.reason && `: ${off.reason}`}`,
    );
  }

  /** Whether an action is on for everybody that no flag of their own switches off. */
  isOn(subject: FlagSubject): boolean {
    return this.#findOff(subject, undefined) === undefined;
  }

  /** Switches that are set and that nothing in the catalogue listens to: most likely a typing error. */
  listUnknown(subjects: readonly FlagSubject[]): string[] {
    const known = new Set(subjects.flatMap(nameSwitches));
    return [...this.#switches.keys()].filter((name) => !known.has(name));
  }

  /** A flag as it stands, set or not. */
  report(key: string): FlagReport {
    const row = this.#stored.get(key);
    const byDefault = this.#findDefault(this.#defaults.get(key) ?? []).enabled;
    return {
      key,
      enabled: row?.enabled ?? byDefault,
      default: byDefault,
      is_set: row !== undefined,
      reason: row?.reason ?? '',
      changed_by: row?.changed_by ?? '',
      changed_at: row?.changed_at.toISOString() ?? null,
      version: Number(row?.version ?? 0),
    };
  }

  /** Every flag: those for all callers, and those of accounts and callers that were set. */
  list(): FlagReport[] {
    const keys = new Set([...this.#defaults.keys(), ...this.#stored.keys()]);
    return [...keys].sort().map((key) => this.report(key));
  }

  /** Whether it was set, also for an action that no longer exists. */
  isSet(key: string): boolean {
    return this.#stored.has(key);
  }

  /**
   * Switches on or off, and writes it down, in one statement.
   * @param ifVersion changes nothing where the flag has another version
   * @returns whether it was changed
   * @throws DatabaseAway
   */
  async set(
    key: string,
    { enabled, reason }: { enabled: boolean; reason: string },
    callerId: string,
    ifVersion?: number,
  ): Promise<boolean> {
    const event = { kind: 'flag.changed', callerId, subject: key, reason } as const;
    const changed = await this.database.change(
      `WITH seen AS (SELECT version FROM flags WHERE key = $1 FOR UPDATE),
       changed AS (
         INSERT INTO flags AS held (key, enabled, reason, changed_by)
         SELECT $1, $2, $3, $4
         WHERE $6::bigint IS NULL OR $6 = COALESCE((SELECT version FROM seen), 0)
         ON CONFLICT (key) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason,
           changed_by = excluded.changed_by, changed_at = now()
         WHERE $6::bigint IS NULL OR held.version = $6
         RETURNING key
       ) ${noteEvent('changed', '$5')}`,
      [
        key,
        enabled,
        reason,
        callerId,
        describeEvent({ ...event, details: { enabled } }),
        ifVersion ?? null,
      ],
    );
    await this.feed.refresh('flags');
    return changed > 0;
  }

  /**
   * Goes back to the default.
   * @param ifVersion as in `set`
   * @returns false where it was there already, or has another version
   * @throws DatabaseAway
   */
  async unset(key: string, reason: string, callerId: string, ifVersion?: number): Promise<boolean> {
    const details = { enabled: this.#findDefault(this.#defaults.get(key) ?? []).enabled };
    const removed = await this.database.change(
      `WITH changed AS (
         DELETE FROM flags WHERE key = $1 AND version = COALESCE($3, version) RETURNING key
       ) ${noteEvent('changed', '$2')}`,
      [
        key,
        describeEvent({
          kind: 'flag.changed',
          callerId,
          subject: key,
          reason,
          details: { ...details, to_default: true },
        }),
        ifVersion ?? null,
      ],
    );
    await this.feed.refresh('flags');
    return removed > 0;
  }

  async #read(): Promise<void> {
    const rows = await this.database.query<FlagRow>('SELECT * FROM flags');
    this.#stored = new Map(rows.map((row) => [row.key, row]));
    this.#hasScoped = rows.some(({ key }) => readFlagKey(key)?.scope !== undefined);
  }

  /** An action is off if everything, its platform, its group or itself is off, for all or for one. */
  #findOff(subject: FlagSubject, concerned: FlagTargets | undefined): Off | undefined {
    // As it is nearly everywhere, nearly always.
    if (this.#stored.size + this.#switches.size === 0) return undefined;
    const way = listWay(subject);
    for (const [key, switches] of way) {
      const row = this.#stored.get(key);
      if (row === undefined) {
        const byDefault = this.#findDefault(switches);
        if (!byDefault.enabled) return { by: `${byDefault.name}=false`, reason: '' };
      } else if (!row.enabled) return { by: `the flag ${key}`, reason: row.reason };
    }
    if (!this.#hasScoped || concerned === undefined) return undefined;
    const { accountId, actorId, callerIdentity, callerName } = concerned;
    const scopes = [
      `@account:${accountId}`,
      `@account:${actorId}`,
      `@caller:${callerIdentity}`,
      `@caller:${callerName}`,
    ];
    for (const [key] of way) {
      for (const scope of scopes) {
        const row = this.#stored.get(key + scope);
        if (row && !row.enabled) return { by: `the flag ${row.key}`, reason: row.reason };
      }
    }
    return undefined;
  }

  #findDefault(switches: readonly string[]): { enabled: boolean; name: string } {
    const name = switches.find((known) => this.#switches.has(known)) ?? '';
    return { enabled: this.#switches.get(name) ?? true, name };
  }
}

/** The flags of an action, from the widest to the narrowest, and the switches that set their defaults. */
function listWay(subject: FlagSubject): [key: string, switches: readonly string[]][] {
  const { platform, group, type } = subject;
  const [ofPlatform, ofGroup, ofOwnGroup, ofAction] = nameSwitches(subject);
  return [
    [EVERYTHING, []],
    [platform, [ofPlatform]],
    // A platform's own group switch wins over the general one.
    [`${platform}.${group}`, [ofOwnGroup, ofGroup]],
    [`${platform}.${type}`, [ofAction]],
  ];
}

/** The environment variables that switch an action, from the widest to the narrowest. */
export function nameSwitches({
  platform,
  group,
  type,
}: FlagSubject): [string, string, string, string] {
  const [p, g, t] = [platform, group, type].map((word) => word.toUpperCase());
  return [
    `ENABLE_${p}_ACTIONS`,
    `ENABLE_${g}_ACTIONS`,
    `ENABLE_${p}_${g}_ACTIONS`,
    `ENABLE_${p}_${t}`,
  ];
}
