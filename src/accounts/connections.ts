import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../actions/caller.js';
import { ActionFailure } from '../actions/failures.js';
import type { Connecting, Grant, Platform, TokenIdentity } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { CONFIG, type Config, readPublicUrl } from '../config/config.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import { Accounts, type AccountView } from './accounts.js';
import { ConnectFailure } from './connect-failure.js';
import { endGrant } from './end-grant.js';

/** What a caller wants a person to be asked. */
export interface ConnectWish {
  readonly platform: Platform;
  readonly caller: Pick<Caller, 'id' | 'accounts'>;
  /** The account that is expected; undefined for whichever the person chooses. */
  readonly accountId: string | undefined;
  /** What the actions to be carried out need. */
  readonly scopes: readonly string[];
}

/** Where to send a person, and for how long that address is good. */
export interface Consent {
  readonly authorizationUrl: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What the platform sent a person back with. */
export interface ConsentAnswer {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
}

/** An account that was connected just now. */
export interface Connected {
  readonly account: AccountView;
  /** It was connected before, and its history goes on. */
  readonly isReconnected: boolean;
  /** Asked for, and not granted. */
  readonly refusedScopes: readonly string[];
}

interface StateRow {
  readonly state_hash: string;
  readonly platform: string;
  readonly caller_id: string;
  readonly caller_accounts: string[] | null;
  readonly account_id: string | null;
  readonly scopes: string[];
  readonly redirect_uri: string;
  readonly code_verifier: string | null;
  readonly is_used: boolean;
  readonly is_expired: boolean;
}

const STATE_SECONDS = 600;
/** Kept a while past its end, so that whoever comes late is told what happened. */
const REMEMBERED_SECONDS = 86_400;
const TOKEN_SERVER_TIMEOUT_MS = 10_000;
const BEGIN_AGAIN = 'Ask for a new address to connect the account with, and open that one.';

/** Connects accounts in the browser: a person is asked by the platform, the gateway gets the grant. */
@Injectable()
export class Connections {
  readonly #logger = new Logger(Connections.name);

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly accounts: Accounts,
    private readonly transport: Transport,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Makes the address at which the platform asks a person. What an account has granted already is
   * asked for again, since a new grant replaces the old one.
   * @throws ActionFailure UNSUPPORTED, ACCOUNT_NOT_CONNECTED where nobody can be connected
   */
  async begin({ platform, caller, accountId, scopes }: ConnectWish): Promise<Consent> {
    const connecting = requireConnecting(platform, accountId);
    const known =
      accountId === undefined ? undefined : await this.accounts.find(platform.name, accountId);
    const wanted = [
      ...new Set([...scopes, ...connecting.identityScopes, ...(known?.scopes ?? [])]),
    ].sort();
    const state = randomBytes(32).toString('base64url');
    const hash = hashState(state);
    const verifier = connecting.usesPkce ? randomBytes(32).toString('base64url') : undefined;
    const redirectUri = `${readPublicUrl(this.config)}/oauth/${platform.name}/callback`;
    await this.database.change(
      `INSERT INTO oauth_states (state_hash, platform, caller_id, caller_accounts, account_id, scopes,
         redirect_uri, code_verifier, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
      [
        hash,
        platform.name,
        caller.id,
        caller.accounts ? [...caller.accounts] : null,
        accountId ?? null,
        wanted,
        redirectUri,
        verifier === undefined ? null : this.vault.encrypt(verifier, placeOfVerifier(hash)),
        STATE_SECONDS,
      ],
    );
    await this.#sweep();
    return {
      authorizationUrl: connecting.buildConsentUrl({
        state,
        redirectUri,
        scopes: wanted,
        ...(verifier !== undefined && { codeChallenge: hashVerifier(verifier) }),
      }),
      expiresIn: STATE_SECONDS,
    };
  }

  /**
   * Takes a person's answer: exchanges the code, asks whose the grant is, stores it.
   * @param callerId who brings the answer, where that is known: nobody finishes what another began
   * @throws ConnectFailure with nothing stored
   */
  async complete(platform: Platform, answer: ConsentAnswer, callerId?: string): Promise<Connected> {
    const connecting = requireConnecting(platform, undefined);
    const wish = await this.#takeState(platform, answer.state, callerId);
    requireConsent(platform, answer);
    if (!answer.code) {
      throw new ConnectFailure('CODE_MISSING', `${platform.title} sent no code along`, BEGIN_AGAIN);
    }
    const grant = await this.#exchange(platform, connecting, wish, answer.code);
    const identity = await this.#identify(platform, connecting, grant);
    await this.#requireExpected(platform, wish, identity, grant);
    const before = await this.accounts.find(platform.name, identity.accountId);
    const granted = chooseScopes(grant, identity, wish);
    const refusedScopes = wish.scopes.filter((scope) => !granted.includes(scope));
    const account = await this.accounts.save(
      platform,
      identity.accountId,
      {
        accessToken: grant.accessToken,
        refreshToken: grant.refreshToken,
        expiresIn: grant.expiresIn ?? identity.expiresIn,
        scopes: granted,
        login: identity.login,
        isProven: true,
        keepsRefreshToken: true,
      },
      {
        kind: 'account.connected',
        callerId: wish.caller_id,
        details: { refused_scopes: refusedScopes, reconnected: before !== undefined },
      },
    );
    this.#logger.log(
      `caller "${wish.caller_id}" connected ${platform.name} account ${account.account_id}`,
    );
    return {
      account,
      isReconnected: before !== undefined,
      refusedScopes,
    };
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

  async #exchange(
    platform: Platform,
    connecting: Connecting,
    wish: StateRow,
    code: string,
  ): Promise<Grant> {
    const request = connecting.buildExchange({
      code,
      redirectUri: wish.redirect_uri,
      ...(wish.code_verifier !== null && {
        codeVerifier: this.vault.decrypt(wish.code_verifier, placeOfVerifier(wish.state_hash)),
      }),
    });
    const delivery = await this.transport.deliver(request, TOKEN_SERVER_TIMEOUT_MS);
    if (delivery.kind !== 'answered') throw describeAway(platform, delivery.reason);
    const grant = platform.oauth?.readRefresh(delivery.answer) ?? 'unclear';
    if (grant === 'dead') {
      throw new ConnectFailure(
        'CODE_REFUSED',
        `${platform.title} does not take its own code back: it was used, is too old, or was given for another address than ${wish.redirect_uri}`,
        BEGIN_AGAIN,
      );
    }
    if (grant === 'unclear')
      throw describeAway(platform, `it answered ${delivery.answer.status} to the code`);
    return grant;
  }

  async #identify(
    platform: Platform,
    connecting: Connecting,
    grant: Grant,
  ): Promise<TokenIdentity> {
    const delivery = await this.transport.deliver(
      connecting.buildIdentification(grant.accessToken),
      TOKEN_SERVER_TIMEOUT_MS,
    );
    const identity =
      delivery.kind === 'answered' ? connecting.readIdentification(delivery.answer) : 'unclear';
    if (identity !== 'unclear') return identity;
    // Left as it is: whose it is nobody knows, and ending it might end what somebody else uses.
    throw describeAway(platform, 'it did not say whose account this is');
  }

  /** @throws ConnectFailure for an account that is not the one expected, or not the caller's to touch */
  async #requireExpected(
    platform: Platform,
    wish: StateRow,
    identity: TokenIdentity,
    grant: Grant,
  ): Promise<void> {
    const { accountId, login } = identity;
    const who = `${platform.title} account ${accountId}${login ? ` (${login})` : ''}`;
    if (wish.account_id !== null && wish.account_id !== accountId) {
      await this.#giveBack(platform, accountId, grant);
      throw new ConnectFailure(
        'ACCOUNT_DIFFERS',
        `You are ${who}, and account ${wish.account_id} was to be connected`,
        `Sign out at ${platform.title}, then ask for a new address and sign in as the right account.`,
      );
    }
    if (wish.caller_accounts !== null && !wish.caller_accounts.includes(accountId)) {
      await this.#giveBack(platform, accountId, grant);
      throw new ConnectFailure(
        'ACCOUNT_OUT_OF_REACH',
        `Caller "${wish.caller_id}" may not connect ${who}`,
        'Have the account connected by a caller whose token reaches it.',
      );
    }
  }

  /** Ends a grant that is of no use to us, unless that would end the one the account is used with. */
  async #giveBack(platform: Platform, accountId: string, grant: Grant): Promise<void> {
    if (await this.accounts.find(platform.name, accountId)) return;
    const ended = await endGrant(this.transport, platform, grant);
    if (ended === 'unclear') {
      this.#logger.warn(
        `a grant of ${platform.name} account ${accountId} was not wanted, and could not be ended`,
      );
    }
  }

  #sweep(): Promise<number> {
    return this.database.change(
      'DELETE FROM oauth_states WHERE expires_at < now() - make_interval(secs => $1)',
      [REMEMBERED_SECONDS],
    );
  }
}

/** @throws ActionFailure where accounts cannot be connected in the browser, or not yet */
function requireConnecting(platform: Platform, accountId: string | undefined): Connecting {
  const connecting = platform.oauth?.connecting;
  if (!connecting) {
    throw new ActionFailure(
      'UNSUPPORTED',
      `${platform.title} accounts are not connected in the browser: store their tokens with PUT /api/v1/accounts/${platform.name}/<account id>`,
    );
  }
  const own = platform.ownCredential?.(accountId ?? '');
  if (own !== undefined && 'missing' in own) {
    throw new ActionFailure(
      'ACCOUNT_NOT_CONNECTED',
      `${platform.title} accounts cannot be connected yet: set ${own.missing.join(' and ')} and start the gateway again`,
    );
  }
  return connecting;
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
  // Whoever sends the person here chooses this text, so only a name in the standard's form is shown.
  const name = /^[a-z_]{1,64}$/.test(error) ? `: ${error}` : '';
  throw new ConnectFailure(
    'CONSENT_FAILED',
    `${title} did not ask for your consent${name}`,
    `${BEGIN_AGAIN} If it happens again, the application's settings at ${title} need a look.`,
  );
}

function describeAway({ title }: Platform, reason: string): ConnectFailure {
  return new ConnectFailure(
    'PLATFORM_DOWN',
    `${title} could not be asked, and nothing was stored: ${reason}`,
    `Try again in a while. ${BEGIN_AGAIN}`,
  );
}

/** A token answer that lists no scopes grants what was asked for, as RFC 6749 section 5.1 has it. */
function chooseScopes(grant: Grant, identity: TokenIdentity, wish: StateRow): readonly string[] {
  if (grant.scopes !== undefined) return grant.scopes;
  return identity.scopes.length > 0 ? identity.scopes : wish.scopes;
}

/** The database keeps no state that could be used: whoever reads it learns nothing. */
function hashState(state: string): string {
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
