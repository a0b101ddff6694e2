import { refuse } from '../../actions/door-refusal.js';
import {
  Choice,
  type FieldClass,
  Flag,
  Id,
  Integer,
  parseFields,
  Text,
  Timestamp,
  Values,
} from '../../actions/fields.js';

const ACTION = 'Name of an action, as search_actions tells it: platform.action_type';
const EXAMPLE = 'twitch.chat_message';

/** Arguments of search_actions. */
export class SearchActions {
  @Text('Words to look for, such as: ban user; left out, everything', { optional: true, max: 200 })
  query?: string;

  @Text('Only this platform', { optional: true, max: 32 })
  platform?: string;

  @Text('Only this group of actions, such as chat', { optional: true, max: 64 })
  group?: string;

  @Choice('Only reads, or only writes', ['read', 'write'], { optional: true })
  kind?: string;

  @Integer('Most actions to list', { default: 15, min: 1, max: 100 })
  limit!: number;
}

/** Arguments of describe_action. */
export class DescribeAction {
  @Text(ACTION, { max: 100, example: EXAMPLE })
  action!: string;
}

/** Arguments of list_accounts. */
export class ListAccounts {
  @Text('Only this platform', { optional: true, max: 32 })
  platform?: string;

  @Text('Part of a name or an id', { optional: true, max: 100 })
  text?: string;

  @Text('The next_cursor of the page before', { optional: true, max: 300 })
  cursor?: string;
}

/** Arguments of get_status. */
export class GetStatus {
  @Text('The action_id of an outcome', { max: 36 })
  action_id!: string;
}

/** Arguments of a tool that reads. */
export class ReadAction {
  @Id("Whose channel, server or bot; left out, the platform's default account", { optional: true })
  account_id?: string;

  @Id('Who acts in it, if that is another account', { optional: true })
  actor_id?: string;

  @Values('The parameters of the action', { default: {} })
  parameters!: Record<string, unknown>;
}

/** Arguments of a tool that writes. */
export class WriteAction extends ReadAction {
  @Text(
    'Make a new one for each intended effect and keep it in every retry. Without one, equal calls within the window act once',
    { optional: true, max: 255, unit: 'bytes' },
  )
  idempotency_key?: string;

  @Flag('Show what would be sent, and send nothing', { default: false })
  dry_run!: boolean;

  @Flag('Answer QUEUED at once, then ask get_status; for long actions', { default: false })
  run_async!: boolean;

  @Timestamp('When to carry it out, as an RFC 3339 time', { optional: true })
  run_at?: string;
}

/** Arguments of execute_action. */
export class ExecuteAction extends WriteAction {
  @Text(ACTION, { max: 100, example: EXAMPLE })
  action!: string;
}

/** Reads the arguments of a tool. @throws DoorRefusal naming every wrong one */
export function parseArguments<T extends object>(type: FieldClass<T>, values: unknown): T {
  const parsed = parseFields(type, values ?? {});
  if (parsed.ok) return parsed.value;
  const faults = parsed.violations.map(({ field, message }) => `${field} ${message}`.trim());
  throw refuse.malformed(faults.join('; '));
}
