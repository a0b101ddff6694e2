import { ACCOUNT_STATES } from '../../accounts/accounts.js';
import { CONNECT_FAULTS } from '../../accounts/connect-failure.js';
import { VERDICTS } from '../../accounts/verification.js';
import { CALLBACK_STATES } from '../../queue/callbacks.js';
import { Envelope } from '../../actions/envelope.js';
import { FAILURES, type Failure, type FieldViolation } from '../../actions/failures.js';
import { describeFields, type FieldClass } from '../../actions/fields.js';
import type { JsonObject, JsonSchema } from '../../actions/json.js';
import type { Outcome, PreparedCall, PreparedRequest } from '../../actions/outcome.js';
import type { AuditEntry } from '../../journal/action-search.js';
import { AUDIT_KINDS, type AuditNote, type HistoryEntry } from '../../journal/audit-events.js';
import type { ActionDescription } from '../../execution/catalogue.js';
import type { CallerReport } from '../../callers/callers.js';
import type { FlagReport } from '../../safeguards/flags.js';

import type { AccountReport, MissingAction, VerifiedAccount } from '../account-report.js';
import type { CredentialReply } from '../credential-reply.js';
import type { Addresses } from '../rest/docs.controller.js';
import type { ResolvedReply } from '../rest/credentials.controller.js';
import {
  ChangeCaller,
  ConnectAccount,
  CreateCaller,
  RevokeTokens,
  RotateCaller,
  SetFlag,
  StoreAccount,
  StoreTokens,
  TokenRequest,
} from './bodies.js';
import {
  PutCredential,
  ResolveCredential,
  UpdateToken,
  UpsertCredential,
} from './credential-bodies.js';
import { nameAction } from './documented-action.js';
import { STATUS_MEANINGS } from './status-meanings.js';

/** One schema for each member of a type: a member that is added and not described does not compile. */
type Members<T> = Readonly<Record<keyof T, JsonObject>>;

const TEXT = { type: 'string' } as const;
const WHOLE = { type: 'integer' } as const;
const YES_NO = { type: 'boolean' } as const;
const TIME = { type: 'string', format: 'date-time' } as const;
const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const FREE = { type: 'object' } as const;
const TEXTS = { type: 'array', items: TEXT } as const;

/** A reference to a named schema. */
export function refer(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** Values of the catalogue as plain JSON, undefined members left out. */
export function toJson(values: object): JsonObject {
  return JSON.parse(JSON.stringify(values)) as JsonObject;
}

function describeMembers<T>(
  members: Members<T>,
  optional: readonly (keyof T)[] = [],
  description?: string,
): JsonObject {
  return {
    type: 'object',
    ...(description && { description }),
    required: Object.keys(members).filter((name) => !optional.includes(name as keyof T)),
    properties: members,
  };
}

/** The same fields, of which those that may be left out may be null as well: it means the same. */
export function allowNull(schema: JsonSchema): JsonSchema {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, JsonObject>>;
    required?: readonly string[];
  };
  const shown = Object.entries(properties).map(([name, field]): [string, JsonObject] => {
    const inner = field['properties'] ? (allowNull(field) as JsonObject) : field;
    const { type, enum: choices } = inner as { type?: string; enum?: readonly string[] };
    if (required.includes(name) || typeof type !== 'string') return [name, inner];
    return [name, { ...inner, type: [type, 'null'], ...(choices && { enum: [...choices, null] }) }];
  });
  return { ...schema, properties: Object.fromEntries(shown) };
}

function describeBody(type: FieldClass, description: string): JsonObject {
  return { description, ...toJson(allowNull(describeFields(type))) };
}

const failure: Members<Failure> = {
  code: { type: 'string', enum: Object.keys(FAILURES) },
  retryable: { ...YES_NO, description: 'The same request may succeed later, as it is' },
  retry_after_ms: { ...WHOLE, minimum: 0, description: 'Milliseconds until a repeat makes sense' },
  platform_status: { ...WHOLE, description: 'HTTP status the platform answered with' },
  platform_code: { ...TEXT, description: "The platform's own error code, where it has one" },
  violations: {
    type: 'array',
    items: refer('FieldViolation'),
    description: 'Every wrong field of the envelope',
  },
};

