import { STATUS_CODES } from 'node:http';
import { CALLBACK_STATES } from '../../queue/callbacks.js';
import { CONNECT_FAULTS } from '../../accounts/connect-failure.js';
import type { Permission } from '../../actions/caller.js';
import { FAILURES, type FailureCode } from '../../actions/failures.js';
import { type FieldClass, listFields } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';
import type { ActionDescription } from '../../execution/catalogue.js';
import { FLAG_KEY_FORM } from '../../safeguards/flag-key.js';
import { AuditExport, AuditQuery, EventsQuery, HistoryQuery, UnsetFlag } from './bodies.js';
import { completeResponses } from './complete-responses.js';
import { describeCredentialPaths } from './credential-paths.js';
import {
  buildExampleEnvelope,
  type DocumentedAction,
  nameAction,
  sortActions,
} from './documented-action.js';
import { describeMediaPaths, MEDIA_SECURITY_SCHEME, MEDIA_TAG } from './openapi-media.js';
import { describePredecessorPaths, EARLIER_SERVICES } from './openapi-predecessors.js';
import { describeSchemas, refer, toJson } from './openapi-schemas.js';

export interface OpenApiOptions {
  readonly version: string;
  /** Where callers reach the REST door; left out, paths are relative to the document. */
  readonly publicUrl?: string;
}

/** The REST door as an OpenAPI 3.1 document, made from the catalogue and the failure table. */
export function buildOpenApi(
  actions: readonly DocumentedAction[],
  { version, publicUrl }: OpenApiOptions,
): JsonObject {
  const sorted = sortActions(actions);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Action gateway',
      version,
      description:
        'Carries out actions on platforms and answers with what really happened. An answer with the ' +
        'header `nothing-sent: 1` comes from the door itself: no platform heard of the request, and ' +
        'it may be repeated as it is.',
      license: { name: 'AGPL-3.0-only', identifier: 'AGPL-3.0-only' },
    },
    servers: [{ url: publicUrl?.replace(/\/$/, '') || '/' }],
    tags: [
      { name: 'Actions', description: 'Envelopes in, outcomes out' },
      { name: 'Catalogue', description: 'What can be done' },
      { name: 'Accounts', description: 'Whose credentials are held' },
      { name: 'Tokens', description: 'Who may ask' },
      { name: 'Audit', description: 'What was done' },
      { name: 'Flags', description: 'What is switched on' },
      { name: 'Operation', description: 'How the gateway is doing' },
      EARLIER_SERVICES,
      MEDIA_TAG,
    ],
    security: [{ callerToken: [] }],
    paths: completeResponses(
      {
        ...describePaths(sorted),
        ...describePredecessorPaths(),
        ...describeMediaPaths(),
      },
      {
        refuseWith: (...statuses) => pickProblems(...(statuses as ProblemStatus[])),
        refuseInEarlierForm,
        earlierTags: new Set([EARLIER_SERVICES, MEDIA_TAG].map(({ name }) => String(name))),
      },
    ),
    components: {
      schemas: describeSchemas(sorted),
      responses: describeProblems(),
      headers: HEADERS,
      securitySchemes: {
        servingKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Plant-Internal-Key',
          description: 'CREDENTIAL_SERVING_KEY, for services that resolve credentials here.',
        },
        mediaKey: MEDIA_SECURITY_SCHEME,
        callerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'A token of `POST /api/v1/auth/token`. The names beside an operation are permissions.',
        },
      },
    },
  };
}

const HEADERS: JsonObject = {
  'nothing-sent': {
    description: 'No platform heard of this request: it may be repeated as it is',
    schema: { const: '1' },
  },
  'retry-after': {
    description: 'Seconds until a repeat makes sense',
    schema: { type: 'integer', minimum: 0 },
  },
};

/** The door's own refusals, by HTTP status. */
const PROBLEMS = {
  400: { name: 'Malformed', description: 'The request cannot be read, or a field of it is wrong' },
  401: { name: 'Unauthenticated', description: 'The credential is missing, wrong or expired' },
  403: { name: 'Forbidden', description: 'The token lacks a permission, or does not reach this' },
  404: { name: 'NotFound', description: 'Nothing of this name is known to this caller' },
  408: { name: 'TooSlow', description: 'The body did not come within REST_BODY_TIMEOUT' },
  409: {
    name: 'Taken',
    description: 'There is one of this name already, or several tenants have one of this name',
  },
  413: {
    name: 'TooLarge',
    description: 'The body, its file apart, is larger than MAX_MESSAGE_BYTES',
  },
  414: { name: 'AddressTooLong', description: 'A part of the path is too long' },
  415: { name: 'NotJson', description: 'The body is not declared as JSON' },
  422: { name: 'KeyReused', description: FAILURES.KEY_REUSED.meaning },
  429: { name: 'TooMany', description: 'Too many requests, of this caller or from this address' },
  500: { name: 'Fault', description: 'A fault of the gateway; it is in its log' },
  503: { name: 'Unavailable', description: FAILURES.GATEWAY_UNAVAILABLE.meaning },
} as const;
type ProblemStatus = keyof typeof PROBLEMS;

