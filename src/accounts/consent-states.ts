import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Caller, type StoredCaller } from '../callers/caller.js';
import { Callers } from '../callers/callers.js';
import type { Platform } from '../actions/platform.js';
import { CONFIG, type Config, readRedirectUri } from '../config/config.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import { BEGIN_AGAIN, ConnectFailure } from './connect-failure.js';

/** What a person is to be asked, on whose behalf. */
export interface Question {
  readonly platform: Platform;
  readonly caller: Caller;
  /** The account that is expected; undefined for whichever the person chooses. */
  readonly accountId: string | undefined;
  /** What is asked for: scopes, or the permissions of a bot. */
  readonly wanted: readonly string[];
  readonly usesPkce: boolean;
  /** The link by which the person came. */
  readonly linkId?: string | undefined;
}

/** What binds the answer to the question. */
export interface OpenState {
  readonly state: string;
  readonly redirectUri: string;
  readonly codeChallenge?: string;
}

/** What the platform sent a person back with. */
export interface ConsentAnswer {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
}

/** A question that was answered with a code, which can be used once. */
export interface AnsweredQuestion {
  readonly code: string;
  /** Who asked the question, within its bounds of now. */
  readonly caller: Caller;
  readonly accountId: string | null;
  readonly wanted: readonly string[];
  readonly redirectUri: string;
  readonly codeVerifier?: string;
}

interface StateRow {
  readonly state_hash: string;
  readonly platform: string;
  readonly caller_id: string;
  readonly caller_accounts: string[] | null;
  readonly caller_owner: string | null;
  /** Null for a question that a release before 0.2 asked. */
  readonly caller: StoredCaller | null;
  readonly account_id: string | null;
  readonly scopes: string[];
  readonly redirect_uri: string;
  readonly code_verifier: string | null;
  readonly is_used: boolean;
  readonly is_expired: boolean;
}

/** How long an answer is good. */
export const STATE_SECONDS = 600;
/** Kept a while after its end, so that a late person is told what happened. */
const REMEMBERED_SECONDS = 86_400;

/** The questions that people are sent to a platform with; each may be answered once. */
@Injectable()
export class ConsentStates {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    @Inject(Callers)
    private readonly callers: Pick<Callers, 'renew' | 'findById' | 'holdsName'>,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async open({
    platform,
    caller,
    accountId,
    wanted,
    usesPkce,
    linkId,
  }: Question): Promise<OpenState> {
    const state = randomBytes(32).toString('base64url');
    const hash = hashState(state);
    const verifier = usesPkce ? randomBytes(32).toString('base64url') : undefined;
    const redirectUri = readRedirectUri(this.config, platform.name);
    await this.database.change(
      `INSERT INTO oauth_states (state_hash, platform, caller_id, caller_accounts, account_id, scopes,
         redirect_uri, code_verifier, expires_at, caller_owner, caller, link_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10, $11, $12)`,
      [
        hash,
        platform.name,
        caller.identity,
        caller.accounts ? [...caller.accounts] : null,
        accountId ?? null,
        wanted,
        redirectUri,
        verifier === undefined ? null : this.vault.encrypt(verifier, placeOfVerifier(hash)),
        STATE_SECONDS,
        caller.owner ?? null,
        JSON.stringify(caller.toJson()),
        linkId ?? null,
      ],
    );
    await this.#sweep();
    return {
      state,
      redirectUri,
      ...(verifier !== undefined && { codeChallenge: hashVerifier(verifier) }),
    };
  }

  /**
   * Takes an answer, also one that says no; it cannot be used again.
   * @param callerId the identity of the caller that brings it, where that is known: it must be the one that asked
   * @throws ConnectFailure for an answer to no question of ours, for a no, and where the caller that
   *   asked was revoked, has ended, or may not connect accounts any more
   */
  async take(
    platform: Platform,
    answer: ConsentAnswer,
    callerId: string | undefined,
  ): Promise<AnsweredQuestion> {
    const row = await this.#takeState(platform, answer.state, callerId);
    const caller = this.#readCaller(platform, row);
    requireConsent(platform, answer);
    if (!answer.code) {
      throw new ConnectFailure('CODE_MISSING', `${platform.title} sent no code along`, BEGIN_AGAIN);
    }
    return {
      code: answer.code,
      caller,
      accountId: row.account_id,
      wanted: row.scopes,
      redirectUri: row.redirect_uri,
      ...(row.code_verifier !== null && {
        codeVerifier: this.vault.decrypt(row.code_verifier, placeOfVerifier(row.state_hash)),
      }),
    };
  }

