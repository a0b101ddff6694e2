import { PERMISSIONS } from '../../actions/caller.js';
import { CALLER_NAME } from '../../callers/callers.js';
import { AUDIT_KINDS } from '../../journal/audit-events.js';
import { FAILURES } from '../../actions/failures.js';
import { Choice, Flag, Id, Integer, List, Text, Token } from '../../actions/fields.js';
import { STATUS_MEANINGS } from './status-meanings.js';

const ONE_YEAR_SECONDS = 31_536_000;
/** RFC 3339. */
const TIME = {
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  patternMeans: 'a time such as 2027-01-31T18:30:00Z',
};
const PART = { min: 1, max: 500, default: 100 };
const CURSOR = { optional: true, max: 64 };

/** Body of the token door. */
export class TokenRequest {
  @Text("A caller's own key, or the root key: one of MODULE_SECRET_KEY", {
    max: 1_000,
    private: true,
  })
  api_key!: string;

  @Text("Who will use the token; stands in the log. A caller's own key says that itself", {
    max: 255,
    default: 'unknown',
  })
  service!: string;

  @List(
    'What the token permits; left out, execute_actions, and with a key of its own all that the caller may',
    { optional: true, choices: PERMISSIONS },
  )
  permissions?: string[];

  @List('Only these platforms', { optional: true, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, maxItems: 1_000 })
  accounts?: string[];

  @List('Only these platforms, groups or actions, such as twitch.chat', {
    optional: true,
    maxItems: 1_000,
  })
  actions?: string[];

  @Integer('Seconds until it ends', { optional: true, min: 1, max: ONE_YEAR_SECONDS })
  expires_in?: number;
}

/** Body of connecting an account with tokens that the caller already holds. */
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

  @Token('Its access token', { max: 4_096, private: true })
  access_token!: string;

  @Token('Its refresh token', { max: 4_096, private: true })
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

/** What a caller may do; all of it is said anew at every change. */
export class ChangeCaller {
  @List('What it may be permitted', { choices: PERMISSIONS, example: ['execute_actions'] })
  permissions!: string[];

  @List('Only these platforms', { optional: true, minItems: 1, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, minItems: 1, maxItems: 1_000 })
  accounts?: string[];

  @List('Only these platforms, groups or actions, such as twitch.chat', {
    optional: true,
    minItems: 1,
    maxItems: 1_000,
    example: ['twitch.chat', 'discord.send_message'],
  })
  actions?: string[];

  @Integer('Requests it may make in a minute; left out, CALLER_REQUESTS_PER_MINUTE', {
    optional: true,
    min: 1,
    max: 10_000_000,
  })
  requests_per_minute?: number;

  @Text('When it ends; left out, never', {
    optional: true,
    ...TIME,
    example: '2030-01-31T18:30:00Z',
  })
  expires_at?: string;
}

/** A caller that is to get a key of its own. */
export class CreateCaller extends ChangeCaller {
  @Text('Its name', {
    pattern: CALLER_NAME,
    patternMeans: 'small letters, digits and "-", 63 at most, such as chat-bot',
    example: 'chat-bot',
  })
  id!: string;

  @Text(
    'The tenant it belongs to, and no other reaches; left out, whoever runs the gateway, and for a tenant itself',
    {
      optional: true,
      max: 128,
      example: 'acme',
    },
  )
  owner?: string;
}

/** Another key in place of one. */
export class RotateCaller {
  @Integer(
    'Seconds in which the key before is taken as well; 0 makes it worthless at once, and all tokens of the caller',
    { min: 0, max: 2_592_000, default: 86_400 },
  )
  grace_seconds!: number;
}

/** Which actions of the log are looked for. */
class AuditFilter {
  @Text('Received at this time or later', { optional: true, ...TIME })
  from?: string;

  @Text('Received at this time or earlier', { optional: true, ...TIME })
  to?: string;

  @Text('On this platform', { optional: true, max: 255 })
  platform?: string;

  @Text('Of this type', { optional: true, max: 255 })
  action_type?: string;

  @Text('In the name of this account', { optional: true, max: 255 })
  account_id?: string;

  @Text('Done by this account', { optional: true, max: 255 })
  actor_id?: string;

  @Text('Asked for by callers of this name, or by the one of this identity', {
    optional: true,
    max: 1_100,
  })
  caller_id?: string;

  @Choice('As it is now', Object.keys(STATUS_MEANINGS), { optional: true })
  status?: string;

  @Choice('That failed for this reason', Object.keys(FAILURES), { optional: true })
  failure_code?: string;

  @Text('With this request_id', { optional: true, max: 255 })
  request_id?: string;

  @Text('Whose error has this in it, in small letters or capitals', { optional: true, max: 200 })
  text?: string;

  @Choice('With this effect', ['read', 'create', 'update', 'delete'], { optional: true })
  effect?: string;
}

/** A part of what is looked for. */
export class AuditQuery extends AuditFilter {
  @Integer('Entries at most', PART)
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', CURSOR)
  cursor?: string;
}

/** All that is looked for, as a file. */
export class AuditExport extends AuditFilter {
  @Choice('A table, or a JSON object in each line', ['csv', 'ndjson'], { default: 'csv' })
  format!: 'csv' | 'ndjson';
}

/** Which events are looked for. */
export class EventsQuery {
  @Text('Happened at this time or later', { optional: true, ...TIME })
  from?: string;

  @Text('Happened at this time or earlier', { optional: true, ...TIME })
  to?: string;

  @Choice('Of this kind', AUDIT_KINDS, { optional: true })
  kind?: string;

  @Text('Asked for by callers of this name, or by the one of this identity', {
    optional: true,
    max: 1_100,
  })
  caller_id?: string;

  @Text('About an account of this platform', { optional: true, max: 255 })
  platform?: string;

  @Text('About this account', { optional: true, max: 255 })
  account_id?: string;

  @Text('About this, such as a key of a flag', { optional: true, max: 255 })
  subject?: string;

  @Integer('Entries at most', PART)
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', CURSOR)
  cursor?: string;
}
