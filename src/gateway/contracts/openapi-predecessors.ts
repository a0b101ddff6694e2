import type { JsonObject } from '../../actions/json.js';
import type { Operation, Predecessor } from '../predecessors/predecessor.js';
import { PREDECESSORS } from '../predecessors/predecessors.js';

/** The tag of these routes, and what it says. */
export const EARLIER_SERVICES: JsonObject = {
  name: 'Earlier services',
  description: 'The routes of the services before this one, for callers that still speak to them',
};

const TAGS = ['Earlier services'];
const FREE: JsonObject = { type: 'object' };
const TEXT: JsonObject = { type: 'string' };

/** The routes of the earlier services, as their tables have them. */
export function describePredecessorPaths(): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const predecessor of Object.values(PREDECESSORS)) {
    for (const operation of predecessor.operations) {
      const [method, route] = operation.route;
      const path = `/${route.replaceAll(/:(\w+)/g, '{$1}')}`;
      const described = { [method.toLowerCase()]: describeOperation(predecessor, operation, path) };
      paths[path] = { ...paths[path], ...described };
    }
  }
  return { ...paths, ...describeOthers() };
}

function describeOperation(
  { name, accountField, refuse }: Predecessor,
  { rpc, action, takes, needs = [], gives = [] }: Operation,
  path: string,
): JsonObject {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
  const fields = [...Object.keys(takes), ...(accountField === undefined ? [] : [accountField])];
  const inBody = fields.filter((field) => !inPath.includes(field));
  const line = 'message' in refuse('') ? 'message' : 'error';
  return {
    operationId: `${name}${rpc}`,
    tags: TAGS,
    summary: `Carry out ${name}.${action} in the form of the earlier ${name} service`,
    security: SECURITY,
    ...(inPath.length > 0 && {
      parameters: inPath.map((field) => ({
        name: field,
        in: 'path',
        required: true,
        schema: TEXT,
      })),
    }),
    ...(inBody.length > 0 && {
      requestBody: takeFields(
        inBody,
        needs.filter((field) => inBody.includes(field)),
      ),
    }),
    responses: {
      200: answerWith('What became of it', [
        'success',
        ...(line === 'message' ? [line] : []),
        ...gives,
      ]),
      ...NOES,
      ...(line === 'error' && { 500: answerWith("The platform's no", ['success', 'error']) }),
    },
  };
}

const SECURITY = [{ callerToken: ['execute_actions'] }, {}];
const MANAGE = [{ callerToken: ['manage_accounts'] }, {}];

const NOES: JsonObject = {
  400: answerWith('A field is missing or wrong, or the body is no JSON', []),
  401: answerWith('Nobody is let in with this', []),
};

function post(
  operationId: string,
  summary: string,
  fields: readonly string[],
  gives: readonly string[],
  more: JsonObject = {},
): JsonObject {
  return {
    post: {
      operationId,
      tags: TAGS,
      summary,
      security: SECURITY,
      requestBody: takeFields(fields, []),
      responses: { 200: answerWith('Done', gives), ...NOES },
      ...more,
    },
  };
}

function read(
  operationId: string,
  summary: string,
  gives: readonly string[],
  more: object = {},
): object {
  return {
    operationId,
    tags: TAGS,
    summary,
    security: MANAGE,
    responses: { 200: answerWith('Done', gives), ...NOES },
    ...more,
  };
}

/** Routes that stand in no table. */
function describeOthers(): JsonObject {
  const open = { security: [] };
  return {
    '/api/v1/token': post(
      'makeDiscordToken',
      'Make a token for Discord; client_secret is the key of a caller, or a root key',
      ['client_id', 'client_secret'],
      ['token', 'expires_in'],
      open,
    ),
    '/api/v1/token/generate': post(
      'makeYouTubeToken',
      'Make a token for one channel of YouTube; secret is the key of a caller, or a root key',
      ['secret', 'channel_id'],
      ['success', 'token'],
      open,
    ),
    '/api/v1/execute': post(
      'executeCommand',
      "Carry out a command, in the router's form",
      ['command', 'args', 'platform', 'entity_id', 'session_id', 'message'],
      ['success', 'message', 'action_id', 'result_data', 'error'],
    ),
    '/api/v1/execute-module': post(
      'executeModule',
      "Carry out an action, in the workflow's form",
      ['module_name', 'input', 'entity_id', 'session_id'],
      ['success', 'message', 'action_id', 'output', 'error'],
    ),
    '/api/v1/send-message': post(
      'sendMessage',
      "Send a message, in the workflow's or the hub's form",
      ['platform', 'message', 'entity_id', 'server_id', 'channel_id', 'target_user_id'],
      ['success', 'message', 'action_id'],
    ),
    '/api/v1/send-announcement': post(
      'sendAnnouncement',
      "Announce something, in the hub's form",
      ['platform', 'message', 'server_id', 'channel_id'],
      ['success', 'message', 'action_id'],
    ),
    '/oauth/authorize': {
      get: read(
        'beginYouTube',
        'Give the address that connects a channel of YouTube',
        ['success', 'authorization_url'],
        {
          parameters: [{ name: 'state', in: 'query', schema: TEXT, description: 'Which channel' }],
        },
      ),
    },
    '/oauth/callback': {
      get: read(
        'finishYouTube',
        'Where Google sends people back to, with YOUTUBE_REDIRECT_URI as it was',
        ['success', 'message', 'channel_id', 'expires_at'],
        open,
      ),
    },
    '/oauth/channels': {
      get: read('listYouTubeChannels', 'List the channels of YouTube that are connected', [
        'success',
        'channels',
      ]),
    },
    '/oauth/revoke/{channel_id}': {
      delete: read(
        'revokeYouTubeChannel',
        'Forget a channel of YouTube, and end its grant',
        ['success', 'message'],
        { parameters: [{ name: 'channel_id', in: 'path', required: true, schema: TEXT }] },
      ),
    },
  } as JsonObject;
}

function takeFields(fields: readonly string[], required: readonly string[]): JsonObject {
  const schema = {
    ...FREE,
    properties: Object.fromEntries(fields.map((name) => [name, {}])),
    ...(required.length > 0 && { required }),
  };
  return { required: true, content: { 'application/json': { schema } } };
}

function answerWith(description: string, members: readonly string[]): JsonObject {
  const schema = {
    ...FREE,
    ...(members.length > 0 && {
      properties: Object.fromEntries(members.map((name) => [name, {}])),
    }),
  };
  return { description, content: { 'application/json': { schema } } };
}
