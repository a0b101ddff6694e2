import type { Tool } from '@modelcontextprotocol/server';
import { describeFields, type FieldClass } from '../../actions/fields.js';
import { describeOutcomeSchema, toToolSchema } from './action-tools.js';
import {
  DescribeAction,
  ExecuteAction,
  GetStatus,
  ListAccounts,
  SearchActions,
} from './tool-arguments.js';

/** Tools that read what the gateway knows itself. */
const OF_GATEWAY = { readOnlyHint: true, openWorldHint: false } as const;

/** The tools that every action can be found and carried out by. */
export const DISCOVERY_TOOLS = {
  search_actions: describe(
    'search_actions',
    SearchActions,
    'Find actions',
    'Lists actions that you may carry out. Begin here, then call describe_action.',
    OF_GATEWAY,
  ),
  describe_action: describe(
    'describe_action',
    DescribeAction,
    'Describe an action',
    'Tells the parameters of an action as JSON Schema, its result, an example, and whether it is destructive.',
    OF_GATEWAY,
  ),
  list_accounts: describe(
    'list_accounts',
    ListAccounts,
    'List accounts',
    'Lists the connected channels, servers and bots, whose ids are account_id and actor_id.',
    OF_GATEWAY,
  ),
  execute_action: {
    ...describe(
      'execute_action',
      ExecuteAction,
      'Carry out an action',
      'Carries out one action and tells what really happened. UNKNOWN means that it may have happened: look before you repeat it.',
      { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    ),
    outputSchema: describeOutcomeSchema(),
  },
  get_status: describe(
    'get_status',
    GetStatus,
    'Ask for an outcome',
    'Tells what became of an action, such as one that was QUEUED, SCHEDULED or UNKNOWN.',
    OF_GATEWAY,
  ),
} as const satisfies Readonly<Record<string, Tool>>;

export type DiscoveryTool = keyof typeof DISCOVERY_TOOLS;

/** Whether a name is that of a discovery tool. */
export function isDiscoveryTool(name: string): name is DiscoveryTool {
  return Object.hasOwn(DISCOVERY_TOOLS, name);
}

/** Those of them that are listed beside named toolsets as well. */
export const ALWAYS_LISTED: ReadonlySet<string> = new Set<DiscoveryTool>([
  'list_accounts',
  'get_status',
]);

function describe(
  name: string,
  type: FieldClass,
  title: string,
  description: string,
  annotations: NonNullable<Tool['annotations']>,
): Tool {
  return {
    name,
    title,
    description,
    inputSchema: toToolSchema(describeFields(type)),
    annotations,
  };
}
