import { Injectable } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import { TokenValidation } from '../accounts/validation.js';
import { Verification } from '../accounts/verification.js';
import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import type { Admitted } from './admission.js';
import type { Run } from './run.js';

/** The credentials that actions use, and what their use tells about them. */
@Injectable()
export class AccountUse {
  constructor(
    private readonly accounts: Accounts,
    private readonly validation: TokenValidation,
    private readonly verification: Verification,
  ) {}

  /**
   * The credential of the account that acts. Most are in memory, and then no promise is made.
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT
   */
  use(run: Run, admitted: Admitted): HeldCredential | Promise<HeldCredential> {
    if (admitted.found.action.actsAs === 'app') return this.#useApp(run, admitted);
    const holder = findHolder(admitted);
    const { credential } = admitted;
    const held =
      credential?.accountId === holder
        ? credential
        : run.trace.step('accounts', () => this.#find(run, admitted, holder));
    return isOfApp(admitted) ? this.#speakFor(run, admitted, held) : held;
  }

  /**
   * The gateway's own credential in the name of an account. The account must be there for the caller, and its
   * scopes count: the platform asks for the person's consent to what the application does.
   */
  async #speakFor(
    run: Run,
    admitted: Admitted,
    holder: HeldCredential | Promise<HeldCredential>,
  ): Promise<HeldCredential> {
    const { scopes, hasUnknownScopes = false } = await holder;
    return { ...(await this.#useApp(run, admitted)), scopes, hasUnknownScopes };
  }

  #useApp(
    { deadline, trace }: Run,
    { envelope, found: { platform }, isForLater }: Admitted,
  ): HeldCredential | Promise<HeldCredential> {
    // Neither a dry run nor a place in the queue takes a token.
    const mayAsk = !envelope.dry_run && !isForLater;
    const credential = this.accounts.useApp(platform, mayAsk);
    if (!(credential instanceof Promise)) return credential;
    return trace.step('accounts', () => deadline.race(credential));
  }

  #find(
    { call: { caller, traceId }, deadline }: Run,
    { envelope, found: { platform }, isForLater }: Admitted,
    holder: string,
  ): HeldCredential | Promise<HeldCredential> {
    deadline.throwIfOver();
    const renews = !envelope.dry_run && !isForLater;
    const atHand = this.accounts.useAtHand(platform, holder, renews, caller.owner);
    if (atHand) return atHand;
    const correlationId = envelope.request_id ?? traceId;
    return deadline.race(this.accounts.use(platform, holder, renews, caller.owner, correlationId));
  }

  /** The account is about to be used at its platform. */
  noteUse(admitted: Admitted): void {
    if (isOfApp(admitted)) return;
    this.validation.noteUse(admitted.found.platform, findHolder(admitted));
  }

  /** The platform accepted an action with the credential. */
  noteSuccess(platform: Platform, credential: HeldCredential): void {
    if (credential.unverifiedVersion !== undefined)
      void this.verification.noteSuccess(platform, credential);
  }

  /** An action with the credential failed. */
  noteFailure(admitted: Admitted, credential: HeldCredential, error: unknown): void {
    if (credential.unverifiedVersion === undefined) return;
    if (error instanceof ActionFailure && error.code === 'RECONNECT_ACCOUNT')
      void this.verification.noteRefusal(admitted.found.platform, findHolder(admitted));
  }
}

/** Whether the gateway acts as itself. */
function isOfApp({ found: { action }, input }: Admitted): boolean {
  return action.actsAsApp(input);
}

/** The id of the account whose credential an action uses. */
function findHolder({ found: { action }, context }: Admitted): string {
  return action.actsAs === 'actor' ? context.actor.id : context.account.id;
}

/** @throws ActionFailure MISSING_SCOPE naming the scopes that the credential lacks */
export function requireScopes(admitted: Admitted, missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new ActionFailure(
    'MISSING_SCOPE',
    `${admitted.found.platform.title} account ${findHolder(admitted)} is connected without ${missing.join(', ')}; connect it again with ${missing.length > 1 ? 'these scopes' : 'this scope'}`,
  );
}