const fieldViolation: Members<FieldViolation> = {
  field: { ...TEXT, description: 'Such as `parameters.message`' },
  message: { ...TEXT, description: 'What is wrong and how to mend it' },
};

const preparedCall: Members<PreparedCall> = {
  method: TEXT,
  url: TEXT,
  body: FREE,
  headers: {
    type: 'object',
    additionalProperties: TEXT,
    description: 'Of the action itself; never credentials',
  },
  files: {
    type: 'array',
    items: {
      type: 'object',
      required: ['name', 'size'],
      properties: {
        name: TEXT,
        size: {
          type: 'integer',
          description: 'Bytes; -1 for a file that would have to be fetched first',
        },
      },
    },
  },
};

/** Members that not every call has. */
const SOMETIMES: readonly (keyof PreparedCall)[] = ['body', 'headers', 'files'];

const preparedRequest: Members<PreparedRequest> = {
  ...preparedCall,
  reads: {
    type: 'array',
    items: refer('PreparedCall'),
    description: 'What would be asked before; the answers are placeholders',
  },
  missing_scopes: { ...TEXTS, description: 'OAuth scopes the account would still have to grant' },
  cost: { ...WHOLE, description: "Units of the platform's own budget" },
  predicted_wait_ms: {
    ...WHOLE,
    description: 'Milliseconds that limits would hold the action back now',
  },
};

function describeOutcome(actions: readonly ActionDescription[]): JsonObject {
  const members: Members<Outcome> = {
    success: {
      ...YES_NO,
      description: 'True for SUCCEEDED, PREPARED, QUEUED and SCHEDULED',
    },
    message: { ...TEXT, description: 'One line for people' },
    action_id: { ...TEXT, description: 'UUIDv7; empty only where no action was begun' },
    result_data: {
      type: 'object',
      description: 'What came of it; empty unless something did',
      anyOf: [...actions.map((action) => refer(nameResult(action))), FREE],
    },
    error: { ...TEXT, description: 'Why not, in one line for people; empty on success' },
    status: refer('Status'),
    failure: refer('Failure'),
    replayed: {
      ...YES_NO,
      description: 'This is the stored answer of an earlier request with the same idempotency key',
    },
    request_id: { ...TEXT, description: 'As it stood in the envelope' },
    prepared: { ...refer('PreparedRequest'), description: 'Of a dry run alone' },
    sandbox: { ...YES_NO, description: 'The platforms were simulated' },
  };
  return describeMembers<Outcome>(
    members,
    ['failure', 'prepared'],
    'What became of one action, the same on every door',
  );
}

const addresses: Members<Addresses> = {
  service: { ...TEXT, description: 'action-gateway' },
  version: TEXT,
  docs: { ...TEXT, description: 'Path of the documentation for people' },
  openapi: { ...TEXT, description: 'Path of the contract for programs' },
  health: TEXT,
  sandbox: { ...YES_NO, description: 'The platforms are simulated' },
};

const missingAction: Members<MissingAction> = {
  action_type: TEXT,
  scopes: { ...TEXTS, description: 'OAuth scopes it has not granted' },
  reason: { ...TEXT, description: 'Why, for people' },
};

const accountReport: Members<AccountReport> = {
  platform: TEXT,
  account_id: TEXT,
  login: { ...TEXT, description: 'Name of the account, for people' },
  owner: { ...TEXT, description: 'The tenant it belongs to; empty for whoever runs the gateway' },
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
  expires_at: { type: ['string', 'null'], format: 'date-time' },
  refreshed_at: { type: ['string', 'null'], format: 'date-time' },
  validated_at: { type: ['string', 'null'], format: 'date-time' },
  created_at: TIME,
  updated_at: TIME,
  missing: {
    type: 'array',
    items: refer('MissingAction'),
    description: 'Actions it cannot carry out as it is, and why',
  },
};

