import type { NamedCredential } from '../accounts/credential-references.js';

/** A credential by its name, without secrets, in the words of its callers. */
export interface CredentialReply {
  readonly credential_ref: string;
  readonly customer_id: string;
  readonly platform: string;
  /** Null where its owner gave none. */
  readonly posting_identity: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export function showCredential(named: NamedCredential): CredentialReply {
  return {
    credential_ref: named.ref,
    customer_id: named.customer,
    platform: named.platform,
    posting_identity: named.postingIdentity,
    created_at: named.createdAt.toISOString(),
    updated_at: named.updatedAt.toISOString(),
  };
}
