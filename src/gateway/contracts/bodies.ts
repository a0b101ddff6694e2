import { PERMISSIONS } from '../../actions/caller.js';
import { Flag, Id, Integer, List, Text } from '../../actions/fields.js';

const ONE_YEAR_SECONDS = 31_536_000;

/** Body of the token door. */
export class TokenRequest {
  @Text('The root key: one of MODULE_SECRET_KEY', { max: 1_000, private: true })
  api_key!: string;

  @Text('Who will use the token; stands in the log', { max: 255, default: 'unknown' })
  service!: string;

  @List('What the token permits', { default: ['execute_actions'], choices: PERMISSIONS })
  permissions!: string[];

  @List('Only these platforms', { optional: true, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, maxItems: 1_000 })
  accounts?: string[];

  @Integer('Seconds until it ends', { optional: true, min: 1, max: ONE_YEAR_SECONDS })
  expires_in?: number;
}

/** Body of connecting an account with tokens that the caller already holds. */
export class StoreAccount {
  @Text("The account's access token", { max: 4_096, private: true })
  access_token!: string;

  @Text(
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
}

/** Which part of a history is wanted. */
export class HistoryQuery {
  @Integer('Entries at most', { min: 1, max: 200, default: 50 })
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', {
    optional: true,
    pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    patternMeans: 'a next_cursor as an answer gave it',
  })
  before?: string;
}

/** What a person is to be asked for. */
export class ConnectAccount {
  @Id('The account that is expected; left out, whichever the person chooses', { optional: true })
  account_id?: string;

  @List('Action types that it is to carry out; left out, all of the platform', {
    optional: true,
    minItems: 1,
    maxItems: 200,
    maxLength: 64,
  })
  actions?: string[];

  @Text('A group of actions instead of their names', { optional: true, max: 64 })
  group?: string;
}

/** Body by which callers of the earlier Twitch service hand tokens over. */
export class StoreTokens {
  @Id('Id of the Twitch channel')
  broadcaster_id!: string;

  @Text('Its access token', { max: 4_096, private: true })
  access_token!: string;

  @Text('Its refresh token', { max: 4_096, private: true })
  refresh_token!: string;

  @Integer('Seconds until the access token ends', { min: 0, max: ONE_YEAR_SECONDS, default: 3600 })
  expires_in!: number;

  @List('Scopes it was granted', { default: [], maxItems: 200 })
  scopes!: string[];
}

/** Body by which callers of the earlier Twitch service have tokens forgotten. */
export class RevokeTokens {
  @Id('Id of the Twitch channel')
  broadcaster_id!: string;
}

/** Which limits are asked for; all of them without. */
export class LimitsFilter {
  @Text('Of this platform alone', { optional: true, max: 32, example: 'twitch' })
  platform?: string;

  @Text('Of this account alone', { optional: true, max: 255, example: '1001' })
  account?: string;
}

/** Body of switching something on or off. */
export class SetFlag {
  @Flag('Whether actions may be carried out')
  enabled!: boolean;

  @Text('Why; stands in the history, and whoever is refused reads it', {
    max: 500,
    example: 'Raid of bots in all chats',
  })
  reason!: string;
}

/** Why a flag goes back to its default. */
export class UnsetFlag {
  @Text('Why; stands in the history', { optional: true, max: 500 })
  reason?: string;
}