const verifiedAccount: Members<VerifiedAccount> = {
  ...accountReport,
  verification: {
    type: 'string',
    enum: [...VERDICTS],
    description: 'What the platform said just now; `unknown` when it gave no answer',
  },
};

const credential: Members<CredentialReply> = {
  credential_ref: TEXT,
  customer_id: { ...TEXT, description: 'The owner of its account' },
  platform: TEXT,
  posting_identity: { ...TEXT, description: 'What the account is called, for people' },
  created_at: TIME,
  updated_at: TIME,
};

const historyEntry: Members<HistoryEntry> = {
  id: { ...TEXT, format: 'uuid' },
  happened_at: TIME,
  kind: { type: 'string', enum: [...AUDIT_KINDS] },
  caller_id: {
    ...TEXT,
    description: 'The name of the caller that asked; empty for the gateway itself',
  },
  caller_identity: {
    ...TEXT,
    description: 'The id of that caller, which no other caller ever has',
  },
  reason: { ...TEXT, description: 'Why, for people' },
  details: { ...FREE, description: 'Such as the scopes that were granted; never a secret' },
};

const auditNote: Members<AuditNote> = {
  ...historyEntry,
  platform: { ...TEXT, description: 'Of the account that it is about; empty for another matter' },
  account_id: TEXT,
  subject: { ...TEXT, description: 'What it is about where that is no account' },
  owner: { ...TEXT, description: 'The tenant it belongs to; empty for whoever runs the gateway' },
};

const auditEntry: Members<AuditEntry> = {
  action_id: { ...TEXT, format: 'uuid' },
  received_at: TIME,
  platform: TEXT,
  action_type: TEXT,
  account_id: TEXT,
  actor_id: TEXT,
  effect: { ...TEXT, description: 'read, create, update or delete' },
  status: refer('Status'),
  message: TEXT,
  error: TEXT,
  failure: { anyOf: [refer('Failure'), { type: 'null' }] },
  parameters: { ...FREE, description: 'Of what is private, the length alone' },
  result: { type: ['object', 'null'] },
  caller_id: { ...TEXT, description: 'The name of the caller, which others may have as well' },
  caller_identity: { ...TEXT, description: 'The id of the caller, which no other ever has' },
  owner: { ...TEXT, description: 'The tenant of the caller' },
  door: { ...TEXT, description: 'grpc, rest or import' },
  request_id: TEXT,
  trace_id: TEXT,
  idempotency_key: { type: ['string', 'null'] },
  batch_id: { type: ['string', 'null'] },
  priority: TEXT,
  attempts: WHOLE,
  sandbox: YES_NO,
  run_at: { type: ['string', 'null'], format: 'date-time' },
  started_at: { type: ['string', 'null'], format: 'date-time' },
  finished_at: { type: ['string', 'null'], format: 'date-time' },
};

const BOUND = { type: ['array', 'null'], items: TEXT } as const;
const MOMENT = { type: ['string', 'null'], format: 'date-time' } as const;

const callerReport: Members<CallerReport> = {
  id: { ...TEXT, description: 'Its name, unique in its tenant' },
  identity: { ...TEXT, description: 'Its id for good, which no other caller ever has' },
  owner: { ...TEXT, description: 'The tenant it belongs to; empty for whoever runs the gateway' },
  permissions: TEXTS,
  platforms: { ...BOUND, description: 'Only these; null for all' },
  accounts: { ...BOUND, description: 'Only these account and actor ids; null for all' },
  actions: { ...BOUND, description: 'Only these platforms, groups and actions; null for all' },
  requests_per_minute: { type: ['integer', 'null'] },
  expires_at: MOMENT,
  created_by: TEXT,
  created_at: TIME,
  updated_at: TIME,
  last_used_at: { ...MOMENT, description: 'To the minute' },
  former_key_until: {
    ...MOMENT,
    description: 'Until when the key before the last rotation is taken as well',
  },
};

