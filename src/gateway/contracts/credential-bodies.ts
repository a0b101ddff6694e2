import { Integer, Text, Token, Values } from '../../actions/fields.js';

const TOKEN = { min: 1, max: 4_096, private: true };
const NAME = { min: 1, max: 255 };
const OPTIONAL_NAME = { ...NAME, optional: true };

/** Body of resolving a credential, as its callers have always sent it. */
export class ResolveCredential {
  @Text('Whose credential it is: the owner of its account', NAME)
  customer_id!: string;

  @Text('Its name', { ...NAME, example: 'CRED-d2hvIHJlYWRz' })
  credential_ref!: string;
}

/** Body of handing over an access token that was renewed. */
export class UpdateToken extends ResolveCredential {
  @Token('The access token in place of the one before; the refresh token stays', TOKEN)
  new_access_token!: string;
}

/** Body of storing a credential as the customer itself. */
export class PutCredential {
  @Text('Its name; left out, that of the account, or a new one', OPTIONAL_NAME)
  credential_ref?: string;

  @Text('The platform', { min: 1, max: 32, example: 'youtube' })
  platform!: string;

  @Text('What the account is called, for people; the platform says which one it is', OPTIONAL_NAME)
  posting_identity?: string;

  @Token("The account's access token", TOKEN)
  access_token!: string;

  @Token('Its refresh token', { ...TOKEN, optional: true })
  refresh_token?: string;
}

/** Body of storing a credential for a customer. */
export class UpsertCredential extends PutCredential {
  @Text('Whose it becomes', NAME)
  customer_id!: string;

  @Values('Whatever else is worth keeping; never a secret', { default: {} })
  metadata!: Record<string, unknown>;
}

/** Which credentials are listed. */
export class CredentialsQuery {
  @Text('Of this platform alone', { optional: true, max: 32, example: 'youtube' })
  platform?: string;

  @Integer('The latest so many', { min: 1, max: 500, default: 50 })
  limit!: number;
}