function describeProblems(): JsonObject {
  const named = Object.entries(PROBLEMS).map(([status, { name, description }]) => [
    name,
    {
      description,
      headers: {
        'nothing-sent': { $ref: '#/components/headers/nothing-sent' },
        ...(['429', '503'].includes(status) && { 'retry-after': RETRY_AFTER }),
      },
      content: { 'application/problem+json': describeProblem(Number(status), description) },
    },
  ]);
  return Object.fromEntries(named) as JsonObject;
}

const RETRY_AFTER: JsonObject = { $ref: '#/components/headers/retry-after' };

function describeProblem(status: number, detail: string): JsonObject {
  return {
    schema: refer('Problem'),
    example: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      error: detail,
    },
  };
}

/** Refusals of the door by status. Every route may meet a fault of ours or a database that is away. */
function refuseWith(...statuses: readonly ProblemStatus[]): JsonObject {
  return pickProblems(...statuses, 500, 503);
}

function pickProblems(...statuses: readonly ProblemStatus[]): JsonObject {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { $ref: `#/components/responses/${PROBLEMS[status].name}` },
    ]),
  );
}

/** A route in the form of an earlier service refuses in its words; what has no route yet, in ours. */
function refuseInEarlierForm(status: number): JsonObject {
  const { description } = PROBLEMS[status as ProblemStatus] ?? { description: 'It is refused' };
  return {
    description,
    content: {
      'application/json': { schema: { type: 'object' } },
      'application/problem+json': { schema: refer('Problem') },
    },
  };
}

/** Why an account was not connected, of those that share a status. */
function listFaults(status: number): string {
  const names = Object.entries(CONNECT_FAULTS).filter(([, http]) => http === status);
  return names.map(([name]) => name).join(', ') || PROBLEMS[status as ProblemStatus].description;
}

const GRANT_AT_PLATFORM: JsonObject = {
  description:
    'What became of the grant there: `unclear` when the platform is away, `none` where it knows no end',
  schema: { type: 'string', enum: ['ended', 'unclear', 'none'] },
};

function answerJson(description: string, schema: JsonObject, more: JsonObject = {}): JsonObject {
  return { description, content: { 'application/json': { schema, ...more } } };
}

function takeJson(schema: JsonObject, more: JsonObject = {}): JsonObject {
  return { required: true, content: { 'application/json': { schema, ...more } } };
}

/** Which permission a token needs: any of those named. */
function need(...permissions: readonly Permission[]): JsonObject {
  return { security: permissions.map((permission) => ({ callerToken: [permission] })) };
}

/** Fields of a query as parameters. */
function listQuery(type: FieldClass): JsonObject[] {
  return listFields(type).map(({ name, description, schema }) => ({
    name,
    in: 'query',
    description,
    schema: toJson(schema),
  }));
}

const PUBLIC: JsonObject = { security: [] };
const WITH_BODY = [400, 401, 413, 415] as const;

const ACTION_ID: JsonObject = {
  name: 'action_id',
  in: 'path',
  required: true,
  description: 'The id that an answer gave',
  schema: { type: 'string', format: 'uuid' },
};
const ACCOUNT_ID: JsonObject = {
  name: 'account_id',
  in: 'path',
  required: true,
  description: 'Id of the account on its platform',
  schema: { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9_-]+$' },
};

const CALLER: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  example: 'chat-bot',
};
const FLAG_KEY: JsonObject = {
  name: 'key',
  in: 'path',
  required: true,
  description: FLAG_KEY_FORM,
  schema: { type: 'string' },
  example: 'twitch.chat',
};

