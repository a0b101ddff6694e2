import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { ActionFailure } from '../actions/failures.js';
import type { Connecting, Grant, Platform, TokenIdentity } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { Accounts } from './accounts.js';
import type { AccountView } from './account-view.js';
import { BEGIN_AGAIN, ConnectFailure, describeAway } from './connect-failure.js';
import {
  type AnsweredQuestion,
  type ConsentAnswer,
  ConsentStates,
  STATE_SECONDS,
} from './consent-states.js';
import { endGrant } from './end-grant.js';

/** What a caller wants a person to be asked. */
export interface ConnectRequest {
  readonly platform: Platform;
  readonly caller: Caller;
  /** The account that is expected; undefined for whichever the person chooses. */
  readonly accountId: string | undefined;
  /** What the actions to be carried out need. */
  readonly scopes: readonly string[];
  /** The link by which the person came. */
  readonly linkId?: string | undefined;
}

/** Where to send a person, and for how long that address is good. */
export interface Consent {
  readonly authorizationUrl: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** An account that was connected just now. */
export interface Connected {
  readonly account: AccountView;
  /** It was connected before, and its history continues. */
  readonly isReconnected: boolean;
  /** Asked for, and not granted. */
  readonly refusedScopes: readonly string[];
}

const TOKEN_SERVER_TIMEOUT_MS = 10_000;

/** Connects accounts in the browser: a person is asked by the platform, the gateway gets the grant. */
@Injectable()
export class Connections {
  readonly #logger = new Logger(Connections.name);

  constructor(
    private readonly states: ConsentStates,
    private readonly accounts: Accounts,
    private readonly transport: Transport,
  ) {}

  /**
   * Makes the address at which the platform asks a person. What an account has granted already is
   * asked for again, since a new grant replaces the old one.
   * @throws ActionFailure UNSUPPORTED, ACCOUNT_NOT_CONNECTED if no account can be connected
   */
  async begin({ platform, caller, accountId, scopes, linkId }: ConnectRequest): Promise<Consent> {
    const connecting = requireConnecting(platform, accountId);
    const known =
      accountId === undefined ? undefined : await this.accounts.find(platform.name, accountId);
    // Scopes that are only claimed may be none of the platform's, which then refuses the whole question.
    const granted = known?.scopes_verified ? known.scopes : [];
    const wanted = [...new Set([...scopes, ...connecting.identityScopes, ...granted])].sort();
    const { usesPkce } = connecting;
    const question = { platform, caller, accountId, wanted, usesPkce, linkId };
    const opened = await this.states.open(question);
    return {
      authorizationUrl: connecting.buildConsentUrl({ ...opened, scopes: wanted }),
      expiresIn: STATE_SECONDS,
    };
  }

  /**
   * Takes a person's answer: exchanges the code, asks whose the grant is, stores it.
   * @param callerId the identity of the caller that brings the answer, where that is known
   * @throws ConnectFailure with nothing stored
   */
  async complete(platform: Platform, answer: ConsentAnswer, callerId?: string): Promise<Connected> {
    const connecting = requireConnecting(platform, undefined);
    const wish = await this.states.take(platform, answer, callerId);
    const grant = await this.#exchange(platform, connecting, wish);
    const identity = await this.#identify(platform, connecting, grant);
    await this.#requireExpected(platform, wish, identity, grant);
    // The platform took its time: a caller that was revoked meanwhile stores nothing either.
    this.states.requireLiving(platform, wish.caller, identity.accountId);
    const before = await this.accounts.find(platform.name, identity.accountId);
    const granted = chooseScopes(grant, identity, wish);
    const refusedScopes = wish.wanted.filter((scope) => !granted.includes(scope));
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
        callerId: wish.caller.identity,
        ...(wish.caller.owner !== undefined && { owner: wish.caller.owner, isTenant: true }),
        details: { refused_scopes: refusedScopes, reconnected: before !== undefined },
      },
    );
    this.#logger.log(
      `caller "${wish.caller.name}" connected ${platform.name} account ${account.account_id}`,
    );
    return {
      account,
      isReconnected: before !== undefined,
      refusedScopes,
    };
  }

  async #exchange(
    platform: Platform,
    connecting: Connecting,
    wish: AnsweredQuestion,
  ): Promise<Grant> {
    const delivery = await this.transport.deliver(
      connecting.buildExchange(wish),
      TOKEN_SERVER_TIMEOUT_MS,
    );
    if (delivery.kind !== 'answered') throw describeAway(platform, delivery.reason);
    const grant = platform.oauth?.readRefresh(delivery.answer) ?? 'unclear';
    if (grant === 'dead') {
      throw new ConnectFailure(
        'CODE_REFUSED',
        `${platform.title} does not take its own code back: it was used, is too old, or was given for another address than ${wish.redirectUri}`,
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
    if (typeof identity !== 'string') return identity;
    if (identity === 'no account') {
      throw new ConnectFailure(
        'ACCOUNT_MISSING',
        `The person has no account of ${platform.title} that the gateway could act as; nothing was stored`,
        `Create one at ${platform.title}, such as a channel. ${BEGIN_AGAIN}`,
      );
    }
    // Left as it is: its owner is unknown, and revoking it might end a grant that is in use.
    throw describeAway(platform, 'it did not say whose account this is');
  }

  /** @throws ConnectFailure for an account that is not the one expected, or not the caller's to touch */
  async #requireExpected(
    platform: Platform,
    wish: AnsweredQuestion,
    identity: TokenIdentity,
    grant: Grant,
  ): Promise<void> {
    const { accountId, login } = identity;
    const who = `${platform.title} account ${accountId}${login ? ` (${login})` : ''}`;
    if (wish.accountId !== null && wish.accountId !== accountId) {
      await this.#giveBack(platform, accountId, grant);
      throw new ConnectFailure(
        'ACCOUNT_DIFFERS',
        `You are ${who}, and account ${wish.accountId} was to be connected`,
        `Sign out at ${platform.title}, then ask for a new address and sign in as the right account.`,
      );
    }
    const known = await this.accounts.find(platform.name, accountId);
    const account = { platform: platform.name, accountId, owner: known?.owner };
    if (!wish.caller.reachesAccount(account)) {
      await this.#giveBack(platform, accountId, grant);
      throw new ConnectFailure(
        'ACCOUNT_OUT_OF_REACH',
        `Caller "${wish.caller.name}" may not connect ${who}`,
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
}

/** @throws ActionFailure where accounts cannot be connected in the browser, or not yet */
export function requireConnecting(platform: Platform, accountId: string | undefined): Connecting {
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

/** A token answer that lists no scopes grants what was asked for, as RFC 6749 section 5.1 has it. */
function chooseScopes(
  grant: Grant,
  identity: TokenIdentity,
  wish: AnsweredQuestion,
): readonly string[] {
  if (grant.scopes !== undefined) return grant.scopes;
  return identity.scopes.length > 0 ? identity.scopes : wish.wanted;
}
