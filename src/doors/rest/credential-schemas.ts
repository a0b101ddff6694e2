import { Integer, Text, Token, Values } from '../../actions/fields.js';
import type { CredentialReply } from '../credential-reply.js';
import {
  defineObject,
  defineSchema,
  Described,
  FREE,
  type Members,
  TEXT,
  TEXTS,
  TIME,
} from '../door/schema.js';

const TOKEN = { min: 1, max: 4_096, private: true };
const NAME = { min: 1, max: 255 };
const OPTIONAL_NAME = { ...NAME, optional: true };

/** Body of resolving a credential, as its callers have always sent it. */
@Described('The name of a credential')
export class ResolveCredential {
  @Text('Whose credential it is: the owner of its account', NAME)
  customer_id!: string;

  @Text('Its name', { ...NAME, example: 'CRED-d2hvIHJlYWRz' })
  credential_ref!: string;
}

/** Body of handing over an access token that was renewed. */
@Described('A renewed access token')
export class UpdateToken extends ResolveCredential {
  @Token('The access token in place of the one before; the refresh token stays', TOKEN)
  new_access_token!: string;
}

/** Body of storing a credential as the customer itself. */
@Described('Tokens that get a name')
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
@Described('The same for a customer')
export class UpsertCredential extends PutCredential {
  @Text('Whose it becomes', NAME)
  customer_id!: string;

  @Values('Further values to keep; never a secret', { default: {} })
  metadata!: Record<string, unknown>;
}

/** Which credentials are listed. */
export class CredentialsQuery {
  @Text('Of this platform alone', { optional: true, max: 32, example: 'youtube' })
  platform?: string;

  @Integer('The latest so many', { min: 1, max: 500, default: 50 })
  limit!: number;
}

/** A credential as its own customer sees it. */
export interface OwnCredentialReply extends CredentialReply {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A credential with its secrets. */
export interface ResolvedReply extends CredentialReply {
  readonly access_token: string;
  readonly refresh_token: string | null;
}

/** One wrong field, as the framework of the earlier service names it. */
export interface FieldFault {
  readonly type: 'missing' | 'value_error';
  readonly loc: readonly string[];
  readonly msg: string;
  /** Left empty: what came may be a secret. */
  readonly input: null;
}

/** Every wrong field of a request. */
export interface FieldFaults {
  readonly detail: readonly FieldFault[];
}

const credential: Members<CredentialReply> = {
  credential_ref: TEXT,
  customer_id: { ...TEXT, description: 'The owner of its account' },
  platform: TEXT,
  posting_identity: {
    type: ['string', 'null'],
    description: 'What the account is called, for people; null where its owner gave it no name',
  },
  created_at: TIME,
  updated_at: TIME,
};

export const CREDENTIAL = defineObject<CredentialReply>(
  'Credential',
  credential,
  [],
  'A credential by its name, without secrets',
);

export const OWN_CREDENTIAL = defineObject<OwnCredentialReply>(
  'OwnCredential',
  { ...credential, metadata: FREE },
  [],
  'The same, as its customer sees it',
);

export const RESOLVED_CREDENTIAL = defineObject<ResolvedReply>(
  'ResolvedCredential',
  { ...credential, access_token: TEXT, refresh_token: { type: ['string', 'null'] } },
  [],
  'A credential with its secrets',
);

export const TOKEN_UPDATE = defineSchema<{ status: 'success'; message: string }>('TokenUpdate', {
  type: 'object',
  required: ['status', 'message'],
  properties: { status: { const: 'success' }, message: TEXT },
});

export const FIELD_FAULTS = defineSchema<FieldFaults>('FieldFaults', {
  type: 'object',
  description: "Wrong fields in the earlier service's form; no value is repeated",
  required: ['detail'],
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'loc', 'msg', 'input'],
        properties: { type: TEXT, loc: TEXTS, msg: TEXT, input: { type: 'null' } },
      },
    },
  },
});
