import { Injectable, Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { describeEvent, GATEWAY, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { type AcceptedToken, examineToken, readVerifiedScopes } from './identify-token.js';
import { Tokens } from './tokens.js';
import type { HeldCredential } from './held-credential.js';

/** What a platform said of an account's credential: 'unknown' when it could not be asked. */
export const VERDICTS = ['accepted', 'refused', 'unknown'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How long an account waits before the platform is asked about it again, in seconds. */
const ASK_AGAIN_SECONDS = 300;

/** Asks platforms whether they accept the credentials of accounts, and keeps what they say. */
@Injectable()
export class Verification {
  readonly #logger = new Logger(Verification.name);

  constructor(
    private readonly database: Database,
    private readonly tokens: Tokens,
    private readonly transport: Transport,
  ) {}

  /**
   * Asks the platform now. An accepted credential makes the account `connected` with the scopes that the
   * platform names; an access token that is over is renewed; a refused one makes the account `reconnect`.
   * @param options `mayRenew: false` leaves a token that is over as it is
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED for an account that is not stored
   */
  async ask(
    platform: Platform,
    accountId: string,
    { mayRenew = true }: { readonly mayRenew?: boolean } = {},
  ): Promise<Verdict> {
    try {
      const credential = await this.tokens.read(platform, accountId);
      const verdict = await this.#askAbout(platform, credential);
      if (verdict !== 'refused' || !credential.renewable || !mayRenew) return verdict;
      // Expired, but its grant may be alive: a renewal shows that, and marks a dead grant.
      const renewed = await this.tokens.refresh(platform, credential);
      const final = await this.#askAbout(platform, renewed);
      if (final === 'refused')
        await this.#markRefused(platform, renewed, 'a renewed token is not accepted either');
      return final;
    } catch (error) {
      if (!(error instanceof ActionFailure) || error.code === 'ACCOUNT_NOT_CONNECTED') throw error;
      return error.code === 'RECONNECT_ACCOUNT' ? 'refused' : 'unknown';
    }
  }

  /** Asks about a number of accounts whose credentials or scopes no platform has confirmed yet. */
  async askDue(platforms: readonly Platform[], isOver: () => boolean): Promise<void> {
    const names = platforms.map(({ name }) => name);
    while (!isOver()) {
      const [due] = await this.database.query<{ platform: string; account_id: string }>(
        `UPDATE accounts SET verify_at = now() + make_interval(secs => $2)
         WHERE (platform, account_id) IN (
           SELECT platform, account_id FROM accounts
           WHERE platform = ANY($1) AND credential_ref IS NULL AND reconnect_reason IS NULL
             AND (unverified_version = version OR scopes_claimed)
             AND (verify_at IS NULL OR verify_at <= now())
           ORDER BY verify_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED
         ) RETURNING platform, account_id`,
        [names, ASK_AGAIN_SECONDS],
      );
      const platform = platforms.find(({ name }) => name === due?.platform);
      if (!due || !platform) return;
      const verdict = await this.ask(platform, due.account_id);
      this.#logger.log(`${due.platform} account ${due.account_id} was asked about: ${verdict}`);
    }
  }

  /** Notes that an action succeeded with a credential that was unverified. Never throws. */
  async noteSuccess(
    { name }: Platform,
    { accountId, unverifiedVersion }: Pick<HeldCredential, 'accountId' | 'unverifiedVersion'>,
  ): Promise<void> {
    if (unverifiedVersion === undefined) return;
    try {
      await this.database.change(
        `UPDATE accounts SET unverified_version = NULL
         WHERE platform = $1 AND account_id = $2 AND version = $3 AND unverified_version = $3`,
        [name, accountId, unverifiedVersion],
      );
    } catch (error) {
      this.#logger.warn(
        `that ${name} account ${accountId} works was not noted: ${(error as Error).message}`,
      );
    }
  }

  /** Asks about an account whose unverified credential the platform has just refused. Never throws. */
  async noteRefusal(platform: Platform, accountId: string): Promise<void> {
    try {
      await this.ask(platform, accountId);
    } catch (error) {
      this.#logger.warn(
        `${platform.name} account ${accountId} was not asked about: ${(error as Error).message}`,
      );
    }
  }

  async #askAbout(platform: Platform, credential: HeldCredential): Promise<Verdict> {
    const said = await examineToken(this.transport, platform, credential.accessToken);
    if (said === 'unclear') return 'unknown';
    if (said === 'invalid') {
      if (!credential.renewable)
        await this.#markRefused(
          platform,
          credential,
          'it does not accept the token, and no refresh token came with it',
        );
      return 'refused';
    }
    if (said === 'no account') {
      const why = `its token belongs to no account of ${platform.title}`;
      await this.#markRefused(platform, credential, why);
      return 'refused';
    }
    if (said.accountId !== undefined && said.accountId !== credential.accountId) {
      const whose = `it belongs to ${platform.title} account ${said.accountId} (${said.login})`;
      await this.#markRefused(platform, credential, whose);
      throw new ActionFailure('RECONNECT_ACCOUNT', whose);
    }
    await this.#noteAccepted(platform, credential, said);
    return 'accepted';
  }

  async #noteAccepted(
    platform: Platform,
    credential: HeldCredential,
    said: AcceptedToken,
  ): Promise<void> {
    const { accountId, accessToken } = credential;
    const scopes = await readVerifiedScopes(this.transport, platform, accessToken, said);
    await this.database.change(
      `UPDATE accounts SET unverified_version = NULL, validated_at = now(),
         login = CASE WHEN $4 = '' THEN login ELSE $4 END,
         scopes = COALESCE($5, scopes), scopes_claimed = scopes_claimed AND $5 IS NULL
       WHERE platform = $1 AND account_id = $2 AND version = $3`,
      [platform.name, accountId, findRowVersion(credential), said.login, scopes ?? null],
    );
  }

  /** Only while no newer token was stored. The first replica that sees the refusal marks it. */
  async #markRefused(platform: Platform, credential: HeldCredential, why: string): Promise<void> {
    const { accountId, reference } = credential;
    // What an outside service holds is replaced there, without a change of our row.
    if (reference) return this.tokens.noteRefusal(platform, credential);
    const reason = `${platform.title} refused the credential: ${why}`;
    const marked = await this.database.query<object>(
      `WITH marked AS (
         UPDATE accounts SET reconnect_reason = $4, updated_at = now()
         WHERE platform = $1 AND account_id = $2 AND version = $3 AND reconnect_reason IS NULL
         RETURNING account_id
       ), noted AS (${noteEvent('marked', '$5')})
       SELECT account_id FROM marked`,
      [
        platform.name,
        accountId,
        credential.version,
        reason,
        describeEvent({
          kind: 'account.reconnect_needed',
          callerId: GATEWAY,
          platform: platform.name,
          accountId,
          reason,
        }),
      ],
    );
    this.tokens.forget(platform, accountId);
    if (marked.length > 0)
      this.#logger.warn(`${platform.name} account ${accountId} must be connected again: ${reason}`);
  }
}

/** The version of the account's row; of a reference it is known only while it is unverified. */
function findRowVersion({ reference, version, unverifiedVersion }: HeldCredential): number {
  return reference ? (unverifiedVersion ?? 0) : version;
}
