/** A credential by name, in the hands of one customer. */
export interface CredentialName {
  readonly customer: string;
  readonly ref: string;
}

/** What a service holds under a name. */
export interface ServedCredential {
  /** Lower case, as in envelopes. */
  readonly platform: string;
  /** How its holder calls the account, for people; no id. */
  readonly postingIdentity: string | undefined;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** An outside service that holds credentials. Nothing of an action is sent while it is asked. */
export abstract class CredentialService {
  /** Whether there is one to ask. */
  abstract readonly isThere: boolean;

  /**
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED for what it does not know, INTERNAL when it does not
   *   know us, PLATFORM_DOWN for everything else
   */
  abstract resolve(name: CredentialName, correlationId?: string): Promise<ServedCredential>;

  /**
   * Tells it of a renewal.
   * @param changed its access token, and its refresh token where that is another one now
   * @throws ActionFailure as `resolve`
   */
  abstract update(
    name: CredentialName,
    changed: ServedCredential,
    correlationId?: string,
  ): Promise<void>;
}