  /** The caller that asked, as it is now. @throws ConnectFailure CALLER_GONE, ACCOUNT_OUT_OF_REACH */
  #readCaller(platform: Platform, row: StateRow): Caller {
    const asked = row.caller ? Caller.fromJson(row.caller) : this.#recallFormer(row);
    return this.requireLiving(platform, asked, row.account_id ?? undefined);
  }

  /**
   * The caller of a question within its bounds of now.
   * @param accountId the account that is connected, as far as it is known
   * @throws ConnectFailure CALLER_GONE, ACCOUNT_OUT_OF_REACH
   */
  requireLiving(
    platform: Platform,
    asked: Caller | undefined,
    accountId: string | undefined,
  ): Caller {
    const caller = asked && this.callers.renew(asked, (names) => names);
    if (!caller?.permissions.has('manage_accounts'))
      throw new ConnectFailure(
        'CALLER_GONE',
        `The caller that asked was revoked, has ended, or may not connect accounts any more; nothing was stored`,
        'Ask for a new address from a caller that may connect accounts, and open that one.',
      );
    if (caller.reachesAccount({ platform: platform.name, accountId })) return caller;
    throw new ConnectFailure(
      'ACCOUNT_OUT_OF_REACH',
      `Caller "${caller.name}" may not connect ${platform.title} accounts${accountId ? ` such as ${accountId}` : ''} any more`,
      'Have the account connected by a caller whose token reaches it.',
    );
  }

  /** The caller of a question that a release before 0.2 asked, whose id was its name. */
  #recallFormer({ caller_id, caller_accounts, caller_owner }: StateRow): Caller | undefined {
    const accounts = caller_accounts ? new Set(caller_accounts) : undefined;
    const owner = caller_owner ?? undefined;
    if (this.callers.holdsName(caller_id, owner ?? ''))
      return this.callers.findById(caller_id)?.narrow({ accounts });
    const permissions = new Set(['manage_accounts']);
    return new Caller({ kind: 'service', id: caller_id, permissions, accounts, owner });
  }

  /** One statement takes a state: of two that come at once, one finds it. */
  async #takeState(
    platform: Platform,
    state: string | undefined,
    callerId: string | undefined,
  ): Promise<StateRow> {
    if (!state) {
      throw new ConnectFailure(
        'STATE_MISSING',
        'This address was not opened by way of a platform: it carries no state',
        BEGIN_AGAIN,
      );
    }
    const hash = hashState(state);
    const [taken] = await this.database.query<StateRow>(
      `UPDATE oauth_states SET used_at = now()
       WHERE state_hash = $1 AND platform = $2 AND used_at IS NULL AND expires_at > now()
         AND ($3::text IS NULL OR caller_id = $3)
       RETURNING *`,
      [hash, platform.name, callerId ?? null],
    );
    return taken ?? this.#explainState(platform, hash);
  }

  async #explainState(platform: Platform, hash: string): Promise<never> {
    const [row] = await this.database.query<StateRow>(
      `SELECT *, used_at IS NOT NULL AS is_used, expires_at <= now() AS is_expired
       FROM oauth_states WHERE state_hash = $1`,
      [hash],
    );
    if (!row) {
      throw new ConnectFailure(
        'STATE_UNKNOWN',
        'This gateway did not ask the question that this is the answer to, or has forgotten it',
        BEGIN_AGAIN,
      );
    }
    if (row.platform !== platform.name) {
      throw new ConnectFailure(
        'STATE_OF_ANOTHER_PLATFORM',
        `The question was asked for another platform, and not for ${platform.title}`,
        BEGIN_AGAIN,
      );
    }
    if (row.is_used) {
      throw new ConnectFailure(
        'STATE_USED',
        'This answer was taken already: an address to connect an account is good once',
        `Look whether the account is connected. If it is not: ${BEGIN_AGAIN}`,
      );
    }
    if (row.is_expired) {
      throw new ConnectFailure(
        'STATE_EXPIRED',
        `This took too long: an answer is good for ${STATE_SECONDS / 60} minutes`,
        BEGIN_AGAIN,
      );
    }
    throw new ConnectFailure(
      'STATE_OF_ANOTHER_CALLER',
      'Another caller asked the question that this is the answer to',
      'Open the address without credentials, or with those of the caller who began.',
    );
  }

  #sweep(): Promise<number> {
    return this.database.change(
      'DELETE FROM oauth_states WHERE expires_at < now() - make_interval(secs => $1)',
      [REMEMBERED_SECONDS],
    );
  }
}

/** @throws ConnectFailure when the platform says that there will be no code */
function requireConsent({ title }: Platform, { error }: ConsentAnswer): void {
  if (error === undefined) return;
  if (error === 'access_denied') {
    throw new ConnectFailure(
      'ACCESS_DENIED',
      `You said no at ${title}; the account is not connected`,
      `If you did not mean to: ${BEGIN_AGAIN}`,
    );
  }
  // The sender of the link chooses this text, so only a name in the standard's form is shown.
  const name = /^[a-z_]{1,64}$/.test(error) ? `: ${error}` : '';
  throw new ConnectFailure(
    'CONSENT_FAILED',
    `${title} did not ask for your consent${name}`,
    `${BEGIN_AGAIN} If it happens again, the application's settings at ${title} need a look.`,
  );
}

/** The database keeps hashes only: a reader of the table cannot use a state. */
export function hashState(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}

/** @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2 */
function hashVerifier(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** Where a verifier lives; the vault binds it to this place. */
export function placeOfVerifier(stateHash: string): string {
  return `oauth_states/${stateHash}/code_verifier`;
}
