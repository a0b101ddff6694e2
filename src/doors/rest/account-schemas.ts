import { ACCOUNT_STATES } from '../../accounts/account-view.js';
import { VERDICTS } from '../../accounts/verification.js';
import type { AccountPage } from '../account-directory.js';
import { Choice, Id, Integer, List, Text, Token } from '../../actions/fields.js';
import type { AccountReport, MissingAction, VerifiedAccount } from '../account-report.js';
import {
  defineObject,
  Described,
  type Members,
  MOMENT,
  TEXT,
  TEXTS,
  TIME,
  YES_NO,
} from '../door/schema.js';

const ONE_YEAR_SECONDS = 31_536_000;

/** The account in a path. */
export class AccountPath {
  @Text('Name of the platform')
  platform!: string;

  @Id('Id of the account on its platform')
  account_id!: string;
}

/** Body of connecting an account with tokens that the caller already holds. */
@Described('Tokens of an account')
export class StoreAccount {
  @Token("The account's access token", { optional: true, max: 4_096, private: true })
  access_token?: string;

  @Text('In place of tokens: the name of a credential that the credential service holds', {
    optional: true,
    max: 255,
    example: 'CRED-d2hvIHJlYWRz',
  })
  credential_ref?: string;

  @Token(
    'Its refresh token; without one the account has to be connected again when the token ends',
    {
      optional: true,
      max: 4_096,
      private: true,
    },
  )
  refresh_token?: string;

  @Integer('Seconds until the access token ends', {
    optional: true,
    min: 0,
    max: ONE_YEAR_SECONDS,
  })
  expires_in?: number;

  @List('Scopes it was granted; the platform is asked first, and its answer counts', {
    optional: true,
    maxItems: 200,
  })
  scopes?: string[];

  @Text('Name of the account, for people', { optional: true, max: 255 })
  login?: string;

  @Text(
    'Id of the OAuth client that the tokens were given to, when it is not the one of the configuration; they are renewed as this client',
    { optional: true, max: 255 },
  )
  client_id?: string;

  @Text('Secret of that client; stored encrypted', { optional: true, max: 1_000, private: true })
  client_secret?: string;

  @Text('The tenant it belongs to, and no other reaches; left out, whose it was', {
    optional: true,
    max: 128,
    example: 'acme',
  })
  owner?: string;
}

const MISSING_ACTION = defineObject<MissingAction>('MissingAction', {
  action_type: TEXT,
  scopes: { ...TEXTS, description: 'OAuth scopes it has not granted' },
  reason: { ...TEXT, description: 'Why, for people' },
});

const account: Members<AccountReport> = {
  platform: TEXT,
  account_id: TEXT,
  login: { ...TEXT, description: 'Name of the account, for people' },
  owner: {
    ...TEXT,
    description: 'The tenant it belongs to; empty for the operator of the gateway',
  },
  scopes: { ...TEXTS, description: 'OAuth scopes it granted' },
  scopes_verified: {
    ...YES_NO,
    description:
      'The platform named these scopes; false where a caller or an import did: they refuse no action then',
  },
  state: {
    type: 'string',
    enum: [...ACCOUNT_STATES],
    description:
      '`connected`: the platform accepted the credential. `unverified`: it could not be asked yet; ' +
      'actions are tried, and the first success verifies the account. `reconnect`: the credential is ' +
      'refused, and a person has to connect the account again',
  },
  reason: { ...TEXT, description: 'Why it is not `connected`, and what to do; empty while it is' },
  renewable: { ...YES_NO, description: 'A refresh token is held' },
  client_id: {
    type: ['string', 'null'],
    description: 'The OAuth client of its own; null for the one of the configuration',
  },
  credential_ref: {
    type: ['string', 'null'],
    description: 'The name of its credential where the credential service holds that',
  },
  expires_at: MOMENT,
  refreshed_at: MOMENT,
  validated_at: MOMENT,
  created_at: TIME,
  updated_at: TIME,
  missing: {
    type: 'array',
    items: MISSING_ACTION,
    description: 'Actions it cannot carry out as it is, and why',
  },
  source: {
    type: 'string',
    enum: ['stored', 'environment'],
    description: '`environment`: the token of a bot that a variable of the environment names',
  },
  connected_by: {
    ...TEXT,
    description:
      'The name of the caller that connected it last, in lists and where one account is shown; empty where that is not known',
  },
};

export const ACCOUNT = defineObject<AccountReport>(
  'Account',
  account,
  ['connected_by'],
  'An account, without its secrets',
);

export const ACCOUNT_LIST = defineObject<AccountPage>('AccountList', {
  accounts: { type: 'array', items: ACCOUNT },
  next_cursor: { ...TEXT, description: 'Empty at the end' },
});

/** Which accounts are listed. */
export class ListAccounts {
  @Text('Those of this platform alone', { optional: true, max: 64 })
  platform?: string;

  @Choice('Those in this state alone, such as `reconnect`', ACCOUNT_STATES, { optional: true })
  state?: (typeof ACCOUNT_STATES)[number];

  @Text('Those whose name or id has this in it', { optional: true, max: 100 })
  text?: string;

  @Text('Goes on where a list ended, with its `next_cursor`', { optional: true, max: 300 })
  cursor?: string;

  @Integer('How many at most; left out, all', { optional: true, min: 1, max: 1_000 })
  limit?: number;
}

export const VERIFIED_ACCOUNT = defineObject<VerifiedAccount>(
  'VerifiedAccount',
  {
    ...account,
    verification: {
      type: 'string',
      enum: [...VERDICTS],
      description: 'What the platform said just now; `unknown` when it gave no answer',
    },
  },
  ['connected_by'],
  'An account, and what its platform said of its credential just now',
);

export const GRANT_AT_PLATFORM = {
  'grant-at-platform': {
    description:
      'What became of the grant there: `unclear` when the platform is away, `none` where it knows no end',
    schema: { type: 'string', enum: ['ended', 'unclear', 'none'] },
  },
} as const;