const flagReport: Members<FlagReport> = {
  key: {
    ...TEXT,
    description: 'Such as `twitch`, `twitch.chat`, `twitch.chat_message` or `twitch@account:1001`',
  },
  enabled: YES_NO,
  default: {
    ...YES_NO,
    description: 'What it is when nobody has set it, by the `ENABLE_` switches',
  },
  is_set: { ...YES_NO, description: 'Somebody has set it; where not, the default holds' },
  reason: { ...TEXT, description: 'Why it was set; empty for a default' },
  changed_by: { ...TEXT, description: 'The caller who set it' },
  changed_at: { type: ['string', 'null'], format: 'date-time' },
};

const actionDescription: Members<ActionDescription> = {
  platform: TEXT,
  action_type: TEXT,
  group: { ...TEXT, description: 'Feature flag group' },
  summary: TEXT,
  docs_url: { ...TEXT, format: 'uri', description: "The platform's own page about the call" },
  effect: { type: 'string', enum: ['read', 'create', 'update', 'delete'] },
  repeatable: { ...YES_NO, description: 'Sending twice is the same as sending once' },
  takes_actor: {
    ...YES_NO,
    description: 'May be done by another account than the one whose channel it is',
  },
  scopes: { ...TEXTS, description: 'OAuth scopes the acting account must have granted' },
  permissions: { ...TEXTS, description: 'What the account must be permitted at the platform' },
  enabled: { ...YES_NO, description: 'No feature flag has switched it off for everybody' },
  input_schema: { ...FREE, description: 'JSON Schema of `parameters`' },
  output_schema: { ...FREE, description: 'JSON Schema of `result_data`' },
  example: {
    type: 'object',
    required: ['input', 'output'],
    properties: { input: FREE, output: FREE },
  },
};

/** What the Twitch predecessor answered with, and what its callers still read. */
const TWITCH_FORM_ANSWER: JsonObject = {
  type: 'object',
  description: "The answer to the earlier Twitch service's form; whether it worked is in `success`",
  required: ['success', 'message', 'action_id', 'result_data', 'error'],
  properties: { success: YES_NO, message: TEXT, action_id: TEXT, result_data: FREE, error: TEXT },
  additionalProperties: false,
};

const TWITCH_FORM: JsonObject = {
  type: 'object',
  description:
    "The earlier Twitch service's form: told by `broadcaster_id` and by the missing `platform`",
  required: ['action_type', 'broadcaster_id'],
  properties: {
    action_type: { ...TEXT, description: 'An action type of twitch' },
    broadcaster_id: { ...TEXT, description: 'Whose channel' },
    parameters: { ...FREE, description: 'Values may be texts, such as "60"' },
    request_id: { ...TEXT, description: 'Correlation only' },
  },
  additionalProperties: false,
};

/** Component name of an action's result; its parameters go by the name of the action itself. */
function nameResult(action: ActionDescription): string {
  return `${nameAction(action)}.result`;
}

/** The envelope's own fields, and in one branch per action the parameters that go with its names. */
function describeEnvelope(actions: readonly ActionDescription[]): JsonObject {
  const branches = actions.map((action) => {
    const needed = action.input_schema['required'];
    const takesSome = Array.isArray(needed) && needed.length > 0;
    return {
      title: nameAction(action),
      description: action.summary,
      properties: {
        platform: { const: action.platform },
        action_type: { const: action.action_type },
        parameters: refer(nameAction(action)),
      },
      required: ['platform', 'action_type', ...(takesSome ? ['parameters'] : [])],
    };
  });
  return {
    description: 'One action on one platform in the name of one account',
    ...toJson(allowNull(describeFields(Envelope))),
    ...(branches.length > 0 && { oneOf: branches }),
  };
}

function describeAction(action: ActionDescription): [string, JsonObject][] {
  const name = nameAction(action);
  const needs = [...action.scopes, ...action.permissions].join(', ');
  return [
    [
      name,
      {
        title: name,
        description: `${action.summary}.${needs && ` Needs ${needs}.`}`,
        externalDocs: { url: action.docs_url },
        ...toJson(allowNull(action.input_schema)),
        examples: [toJson(action.example.input)],
      },
    ],
    [
      nameResult(action),
      {
        title: nameResult(action),
        ...toJson(action.output_schema),
        examples: [toJson(action.example.output)],
      },
    ],
  ];
}

