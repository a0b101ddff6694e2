import { Inject, Injectable } from '@nestjs/common';
import type { Permission } from '../actions/caller.js';
import { AuditEvents } from '../audit/audit-events.js';
import { CONFIG, type Config } from '../config/config.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { Callers, type KeyHolder } from '../safeguards/callers.js';
import { CallerTokens, requirePermissionOf, type TokenWish } from './caller-tokens.js';

/** What a token is asked for with; what is left out is the default. */
export interface TokenQuestion {
  readonly api_key: string;
  readonly service: string;
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

/** Of one caller; each leaves a row. */
const TOKENS_PER_MINUTE = 60;
const TOKENS_OF = 'tokens of ';

/** Gives tokens to whoever shows a key: a root key, or that of a caller, within its bounds. */
@Injectable()
export class TokenDoor {
  constructor(
    private readonly tokens: CallerTokens,
    private readonly callers: Callers,
    private readonly events: AuditEvents,
    private readonly budgets: CallerBudgets,
    @Inject(CONFIG) private readonly config: Pick<Config, 'JWT_EXPIRATION_SECONDS'>,
  ) {}

  /** @returns undefined for a wrong key. @throws DoorRefusal for more than the caller of a key may */
  async makeToken(wish: TokenQuestion): Promise<TokenReply | undefined> {
    const expiresIn = wish.expires_in ?? this.config.JWT_EXPIRATION_SECONDS;
    const named = this.callers.exchange(wish.api_key);
    if (named) return this.#signNamed(named, wish, expiresIn);
    if (!this.tokens.isRootKey(wish.api_key)) return undefined;
    const permissions = (wish.permissions ?? ['execute_actions']) as Permission[];
    return this.#issue({ ...wish, permissions, expiresIn }, 'root key', '');
  }

  /** A token of a caller is in its own name, and permits no more than it may. */
  #signNamed(
    { caller, expiresAt = Infinity }: KeyHolder,
    wish: TokenQuestion,
    wanted: number,
  ): Promise<TokenReply> {
    const permissions = (wish.permissions ?? [...caller.permissions]) as Permission[];
    for (const permission of permissions) requirePermissionOf(caller, [permission]);
    const left = Math.ceil((expiresAt - Date.now()) / 1_000);
    const expiresIn = Math.min(wanted, left);
    const { platforms, accounts, actions } = wish;
    const signed = {
      service: caller.id,
      permissions,
      platforms,
      accounts,
      actions,
      epoch: caller.epoch,
      expiresIn,
    };
    return this.#issue(signed, 'own key', caller.owner ?? '');
  }

  /** What a token permits is written down before anybody has it. */
  async #issue(wish: TokenWish, by: string, owner: string): Promise<TokenReply> {
    const { service, permissions, platforms, accounts, actions, expiresIn } = wish;
    // Of its own, so that a caller that is out of requests can still have a token.
    await this.budgets.spend(`${TOKENS_OF}${service}`, TOKENS_PER_MINUTE);
    await this.events.note({
      kind: 'token.issued',
      callerId: service,
      owner,
      subject: 'token',
      details: {
        by,
        permissions,
        platforms,
        accounts,
        actions,
        expires_in: expiresIn,
      },
    });
    return { token: this.tokens.sign(wish), expires_in: expiresIn };
  }
}