function describePaths(actions: readonly DocumentedAction[]): JsonObject {
  const platforms = [...new Set(actions.map(({ platform }) => platform))];
  const platform: JsonObject = {
    name: 'platform',
    in: 'path',
    required: true,
    schema: { type: 'string', ...(platforms.length > 0 && { enum: platforms }) },
  };
  const account = [platform, ACCOUNT_ID];
  return {
    '/api/v1/actions/execute': { post: describeExecute(actions) },
    '/api/v1/actions/batch': { post: describeBatch(actions) },
    '/api/v1/actions/{action_id}': {
      parameters: [ACTION_ID],
      get: {
        operationId: 'getAction',
        tags: ['Actions'],
        summary: "Tell what became of an action: one's own, or any with the permission read_audit",
        responses: {
          200: answerJson('The outcome as it is now', refer('Outcome')),
          ...refuseWith(400, 401, 404),
        },
      },
      delete: {
        operationId: 'cancelAction',
        tags: ['Actions'],
        summary: 'Cancel a queued or scheduled action; any other is answered as it is',
        description:
          'Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
        responses: {
          200: answerJson('The outcome as it is now', refer('Outcome')),
          ...refuseWith(400, 401, 403, 404),
        },
      },
    },
    '/api/v1/catalog': {
      get: {
        operationId: 'listActions',
        tags: ['Catalogue'],
        summary: 'List all actions, with JSON Schemas',
        responses: { 200: answerJson('The actions', refer('ActionList')), ...refuseWith(401) },
      },
    },
    '/api/v1/catalog/{platform}': {
      parameters: [platform],
      get: {
        operationId: 'listActionsOfPlatform',
        tags: ['Catalogue'],
        summary: 'List the actions of a platform',
        responses: {
          200: answerJson('The actions', refer('ActionList')),
          ...refuseWith(401, 404),
        },
      },
    },
    '/api/v1/catalog/{platform}/{action_type}': {
      parameters: [
        platform,
        { name: 'action_type', in: 'path', required: true, schema: { type: 'string' } },
      ],
      get: {
        operationId: 'describeAction',
        tags: ['Catalogue'],
        summary: 'Describe one action',
        responses: {
          200: answerJson('A list of this one action', refer('ActionList')),
          ...refuseWith(401, 404),
        },
      },
    },
    '/api/v1/accounts': {
      get: {
        operationId: 'listAccounts',
        tags: ['Accounts'],
        summary: 'List the accounts that the token reaches',
        ...need('manage_accounts'),
        responses: {
          200: answerJson('The accounts', refer('AccountList')),
          ...refuseWith(401, 403),
        },
      },
    },
    '/api/v1/accounts/{platform}/{account_id}': {
      parameters: account,
      get: {
        operationId: 'getAccount',
        tags: ['Accounts'],
        summary: 'Show an account',
        ...need('manage_accounts'),
        responses: {
          200: answerJson('The account', refer('Account')),
          ...refuseWith(401, 403, 404),
        },
      },
      put: {
        operationId: 'storeAccount',
        tags: ['Accounts'],
        summary: 'Connect an account with tokens that are at hand, or replace them',
        description:
          'The platform is asked whose the token is, and what it says counts. An access token that ' +
          'is over is renewed first. When the platform cannot be asked, the account is stored as ' +
          '`unverified`: actions are tried with it, scopes that are only claimed refuse none of them, ' +
          'and the platform is asked again in the background.',
        ...need('manage_accounts'),
        requestBody: takeJson(refer('StoreAccount'), {
          example: {
            access_token: 'the-access-token',
            refresh_token: 'the-refresh-token',
            expires_in: 14_400,
            scopes: ['user:write:chat'],
          },
        }),
        responses: {
          200: answerJson('The account as it is stored', refer('Account')),
          ...refuseWith(...WITH_BODY, 403, 404),
        },
      },
      delete: {
        operationId: 'removeAccount',
        tags: ['Accounts'],
        summary: 'Forget an account and its tokens, and end its grant at the platform',
        ...need('manage_accounts'),
        responses: {
          204: {
            description: 'It is forgotten, also when the platform is away',
            headers: { 'grant-at-platform': GRANT_AT_PLATFORM },
          },
          ...refuseWith(401, 403, 404),
        },
      },
    },
    '/api/v1/accounts/{platform}/{account_id}/verify': {
      parameters: account,
      post: {
        operationId: 'verifyAccount',
        tags: ['Accounts'],
        summary: 'Ask the platform now whether it accepts the credential of an account',
        description:
          'An accepted credential makes the account `connected`, with the scopes that the platform ' +
          'names. An access token that is over is renewed. A refused credential makes it `reconnect`. ' +
          'When the platform gives no answer, `verification` is `unknown` and nothing changes.',
        ...need('manage_accounts'),
        responses: {
          200: answerJson('The account after the answer of the platform', refer('VerifiedAccount')),
          ...refuseWith(400, 401, 403, 404),
        },
      },
    },
    '/api/v1/accounts/{platform}/{account_id}/history': {
      parameters: account,
      get: {
        operationId: 'tellAccountHistory',
        tags: ['Accounts'],
        summary: 'Tell what happened to an account, the newest first; also to one that is gone',
        ...need('manage_accounts', 'read_audit'),
        parameters: listQuery(HistoryQuery),
        responses: {
          200: answerJson('A part of its history', refer('History')),
          ...refuseWith(400, 401, 403, 404),
        },
      },
    },
    '/api/v1/oauth/{platform}/authorize': {
      parameters: [platform],
      post: {
        operationId: 'askForConsent',
        tags: ['Accounts'],
        summary: 'Make the address that a person opens to connect an account',
        description:
          'A browser sends no credentials by itself, so a caller asks for the address and a person ' +
          'opens it: at the platform, which sends them back to `/oauth/{platform}/callback`. The ' +
          'scopes of the actions are asked for, and those that the account has granted already. On ' +
          'Discord the person lets the bot into a server, with the permissions of the actions.',
        ...need('manage_accounts'),
        requestBody: {
          ...takeJson(refer('ConnectAccount'), { example: { account_id: '1001', group: 'chat' } }),
          required: false,
        },
        responses: {
          200: answerJson('The address', refer('Consent')),
          ...refuseWith(...WITH_BODY, 403, 404),
        },
      },
    },
    '/oauth/{platform}/authorize': {
      parameters: [platform],
      get: {
        operationId: 'goForConsent',
        tags: ['Accounts'],
        summary: 'The same for clients that send credentials and follow redirects',
        ...need('manage_accounts'),
        parameters: ['account_id', 'actions', 'group'].map((name) => ({
          name,
          in: 'query',
          description: `As in the body of askForConsent${name === 'actions' ? ', with commas between them' : ''}`,
          schema: { type: 'string' },
        })),
        responses: {
          200: answerJson('The address, for `Accept: application/json`', refer('Consent')),
          302: { description: 'To the platform' },
          ...refuseWith(400, 401, 403, 404),
        },
      },
    },
    '/oauth/{platform}/callback': {
      parameters: [platform],
      get: {
        operationId: 'takeConsent',
        tags: ['Accounts'],
        summary: 'Where the platform sends a person back to: a page, or JSON for who accepts that',
        ...PUBLIC,
        parameters: ['state', 'code', 'error'].map((name) => ({
          name,
          in: 'query',
          schema: { type: 'string' },
        })),
        responses: {
          200: {
            description: 'The account is connected; on Discord, the bot is in the server',
            content: {
              'text/html': { schema: { type: 'string' } },
              'application/json': { schema: { anyOf: [refer('Connected'), refer('Invited')] } },
            },
          },
          ...Object.fromEntries(
            [...new Set([...Object.values(CONNECT_FAULTS), 401, 404, 429, 500])].map((status) => [
              String(status),
              {
                description: listFaults(status),
                content: {
                  'text/html': { schema: { type: 'string' } },
                  'application/problem+json': {
                    schema: { anyOf: [refer('NotConnected'), refer('Problem')] },
                  },
                },
              },
            ]),
          ),
        },
      },
    },
    '/api/v1/tokens/store': {
      post: {
        operationId: 'storeTokens',
        tags: ['Accounts'],
        summary: "Connect a Twitch channel in the earlier service's form",
        ...need('manage_accounts'),
        requestBody: takeJson(refer('StoreTokens'), {
          example: {
            broadcaster_id: '1001',
            access_token: 'the-access-token',
            refresh_token: 'the-refresh-token',
            expires_in: 3600,
            scopes: ['user:write:chat'],
          },
        }),
        responses: {
          200: answerJson('Stored', refer('TokensAnswer'), {
            example: { success: true, message: 'Token stored successfully' },
          }),
          ...refuseWith(...WITH_BODY, 403),
        },
      },
    },
    '/api/v1/tokens/revoke': {
      post: {
        operationId: 'revokeTokens',
        tags: ['Accounts'],
        summary: "Forget a Twitch channel's tokens, also when there are none",
        ...need('manage_accounts'),
        requestBody: takeJson(refer('RevokeTokens'), { example: { broadcaster_id: '1001' } }),
        responses: {
          200: answerJson('Forgotten', refer('TokensAnswer'), {
            example: { success: true, message: 'Token revoked successfully' },
          }),
          ...refuseWith(...WITH_BODY, 403),
        },
      },
    },
    ...describeCredentialPaths({ answerJson, takeJson, refuseWith, need, listQuery }),
    '/api/v1/auth/token': {
      post: {
        operationId: 'makeToken',
        tags: ['Tokens'],
        summary: 'Make a token for a caller',
        description: 'At most 60 requests in a minute from one address.',
        ...PUBLIC,
        requestBody: takeJson(refer('TokenRequest'), {
          example: {
            api_key: 'one-of-the-keys-in-MODULE_SECRET_KEY',
            service: 'router',
            permissions: ['execute_actions'],
          },
        }),
        responses: {
          200: answerJson('The token', refer('Token')),
          ...refuseWith(...WITH_BODY, 429),
        },
      },
    },
    '/api/v1/batches/{batch_id}': {
      parameters: [
        {
          name: 'batch_id',
          in: 'path',
          required: true,
          schema: { type: 'string', format: 'uuid' },
          description: 'As the answer to the batch gave it',
        },
      ],
      get: {
        operationId: 'getBatch',
        tags: ['Actions'],
        summary: 'Show how far the actions of a batch are',
        responses: {
          200: answerJson('Its progress', refer('BatchProgress')),
          ...refuseWith(400, 401, 404),
        },
      },
    },
    '/api/v1/callbacks': {
      get: {
        operationId: 'listCallbacks',
        tags: ['Actions'],
        summary: 'List callbacks: one’s own, or all with the permission read_audit',
        parameters: [
          {
            name: 'state',
            in: 'query',
            schema: { type: 'string', enum: [...CALLBACK_STATES] },
            description: 'Those in this state alone, such as `dead`',
          },
          {
            name: 'cursor',
            in: 'query',
            schema: { type: 'string' },
            description: 'Goes on where a list ended, with its `next_cursor`',
          },
          {
            name: 'limit',
            in: 'query',
            schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
          },
        ],
        responses: {
          200: answerJson('Callbacks in the order of their actions', refer('Callbacks')),
          ...refuseWith(400, 401),
        },
      },
    },
    '/api/v1/callbacks/{action_id}/replay': {
      parameters: [
        {
          name: 'action_id',
          in: 'path',
          required: true,
          schema: { type: 'string', format: 'uuid' },
        },
      ],
      post: {
        operationId: 'replayCallback',
        tags: ['Actions'],
        summary: 'Deliver a callback again, also a dead one',
        description:
          'Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
        responses: {
          202: answerJson('It is due', refer('ReplayedCallback')),
          ...refuseWith(400, 401, 403, 404),
        },
      },
    },
    '/api/v1/flags': {
      get: {
        operationId: 'listFlags',
        tags: ['Flags'],
        summary: 'List every flag with its default, its value, and who set it when and why',
        ...need('manage_flags'),
        responses: { 200: answerJson('The flags', refer('FlagList')), ...refuseWith(401, 403) },
      },
    },
    '/api/v1/flags/{key}': {
      parameters: [FLAG_KEY],
      get: {
        operationId: 'getFlag',
        tags: ['Flags'],
        summary: 'Show a flag',
        ...need('manage_flags'),
        responses: { 200: answerJson('The flag', refer('Flag')), ...refuseWith(400, 401, 403) },
      },
      put: {
        operationId: 'setFlag',
        tags: ['Flags'],
        summary: 'Switch actions on or off, on every replica at once',
        description:
          'Whatever is off on the way switches an action off: its platform, its group, itself, each ' +
          'for everybody, for one account (whose channel it is, or who acts) or for one caller. ' +
          'What waits in the queue asks again when its turn comes. Flags concern actions alone.',
        ...need('manage_flags'),
        requestBody: takeJson(refer('SetFlag'), {
          example: { enabled: false, reason: 'Raid of bots in all chats' },
        }),
        responses: {
          200: answerJson('The flag as it is now', refer('Flag')),
          ...refuseWith(...WITH_BODY, 403),
        },
      },
      delete: {
        operationId: 'unsetFlag',
        tags: ['Flags'],
        summary: 'Go back to the default',
        ...need('manage_flags'),
        parameters: listQuery(UnsetFlag),
        responses: {
          200: answerJson('The flag as it is now', refer('Flag')),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/v1/flags/{key}/history': {
      parameters: [FLAG_KEY],
      get: {
        operationId: 'tellFlagHistory',
        tags: ['Flags'],
        summary: 'Tell who switched a flag when and why, the newest first',
        ...need('manage_flags'),
        parameters: listQuery(HistoryQuery),
        responses: {
          200: answerJson('A part of its history', refer('History')),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/v1/audit': {
      get: {
        operationId: 'searchAudit',
        tags: ['Audit'],
        summary: 'Look for actions in the log, the newest first',
        ...need('read_audit'),
        parameters: listQuery(AuditQuery),
        responses: {
          200: answerJson('A part of what was found', refer('AuditPage')),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/v1/audit/events': {
      get: {
        operationId: 'listEvents',
        tags: ['Audit'],
        summary: 'List what admins did and what happened to accounts, the newest first',
        ...need('read_audit'),
        parameters: listQuery(EventsQuery),
        responses: {
          200: answerJson('A part of what was found', refer('AuditNotePage')),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/v1/audit/export': {
      get: {
        operationId: 'exportAudit',
        tags: ['Audit'],
        summary: 'Take actions of the log away as a file, as many as there are',
        ...need('read_audit'),
        parameters: listQuery(AuditExport),
        responses: {
          200: {
            description: 'The actions, the newest first; an answer that breaks off is not whole',
            content: {
              'text/csv': { schema: { type: 'string' } },
              'application/x-ndjson': { schema: { type: 'string' } },
            },
          },
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/api/v1/callers': {
      get: {
        operationId: 'listCallers',
        tags: ['Tokens'],
        summary: 'List the callers with keys of their own that may do no more than the asker',
        ...need('manage_callers'),
        responses: { 200: answerJson('The callers', refer('CallerList')), ...refuseWith(401, 403) },
      },
      post: {
        operationId: 'createCaller',
        tags: ['Tokens'],
        summary: 'Give a caller a key of its own',
        description:
          'The key is told this once; the token door makes tokens for it. Nobody gives more than it ' +
          'has itself.',
        ...need('manage_callers'),
        requestBody: takeJson(refer('CreateCaller'), {
          example: {
            id: 'chat-bot',
            permissions: ['execute_actions'],
            actions: ['twitch.chat'],
            requests_per_minute: 600,
          },
        }),
        responses: {
          201: answerJson('The caller and its key', refer('CallerWithKey')),
          ...refuseWith(...WITH_BODY, 403, 409),
        },
      },
    },
    '/api/v1/callers/{id}': {
      parameters: [CALLER],
      get: {
        operationId: 'getCaller',
        tags: ['Tokens'],
        summary: 'Show a caller',
        ...need('manage_callers'),
        responses: {
          200: answerJson('The caller', refer('Caller')),
          ...refuseWith(401, 403, 404, 409),
        },
      },
      put: {
        operationId: 'changeCaller',
        tags: ['Tokens'],
        summary: 'Say anew what a caller may do; also for the tokens that it has',
        ...need('manage_callers'),
        requestBody: takeJson(refer('ChangeCaller'), {
          example: { permissions: ['execute_actions'], platforms: ['twitch'] },
        }),
        responses: {
          200: answerJson('The caller as it is now', refer('Caller')),
          ...refuseWith(...WITH_BODY, 403, 404, 409),
        },
      },
      delete: {
        operationId: 'removeCaller',
        tags: ['Tokens'],
        summary: 'Revoke a caller, its keys, its tokens and what of it waits',
        ...need('manage_callers'),
        responses: { 204: { description: 'It is revoked' }, ...refuseWith(401, 403, 404, 409) },
      },
    },
    '/api/v1/callers/{id}/rotate': {
      parameters: [CALLER],
      post: {
        operationId: 'rotateCaller',
        tags: ['Tokens'],
        summary: 'Give a caller another key; the one before is taken for a while as well',
        ...need('manage_callers'),
        requestBody: {
          ...takeJson(refer('RotateCaller'), { example: { grace_seconds: 86_400 } }),
          required: false,
        },
        responses: {
          200: answerJson('The caller and its new key', refer('CallerWithKey')),
          ...refuseWith(...WITH_BODY, 403, 404, 409),
        },
      },
    },
    '/api/v1/callers/{id}/history': {
      parameters: [CALLER],
      get: {
        operationId: 'tellCallerHistory',
        tags: ['Tokens'],
        summary: 'Tell who changed what of a caller, the newest first',
        ...need('manage_callers'),
        parameters: listQuery(HistoryQuery),
        responses: {
          200: answerJson('A part of its history', refer('History')),
          ...refuseWith(400, 401, 403, 404, 409),
        },
      },
    },
    '/api/v1/stats': {
      get: {
        operationId: 'getStats',
        tags: ['Operation'],
        summary: 'Show figures for people',
        responses: { 200: answerJson('The figures', refer('Stats')), ...refuseWith(401, 403) },
      },
    },
    '/api/v1/limits': {
      get: {
        operationId: 'listLimits',
        tags: ['Operation'],
        summary: 'Show what is left of every limit, counted for all replicas together',
        description: 'Takes the permission `execute_actions` or `read_audit`.',
        parameters: ['platform', 'account'].map((name) => ({
          name,
          in: 'query',
          schema: { type: 'string' },
          description: `Those of this ${name} alone`,
        })),
        responses: {
          200: answerJson('The limits that something was counted of', refer('LimitList')),
          ...refuseWith(400, 401, 403),
        },
      },
    },
    '/health': {
      get: {
        operationId: 'getHealth',
        tags: ['Operation'],
        summary:
          "Show how the gateway is, in the form of the earlier services' probes and under the name of the one that the host or port was of",
        ...PUBLIC,
        responses: {
          200: answerJson('The database answers', refer('Health')),
          503: answerJson('The database does not answer', refer('Health')),
        },
      },
    },
    '/healthz': {
      get: {
        operationId: 'getHealthz',
        tags: ['Operation'],
        summary: 'The same, at another path',
        ...PUBLIC,
        responses: {
          200: answerJson('The database answers', refer('Health')),
          503: answerJson('The database does not answer', refer('Health')),
        },
      },
    },
    '/health/live': { get: describeProbe('getLiveness', 'Say that the process answers') },
    '/health/ready': { get: describeProbe('getReadiness', 'Say whether work may be sent here') },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        tags: ['Operation'],
        summary: 'Show figures for Prometheus',
        description:
          'With `METRICS_TOKEN` set, for its bearer alone. Without it for a token or a key with the ' +
          'permission `read_audit`; outside production also for programs on the same machine, and with ' +
          '`METRICS_OPEN=true` for everybody.',
        ...PUBLIC,
        responses: {
          200: {
            description: 'The exposition format of Prometheus',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...refuseWith(401, 403),
        },
      },
    },
    '/': {
      get: {
        operationId: 'getAddresses',
        tags: ['Catalogue'],
        summary: 'Name the service and the addresses to go on from',
        description: 'A browser, which accepts `text/html`, is sent to `/docs`.',
        ...PUBLIC,
        responses: {
          200: answerJson('The addresses', refer('Addresses')),
          303: {
            description: 'For a browser: the documentation',
            headers: { location: { schema: { const: '/docs' } } },
          },
        },
      },
    },
    '/favicon.ico': {
      get: {
        operationId: 'getIcon',
        tags: ['Catalogue'],
        summary: 'Answer a browser that asks for an icon: there is none',
        ...PUBLIC,
        responses: { 204: { description: 'No icon' } },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        tags: ['Catalogue'],
        summary: 'Give this document',
        ...PUBLIC,
        responses: { 200: answerJson('An OpenAPI document', { type: 'object' }) },
      },
    },
    '/docs': {
      get: {
        operationId: 'getDocs',
        tags: ['Catalogue'],
        summary: 'Show the documentation',
        ...PUBLIC,
        responses: {
          200: {
            description: 'A page for people',
            content: { 'text/html': { schema: { type: 'string' } } },
          },
        },
      },
    },
  };
}

function describeProbe(operationId: string, summary: string): JsonObject {
  return {
    operationId,
    tags: ['Operation'],
    summary,
    ...PUBLIC,
    responses: {
      200: answerJson('Yes', refer('HealthReport')),
      503: answerJson('No', refer('HealthReport')),
    },
  };
}

const TWITCH_FORM_EXAMPLE = {
  action_type: 'chat_message',
  broadcaster_id: '1001',
  parameters: { message: 'Hello, chat!' },
  request_id: 'request-1',
} as const;

function describeExecute(actions: readonly DocumentedAction[]): JsonObject {
  return {
    operationId: 'executeAction',
    tags: ['Actions'],
    summary: 'Carry out one action and answer with what really happened',
    description:
      'A body with `broadcaster_id` and without `platform` is the form of the earlier Twitch ' +
      "service; it gets that service's answer, with the HTTP status 200 also when the action failed.",
    ...need('execute_actions'),
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          'The same as `idempotency_key` in the body: the same key and content is carried out once',
        schema: { type: 'string', maxLength: 255 },
      },
    ],
    requestBody: addForm(
      takeJson(
        { oneOf: [refer('Envelope'), refer('TwitchForm')] },
        {
          examples: {
            ...Object.fromEntries(
              actions.map((action) => [
                nameAction(action),
                { summary: action.summary, value: buildExampleEnvelope(action) },
              ]),
            ),
            'earlier Twitch service': {
              summary: "The earlier Twitch service's form",
              value: TWITCH_FORM_EXAMPLE,
            },
          },
        },
      ),
    ),
    responses: {
      200: answerJson(
        'It succeeded, or a dry run was prepared',
        { oneOf: [refer('Outcome'), refer('TwitchFormAnswer')] },
        {
          examples: Object.fromEntries(
            actions.map((action) => [
              nameAction(action),
              { summary: action.summary, value: buildOutcome(action) },
            ]),
          ),
        },
      ),
      202: answerJson('It is queued or scheduled', refer('Outcome')),
      ...describeFailures(),
    },
  };
}

/** The same with a file, which is handed on while it comes and may be as long as the platform takes. */
function addForm(json: JsonObject): JsonObject {
  const form: JsonObject = {
    schema: {
      type: 'object',
      description: 'For actions that take a file: the envelope first, then the file',
      properties: {
        envelope: refer('Envelope'),
        file: {
          type: 'string',
          contentMediaType: 'application/octet-stream',
          description: 'The file, in place of the address that a parameter would name',
        },
      },
      required: ['envelope'],
      additionalProperties: false,
    },
    encoding: {
      envelope: { contentType: 'application/json' },
      file: { contentType: 'video/*, application/octet-stream' },
    },
  };
  return { ...json, content: { ...(json['content'] as JsonObject), 'multipart/form-data': form } };
}

/** Answers of the door itself stand beside the outcomes of the same status. */
function describeFailures(): JsonObject {
  const refusals = refuseWith(...WITH_BODY);
  // Where the gateway can begin nothing, the door answers instead of an outcome.
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter(
    (code) => code !== 'GATEWAY_UNAVAILABLE',
  );
  const statuses = [...new Set(codes.map((code) => FAILURES[code].http))];
  const outcomes = statuses.map((http): [string, JsonObject] => {
    const found = codes.filter((code) => FAILURES[code].http === http);
    const isRefusalToo = String(http) in refusals;
    const description = found.map((code) => `- \`${code}\`: ${FAILURES[code].meaning}`).join('\n');
    return [
      String(http),
      {
        description: isRefusalToo
          ? `${description}\n- a problem: ${PROBLEMS[http as ProblemStatus].description}.`
          : description,
        headers: {
          'retry-after': RETRY_AFTER,
          ...(isRefusalToo && { 'nothing-sent': { $ref: '#/components/headers/nothing-sent' } }),
        },
        content: {
          'application/json': {
            schema: refer('FailedOutcome'),
            examples: Object.fromEntries(
              found.map((code) => [
                code,
                { summary: FAILURES[code].meaning, value: buildFailedOutcome(code) },
              ]),
            ),
          },
          ...(isRefusalToo && {
            'application/problem+json': describeProblem(
              http,
              PROBLEMS[http as ProblemStatus].description,
            ),
          }),
        },
      },
    ];
  });
  return { ...refusals, ...Object.fromEntries(outcomes) };
}

function describeBatch(actions: readonly DocumentedAction[]): JsonObject {
  return {
    operationId: 'executeBatch',
    tags: ['Actions'],
    summary: 'Carry out many actions; one that fails fails alone',
    description: 'Answers 200 whatever became of the actions: each outcome says it for itself.',
    ...need('execute_actions'),
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          'A key for the whole batch: the same key and envelopes are carried out once, and answered with the same outcomes',
        schema: { type: 'string', maxLength: 255 },
      },
    ],
    requestBody: takeJson(refer('Batch'), {
      ...(actions.length > 0 && {
        example: { actions: actions.slice(0, 2).map(buildExampleEnvelope) },
      }),
    }),
    responses: {
      200: answerJson('The outcomes, in the order of the envelopes', refer('BatchAnswer')),
      ...refuseWith(...WITH_BODY, 422),
    },
  };
}

const EXAMPLE_ID = '01920000-0000-7000-8000-000000000001';

function buildOutcome({ action_type, example }: ActionDescription): JsonObject {
  const outcome: Outcome = {
    success: true,
    message: `Action ${action_type} executed successfully`,
    action_id: EXAMPLE_ID,
    result_data: { ...example.output },
    error: '',
    status: 'SUCCEEDED',
    replayed: false,
    request_id: '',
    sandbox: false,
  };
  return toJson(outcome);
}

function buildFailedOutcome(code: FailureCode): JsonObject {
  const { status, retryable, meaning } = FAILURES[code];
  const outcome: Outcome = {
    success: false,
    message: status === 'UNKNOWN' ? 'Outcome unknown' : 'Action execution failed',
    action_id: EXAMPLE_ID,
    result_data: {},
    error: meaning,
    status,
    failure: { code, retryable },
    replayed: false,
    request_id: '',
    sandbox: false,
  };
  return { ...toJson(outcome), type: `/docs#${code}`, title: meaning, detail: meaning };
}
