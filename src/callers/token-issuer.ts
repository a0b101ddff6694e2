import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Permission } from '../actions/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { describeEvent, INSERT_EVENT } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { ActionNames } from './action-names.js';
import type { Caller } from './caller.js';
import { Callers } from './callers.js';
import { CallerTokens, type TokenClaims } from './caller-tokens.js';
import { identifyService } from './identity.js';
import { requirePermissionOf } from './permissions.js';
import { databaseClock } from '../config/database-clock.js';

/** The options of a new token; an option that is left out has its default. */
export interface TokenOptions {
  readonly api_key: string;
  readonly service: string;
  /** The earlier service whose token this is: made with a root key, it may do there what it did. */
  readonly earlier?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly platforms?: readonly string[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
  /** Seconds. */
  readonly expires_in?: number | undefined;
}

export interface TokenReply {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
}

const MOST_LATEST = 1_000;

/** Bounds the number of tokens that are issued to a caller; each leaves a row. */
export abstract class TokenBudget {
  /**
   * @returns undefined where it is counted at once
   * @throws BudgetSpent with the time until the next minute
   */
  abstract spendForToken(identity: string): Promise<void> | undefined;
}

/** Issues tokens in exchange for a key: a root key, or that of a caller, within its bounds. */
@Injectable()
export class TokenIssuer {
  /** The latest tokens of this replica, by a hash of what they claim. */
  readonly #latest = new Map<string, { readonly token: string; readonly endsAt: number }>();

  constructor(
    private readonly tokens: CallerTokens,
    private readonly callers: Callers,
    private readonly names: ActionNames,
    private readonly database: Database,
    private readonly budget: TokenBudget,
    @Inject(CONFIG) private readonly config: Pick<Config, 'JWT_EXPIRATION_SECONDS' | 'trusted'>,
  ) {}

  /** @returns undefined for a wrong key. @throws DoorRefusal for more than the caller of a key may */
  async makeToken(question: TokenOptions): Promise<TokenReply | undefined> {
    const expiresIn = question.expires_in ?? this.config.JWT_EXPIRATION_SECONDS;
    const caller = this.callers.exchange(question.api_key);
    if (caller) return this.#signForKey(caller, question, expiresIn);
    if (!this.tokens.isRootKey(question.api_key)) return undefined;
    const { identity = '' } = identifyService(question.service, undefined, (name, owner) =>
      this.callers.holdsName(name, owner),
    );
    const claims = question.earlier === undefined ? question : this.#bound(question);
    const permissions = (claims.permissions ?? ['execute_actions']) as Permission[];
    return this.#issue({ ...claims, permissions, expiresIn }, 'root key', identity, '');
  }

  /** A token of an earlier token door, within the entry of PREDECESSOR_TRUST for the root secret. */
  #bound(question: TokenOptions): TokenOptions {
    const bounds = this.config.trusted.find(({ hasRootSecret }) => hasRootSecret)?.bounds;
    if (!bounds) return question;
    return {
      ...question,
      permissions: [...bounds.permissions].filter((name) => name === 'execute_actions'),
      platforms: keepWithin(question.platforms, bounds.platforms),
      accounts: keepWithin(question.accounts, bounds.accounts),
      actions: keepWithin(question.actions, bounds.actions),
    };
  }

  /** A token of a caller is in its own name, permits no more than it may, and ends no later. */
  #signForKey(caller: Caller, question: TokenOptions, wanted: number): Promise<TokenReply> {
    const permissions = (question.permissions ?? [...caller.permissions]) as Permission[];
    for (const permission of permissions) requirePermissionOf(caller, [permission]);
    const left = Math.ceil(((caller.endsAt ?? Infinity) - databaseClock.now()) / 1_000);
    const claims: TokenClaims = {
      service: caller.id,
      permissions,
      platforms: this.#cut(caller, 'platforms', question.platforms),
      accounts: this.#cut(caller, 'accounts', question.accounts),
      actions: this.#cut(caller, 'actions', question.actions),
      epoch: caller.epoch,
      expiresIn: Math.min(wanted, left),
    };
    return this.#issue(claims, 'own key', caller.identity, caller.owner ?? '');
  }

  /** The requested names that are within the bounds of the caller. */
  #cut(
    caller: Caller,
    what: 'platforms' | 'accounts' | 'actions',
    asked: readonly string[] | undefined,
  ): readonly string[] | undefined {
    const own = caller[what];
    if (!own || !asked) return asked;
    const expand = (names: ReadonlySet<string>): ReadonlySet<string> =>
      what === 'actions' ? this.names.expandActions(names) : names;
    const reach = expand(own);
    return [...expand(new Set(asked))].filter((name) => reach.has(name));
  }

  /** Issues a token. What it permits is recorded before. */
  async #issue(
    claims: TokenClaims,
    by: string,
    callerId: string,
    owner: string,
  ): Promise<TokenReply> {
    const name = hash('sha256', JSON.stringify([callerId, owner, claims]), 'base64url');
    try {
      await this.budget.spendForToken(callerId);
    } catch (error) {
      const latest = this.#findLatest(name);
      if (latest) return latest;
      throw error;
    }
    const { permissions, platforms, accounts, actions, expiresIn } = claims;
    const granted = { permissions, platforms, accounts, actions };
    const event = describeEvent({
      kind: 'token.issued',
      callerId,
      owner,
      subject: 'token',
      details: JSON.parse(JSON.stringify({ by, ...granted, expires_in: expiresIn })) as Record<
        string,
        never
      >,
    });
    await this.database.change(INSERT_EVENT, [event]);
    const token = this.tokens.sign(claims);
    if (this.#latest.size >= MOST_LATEST) this.#latest.clear();
    this.#latest.set(name, { token, endsAt: databaseClock.now() + expiresIn * 1_000 });
    return { token, expires_in: expiresIn };
  }

  /** The latest token with the same claims, for a caller that asks for more than it may be issued. */
  #findLatest(name: string): TokenReply | undefined {
    const latest = this.#latest.get(name);
    const left = Math.floor(((latest?.endsAt ?? 0) - databaseClock.now()) / 1_000);
    return latest && left > 0 ? { token: latest.token, expires_in: left } : undefined;
  }
}

/** The requested names that are within bounds: all of these where none were requested. */
function keepWithin(
  asked: readonly string[] | undefined,
  within: ReadonlySet<string> | undefined,
): readonly string[] | undefined {
  return within ? (asked?.filter((name) => within.has(name)) ?? [...within]) : asked;
}
