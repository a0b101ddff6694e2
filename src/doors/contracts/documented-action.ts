import { Envelope } from '../../actions/envelope.js';
import { listFields } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { PreparedCall } from '../../actions/outcome.js';
import type { ActionDescription, Catalogue, CataloguedAction } from '../../execution/catalogue.js';
import { rehearse } from '../../execution/rehearsal.js';

/** A description with what only a rehearsal knows; readers see it, the contract does not hold it. */
export interface DocumentedAction extends ActionDescription {
  /** Name of the platform as people write it. */
  readonly platform_title?: string;
  /** The account that acts when none is named; an example envelope then names none. */
  readonly default_account?: string;
  readonly example_account?: string;
  /** What the action calls at the platform, in order, such as `POST /chat/messages`. */
  readonly calls?: readonly string[];
  /** Why nothing is ever sent for it, where the platform has no way to do it. */
  readonly unsupported?: string;
  /** What a dry run of the example says it costs. */
  readonly cost?: { readonly units: number; readonly unit: string };
}

/** Accounts that no example value can be mistaken for. */
const CONTEXT = {
  actionId: 'ACTION-ID',
  account: { id: 'ACCOUNT-ID' },
  actor: { id: 'ACTOR-ID' },
};

/** Describes all actions, and rehearses each example to show the calls behind it. No network. */
export async function documentActions(catalogue: Catalogue): Promise<DocumentedAction[]> {
  const described = new Map(
    catalogue.describe().map((action) => [`${action.platform}.${action.action_type}`, action]),
  );
  const documented = catalogue.list().map(async (entry): Promise<DocumentedAction[]> => {
    const description = described.get(`${entry.platform.name}.${entry.action.type}`);
    return description ? [{ ...description, ...(await rehearseExample(entry)) }] : [];
  });
  return (await Promise.all(documented)).flat();
}

async function rehearseExample({ platform, action }: CataloguedAction) {
  const known = {
    platform_title: platform.title,
    default_account: platform.defaultAccount,
    example_account: action.example.account ?? platform.exampleAccount,
  };
  if (action.unsupported) return { ...known, unsupported: action.unsupported.reason };
  const input = action.parse(action.example.input, CONTEXT);
  const { reads, write, following, cost } = await rehearse(platform, action, input, CONTEXT);
  const names = nameValues(action.example.input);
  return {
    ...known,
    calls: [...reads, write, ...following].map((call) => showCall(call, platform.apiUrl, names)),
    cost: { units: cost, unit: platform.costUnit },
  };
}

/** Which parameter a value in a path came from. */
function nameValues(input: object): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(input).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[value, name]] : [],
    ),
    [CONTEXT.account.id, 'account_id'],
    [CONTEXT.actor.id, 'actor_id'],
  ]);
}

/** The call without host and query, example values in its path replaced by their names. */
function showCall(
  { method, url }: PreparedCall,
  apiUrl: string,
  names: ReadonlyMap<string, string>,
): string {
  const base = apiUrl.replace(/\/$/, '');
  const place = (url.startsWith(base) ? url.slice(base.length) : url).split('?', 1)[0] ?? '';
  const shown = place.split('/').map((segment) => {
    const value = decodeURIComponent(segment);
    const name = names.get(value);
    return name ? `{${name}}` : value;
  });
  return `${method} ${shown.join('/')}`;
}

/** Actions in an order that depends on nothing but their names. */
export function sortActions<Described extends ActionDescription>(
  actions: readonly Described[],
): Described[] {
  const rank = ({ platform, group, action_type }: Described): string =>
    `${platform}\u0000${group}\u0000${action_type}`;
  return [...actions].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Name of an action in the catalogue, such as `twitch.chat_message`. */
export function nameAction({ platform, action_type }: ActionDescription): string {
  return `${platform}.${action_type}`;
}

/** The account that the envelope's own description takes as its example. */
const EXAMPLE_ACCOUNT = String(
  listFields(Envelope).find(({ name }) => name === 'account_id')?.example ?? '',
);

/** The envelope of an action's example, as a caller would write it. */
export function buildExampleEnvelope({
  platform,
  action_type,
  example,
  default_account,
  example_account = EXAMPLE_ACCOUNT,
}: DocumentedAction): JsonObject {
  return {
    platform,
    action_type,
    ...(default_account === undefined && { account_id: example_account }),
    parameters: JSON.parse(JSON.stringify(example.input)) as JsonObject,
  };
}

/** Name of an action's platform for headings. */
export function titlePlatform({ platform, platform_title }: DocumentedAction): string {
  return platform_title ?? platform.charAt(0).toUpperCase() + platform.slice(1);
}
