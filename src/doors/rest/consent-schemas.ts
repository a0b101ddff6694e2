import { CONNECT_FAULTS } from '../../accounts/connect-failure.js';
import { Id, List, Text } from '../../actions/fields.js';
import { PROBLEM, PROBLEMS, type ProblemStatus } from '../contracts/problems.js';
import type { Answer } from '../door/route.js';
import {
  defineObject,
  defineSchema,
  Described,
  describeMembers,
  TEXT,
  TEXTS,
  WHOLE,
  YES_NO,
} from '../door/schema.js';
import { ACCOUNT } from './account-schemas.js';

/** What a person is to be asked for. */
@Described('What a person is to be asked for')
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

  @List('Several groups instead of one', {
    optional: true,
    minItems: 1,
    maxItems: 50,
    maxLength: 64,
  })
  groups?: string[];
}

/** What a caller who cannot follow a redirect opens in a browser. */
export interface ConsentReply {
  readonly authorization_url: string;
  readonly expires_in: number;
}

export const CONSENT = defineObject<ConsentReply>('Consent', {
  authorization_url: {
    ...TEXT,
    format: 'uri',
    description: 'A person opens it in a browser; good once',
  },
  expires_in: { ...WHOLE, description: 'Seconds' },
});

const CONNECTED = defineSchema('Connected', {
  type: 'object',
  required: ['success', 'reconnected', 'refused_scopes', 'account', 'sandbox'],
  properties: {
    success: { const: true },
    reconnected: { ...YES_NO, description: 'It was connected before; its history goes on' },
    refused_scopes: { ...TEXTS, description: 'Asked for, and not granted' },
    account: ACCOUNT,
    sandbox: YES_NO,
  },
});

/** A bot that was let into a server, for callers. */
export interface InvitedReport {
  readonly success: true;
  readonly account_id: string;
  readonly bot: { readonly id: string; readonly name: string };
  readonly guild: { readonly id: string; readonly name: string };
  readonly permissions: readonly string[];
  readonly refused_permissions: readonly string[];
  readonly sandbox: boolean;
}

const NAMED = describeMembers<InvitedReport['bot']>({ id: TEXT, name: TEXT });

const INVITED = defineObject<InvitedReport>(
  'Invited',
  {
    success: { const: true },
    account_id: { ...TEXT, description: 'The account by which the bot acts' },
    bot: NAMED,
    guild: NAMED,
    permissions: { ...TEXTS, description: 'What it was granted in the whole server' },
    refused_permissions: { ...TEXTS, description: 'Asked for, and not granted' },
    sandbox: YES_NO,
  },
  [],
  'A bot that was let into a server',
);

const NOT_CONNECTED = defineSchema('NotConnected', {
  description: 'Why an account was not connected; nothing is stored',
  allOf: [PROBLEM],
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
});

const PAGE = { schema: TEXT };

/** What a person, or a program in its place, is answered who comes back from a platform. */
export const CALLBACK_ANSWERS: Readonly<Record<number, Answer>> = {
  200: {
    description: 'The account is connected; on Discord, the bot is in the server',
    content: {
      'text/html': { schema: TEXT },
      'application/json': { schema: { anyOf: [CONNECTED, INVITED] } },
    },
  },
  ...Object.fromEntries(
    [...Object.values(CONNECT_FAULTS), 401, 404, 429, 500].map((status) => [
      status,
      {
        description: listFaults(status),
        content: {
          'text/html': PAGE,
          'application/problem+json': { schema: { anyOf: [NOT_CONNECTED, PROBLEM] } },
        },
      },
    ]),
  ),
};

/** Why an account was not connected, of those that share a status. */
function listFaults(status: number): string {
  const names = Object.entries(CONNECT_FAULTS).filter(([, http]) => http === status);
  return names.map(([name]) => name).join(', ') || PROBLEMS[status as ProblemStatus].description;
}

/** What a person is answered whose link leads to no platform. */
export const LINK_ANSWERS: Readonly<Record<number, Answer>> = Object.fromEntries(
  [...new Set([...Object.values(CONNECT_FAULTS), 404, 429, 500])].map((status) => [
    status,
    {
      description: listFaults(status),
      content: { 'text/html': PAGE, 'application/problem+json': { schema: PROBLEM } },
    },
  ]),
);
