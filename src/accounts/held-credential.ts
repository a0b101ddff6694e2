import type { Credential } from '../actions/platform.js';
import type { CredentialName } from './credential-service.js';

/** A credential that is to be resolved. */
export interface CredentialReference extends CredentialName {
  /** The account that it must be of; undefined for whichever it is. */
  readonly accountId?: string;
  /** The caller's own, passed on to the service. */
  readonly correlationId?: string | undefined;
}

/** A credential together with what is needed to renew it exactly once. */
export interface HeldCredential extends Credential {
  readonly version: number;
  readonly renewable: boolean;
  /** Unix milliseconds; undefined when the platform never said. */
  readonly expiresAt: number | undefined;
  /** Set if an outside service holds it; its version then identifies the token, and does not grow. */
  readonly reference?: CredentialReference;
  /** Of the gateway's own application, and of no account. */
  readonly isOfApp?: true;
  /** The platform has not said what it may do: it is tried, and the platform decides. */
  readonly hasUnknownScopes?: boolean;
  /** The version of the account's row that the platform has not accepted yet; left out once it has. */
  readonly unverifiedVersion?: number;
}