function listOf(name: string, item: JsonObject): JsonObject {
  return {
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'array', items: item } },
  };
}

function pageOf(item: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['entries', 'next_cursor'],
    properties: {
      entries: { type: 'array', items: item },
      next_cursor: {
        type: ['string', 'null'],
        description: 'Send it as `cursor` for the part after this; null at the end',
      },
    },
  };
}

const statuses = Object.entries(STATUS_MEANINGS).map(
  ([status, { meaning }]) => `- \`${status}\`: ${meaning}`,
);

const ABOUT = { module: TEXT, version: TEXT, timestamp: TIME } as const;
const DOOR_PORTS = { grpc_port: PORT, rest_port: PORT } as const;
const health = {
  status: { type: 'string', enum: ['healthy', 'unhealthy'] },
  ...ABOUT,
  database: { type: 'string', enum: ['connected', 'away'] },
  ...DOOR_PORTS,
  sandbox: YES_NO,
  error: { ...TEXT, description: 'What is wrong with the database' },
} as const;
const NAMED = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: TEXT, name: TEXT },
} as const;
const checks = { type: ['object', 'null'], additionalProperties: FREE } as const;

/** Every named schema of the REST door. */
export function describeSchemas(actions: readonly ActionDescription[]): JsonObject {
  const entries: [string, JsonObject][] = [
    ['Envelope', describeEnvelope(actions)],
    ['TwitchForm', TWITCH_FORM],
    [
      'Batch',
      {
        type: 'object',
        required: ['actions'],
        properties: {
          actions: {
            type: 'array',
            minItems: 1,
            items: { oneOf: [refer('Envelope'), refer('TwitchForm')] },
            description: 'As many as MAX_BATCH_SIZE allows',
          },
        },
      },
    ],
    ['Outcome', describeOutcome(actions)],
    [
      'FailedOutcome',
      {
        description: 'An outcome with the reason once more in the members of RFC 9457',
        allOf: [refer('Outcome')],
        type: 'object',
        required: ['failure', 'type', 'title', 'detail'],
        properties: {
          type: { ...TEXT, format: 'uri-reference', description: 'Where the code is explained' },
          title: { ...TEXT, description: 'Meaning of the code' },
          detail: { ...TEXT, description: 'The same as `error`' },
        },
      },
    ],
    ['TwitchFormAnswer', TWITCH_FORM_ANSWER],
    [
      'BatchAnswer',
      {
        type: 'object',
        required: ['responses', 'total_count', 'success_count', 'failure_count', 'batch_id'],
        properties: {
          responses: {
            type: 'array',
            items: { oneOf: [refer('Outcome'), refer('TwitchFormAnswer')] },
            description: 'In the order of the envelopes',
          },
          total_count: { ...WHOLE, minimum: 1 },
          success_count: { ...WHOLE, minimum: 0 },
          failure_count: { ...WHOLE, minimum: 0 },
          batch_id: { ...TEXT, format: 'uuid', description: 'Asks for the progress of the batch' },
        },
      },
    ],
    [
      'Callbacks',
      {
        type: 'object',
        required: ['callbacks', 'next_cursor'],
        properties: {
          callbacks: {
            type: 'array',
            items: {
              type: 'object',
              required: ['action_id', 'state', 'tries', 'host', 'last_error', 'created_at'],
              properties: {
                action_id: { ...TEXT, format: 'uuid' },
                state: { type: 'string', enum: [...CALLBACK_STATES] },
                tries: { ...WHOLE, minimum: 0 },
                host: { ...TEXT, description: 'Of its address, which may hold a secret' },
                next_at: { type: ['string', 'null'], format: 'date-time' },
                last_error: TEXT,
                created_at: { ...TEXT, format: 'date-time' },
                settled_at: { type: ['string', 'null'], format: 'date-time' },
              },
            },
          },
          next_cursor: { ...TEXT, description: 'Empty at the end' },
        },
      },
    ],
    [
      'ReplayedCallback',
      {
        type: 'object',
        required: ['action_id', 'state'],
        properties: { action_id: { ...TEXT, format: 'uuid' }, state: { const: 'due' } },
      },
    ],
    [
      'BatchProgress',
      {
        type: 'object',
        required: ['batch_id', 'total', 'finished', 'progress', 'by_status'],
        properties: {
          batch_id: { ...TEXT, format: 'uuid' },
          total: { ...WHOLE, minimum: 1 },
          finished: { ...WHOLE, minimum: 0, description: 'Neither waiting nor running any more' },
          progress: { type: 'number', minimum: 0, maximum: 1 },
          by_status: {
            type: 'object',
            propertyNames: refer('Status'),
            additionalProperties: WHOLE,
          },
        },
      },
    ],
    [
      'Status',
      {
        type: 'string',
        enum: Object.keys(STATUS_MEANINGS),
        description: statuses.join('\n'),
      },
    ],
    [
      'Failure',
      describeMembers<Failure>(
        failure,
        ['retry_after_ms', 'platform_status', 'platform_code', 'violations'],
        'The reason, for programs',
      ),
    ],
    ['FieldViolation', describeMembers<FieldViolation>(fieldViolation)],
    ['PreparedCall', describeMembers<PreparedCall>(preparedCall, SOMETIMES)],
    [
      'PreparedRequest',
      describeMembers<PreparedRequest>(preparedRequest, SOMETIMES, 'What a dry run shows'),
    ],
    ['ActionDescription', describeMembers<ActionDescription>(actionDescription)],
    ['ActionList', listOf('actions', refer('ActionDescription'))],
    [
      'Account',
      describeMembers<AccountReport>(accountReport, [], 'An account, without its secrets'),
    ],
    ['Addresses', describeMembers<Addresses>(addresses)],
    [
      'VerifiedAccount',
      describeMembers<VerifiedAccount>(
        verifiedAccount,
        [],
        'An account, and what its platform said of its credential just now',
      ),
    ],
    ['MissingAction', describeMembers<MissingAction>(missingAction)],
    ['ConnectAccount', describeBody(ConnectAccount, 'What a person is to be asked for')],
    [
      'Consent',
      {
        type: 'object',
        required: ['authorization_url', 'expires_in'],
        properties: {
          authorization_url: {
            ...TEXT,
            format: 'uri',
            description: 'A person opens it in a browser; good once',
          },
          expires_in: { ...WHOLE, description: 'Seconds' },
        },
      },
    ],
    [
      'Connected',
      {
        type: 'object',
        required: ['success', 'reconnected', 'refused_scopes', 'account', 'sandbox'],
        properties: {
          success: { const: true },
          reconnected: { ...YES_NO, description: 'It was connected before; its history goes on' },
          refused_scopes: { ...TEXTS, description: 'Asked for, and not granted' },
          account: refer('Account'),
          sandbox: YES_NO,
        },
      },
    ],
    [
      'Invited',
      {
        type: 'object',
        description: 'A bot that was let into a server',
        required: [
          'success',
          'account_id',
          'bot',
          'guild',
          'permissions',
          'refused_permissions',
          'sandbox',
        ],
        properties: {
          success: { const: true },
          account_id: { ...TEXT, description: 'The account by which the bot acts' },
          bot: NAMED,
          guild: NAMED,
          permissions: { ...TEXTS, description: 'What it was granted in the whole server' },
          refused_permissions: { ...TEXTS, description: 'Asked for, and not granted' },
          sandbox: YES_NO,
        },
      },
    ],
    [
      'NotConnected',
      {
        description: 'Why an account was not connected; nothing is stored',
        allOf: [refer('Problem')],
        type: 'object',
        required: ['success', 'code', 'what_to_do'],
        properties: {
          success: { const: false },
          code: {
            ...TEXT,
            description: `${Object.keys(CONNECT_FAULTS).join(', ')}, or a failure code`,
          },
          what_to_do: TEXT,
        },
      },
    ],
    ['AccountList', listOf('accounts', refer('Account'))],
    ['HistoryEntry', describeMembers<HistoryEntry>(historyEntry)],
    ['AuditEntry', describeMembers<AuditEntry>(auditEntry, [], 'An action as the log has it')],
    ['AuditNote', describeMembers<AuditNote>(auditNote, [], 'Something that happened')],
    ['AuditPage', pageOf(refer('AuditEntry'))],
    ['AuditNotePage', pageOf(refer('AuditNote'))],
    ['Caller', describeMembers<CallerReport>(callerReport, [], 'A caller, without its keys')],
    ['CallerList', listOf('callers', refer('Caller'))],
    ['CreateCaller', describeBody(CreateCaller, 'A caller that is to get a key of its own')],
    ['ChangeCaller', describeBody(ChangeCaller, 'What a caller may do')],
    ['RotateCaller', describeBody(RotateCaller, 'Another key in place of one')],
    [
      'CallerWithKey',
      {
        type: 'object',
        required: ['caller', 'api_key'],
        properties: {
          caller: refer('Caller'),
          api_key: { ...TEXT, description: 'Told this once: only its hash is kept' },
        },
      },
    ],
    ['Flag', describeMembers<FlagReport>(flagReport, [], 'A feature flag')],
    ['FlagList', listOf('flags', refer('Flag'))],
    ['SetFlag', describeBody(SetFlag, 'Switches on or off')],
    [
      'History',
      {
        type: 'object',
        required: ['entries', 'next_cursor'],
        properties: {
          entries: { type: 'array', items: refer('HistoryEntry') },
          next_cursor: {
            type: ['string', 'null'],
            description: 'Send it as `before` for the part after this; null at the end',
          },
        },
      },
    ],
    ['StoreAccount', describeBody(StoreAccount, 'Tokens of an account')],
    ['StoreTokens', describeBody(StoreTokens, "The earlier Twitch service's form")],
    ['RevokeTokens', describeBody(RevokeTokens, "The earlier Twitch service's form")],
    ['PutCredential', describeBody(PutCredential, 'Tokens that get a name')],
    ['UpsertCredential', describeBody(UpsertCredential, 'The same for a customer')],
    ['ResolveCredential', describeBody(ResolveCredential, 'The name of a credential')],
    ['UpdateToken', describeBody(UpdateToken, 'A renewed access token')],
    ['Credential', describeMembers(credential, [], 'A credential by its name, without secrets')],
    [
      'OwnCredential',
      describeMembers({ ...credential, metadata: FREE }, [], 'The same, as its customer sees it'),
    ],
    [
      'ResolvedCredential',
      describeMembers(
        {
          ...credential,
          access_token: TEXT,
          refresh_token: { type: ['string', 'null'] },
        } satisfies Members<ResolvedReply>,
        [],
        'A credential with its secrets',
      ),
    ],
    [
      'TokenUpdate',
      {
        type: 'object',
        required: ['status', 'message'],
        properties: { status: { const: 'success' }, message: TEXT },
      },
    ],
    [
      'FieldFaults',
      {
        type: 'object',
        description: "Wrong fields in the earlier service's form; no value is repeated",
        required: ['detail'],
        properties: {
          detail: {
            type: 'array',
            items: {
              type: 'object',
              required: ['type', 'loc', 'msg', 'input'],
              properties: {
                type: TEXT,
                loc: TEXTS,
                msg: TEXT,
                input: { type: 'null' },
              },
            },
          },
        },
      },
    ],
    [
      'TokensAnswer',
      {
        type: 'object',
        required: ['success', 'message'],
        properties: { success: { const: true }, message: TEXT },
      },
    ],
    ['TokenRequest', describeBody(TokenRequest, 'What a token is asked for with')],
    [
      'Token',
      {
        type: 'object',
        required: ['token', 'expires_in'],
        properties: {
          token: { ...TEXT, description: 'A JWT for the Authorization header' },
          expires_in: { ...WHOLE, description: 'Seconds' },
        },
      },
    ],
    [
      'Stats',
      {
        type: 'object',
        required: ['module', 'version', 'stats', 'timestamp', 'sandbox'],
        properties: {
          ...ABOUT,
          stats: {
            type: 'object',
            required: [
              'registered_broadcasters',
              'grpc_port',
              'rest_port',
              'running',
              'waiting',
              'queue',
              'last_24_hours',
            ],
            properties: {
              registered_broadcasters: { ...WHOLE, description: 'Connected Twitch accounts' },
              ...DOOR_PORTS,
              running: { ...WHOLE, description: 'Actions of this replica under way' },
              waiting: { ...WHOLE, description: 'Actions of this replica that wait for a worker' },
              queue: {
                type: 'object',
                description: 'What all replicas have to carry out later',
                required: ['waiting', 'lines', 'working', 'late_ms'],
                properties: {
                  waiting: { ...WHOLE, description: 'Actions, scheduled ones included' },
                  lines: { ...WHOLE, description: 'Lines they stand in, each in its own order' },
                  working: { ...WHOLE, description: 'Lines that a replica works on' },
                  late_ms: {
                    ...WHOLE,
                    description: 'Milliseconds that a line has been due and nobody works on it',
                  },
                },
              },
              last_24_hours: {
                type: 'object',
                propertyNames: refer('Status'),
                additionalProperties: WHOLE,
                description: 'Actions of all replicas by status',
              },
            },
          },
          sandbox: YES_NO,
        },
      },
    ],
    [
      'LimitList',
      {
        type: 'object',
        required: ['limits', 'timestamp'],
        properties: {
          limits: { type: 'array', items: refer('Limit') },
          timestamp: { ...TEXT, format: 'date-time' },
        },
      },
    ],
    [
      'Limit',
      {
        type: 'object',
        required: [
          'bucket',
          'platform',
          'account_id',
          'kind',
          'limit',
          'used',
          'left',
          'reset_in_ms',
          'reset_at',
        ],
        properties: {
          bucket: { ...TEXT, description: 'What is counted; its platform comes first' },
          platform: { ...TEXT, description: 'A platform, or `gateway` for budgets of callers' },
          account_id: { ...TEXT, description: 'Whose it is; empty where it belongs to nobody' },
          kind: {
            type: 'string',
            enum: ['window', 'learned', 'daily', 'noes', 'allowance'],
            description:
              'A window that slides, one that the platform tells of, units of a day, noes that end ' +
              'in a lock-out, requests of a caller in a minute',
          },
          limit: WHOLE,
          used: WHOLE,
          left: WHOLE,
          reset_in_ms: {
            ...WHOLE,
            description:
              'Milliseconds until it is new; of a window that slides, until more is free',
          },
          reset_at: {
            ...TEXT,
            format: 'date-time',
            description: 'The same on the clock of the database',
          },
          reserve: { ...WHOLE, description: 'Of what is left, what only priority HIGH may take' },
        },
      },
    ],
    [
      'Health',
      {
        type: 'object',
        required: Object.keys(health).filter((name) => name !== 'error'),
        properties: health,
      },
    ],
    [
      'HealthReport',
      {
        type: 'object',
        required: ['status', 'details'],
        properties: {
          status: { type: 'string', enum: ['ok', 'error', 'shutting_down'] },
          info: { ...checks, description: 'What is well' },
          error: { ...checks, description: 'What is not' },
          details: { ...checks, description: 'Both' },
        },
      },
    ],
    [
      'Problem',
      {
        type: 'object',
        description: "RFC 9457: the door's own no, before any action was begun",
        required: ['type', 'title', 'status', 'detail', 'error'],
        properties: {
          type: { ...TEXT, format: 'uri-reference' },
          title: TEXT,
          status: { ...WHOLE, description: 'The HTTP status' },
          detail: { ...TEXT, description: 'What is wrong and how to mend it' },
          error: { ...TEXT, description: 'The same as `detail`' },
        },
      },
    ],
    ...actions.flatMap(describeAction),
  ];
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
