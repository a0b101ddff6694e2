import { Controller } from '@nestjs/common';
import { Choice, Flag } from '../../actions/fields.js';
import type { Caller } from '../../callers/caller.js';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';
import { isPermitted } from '../../execution/permitted-actions.js';
import { Flags } from '../../safeguards/flags.js';
import { ACTION_LIST } from '../contracts/action-schemas.js';
import { KeptLists } from '../kept-lists.js';
import { json, Route, type RouteRequest } from '../door/route.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

type View = 'full' | 'summary';

/** Which actions are wanted, and how much of each. */
class CatalogQuery {
  @Flag('Only those that the caller may carry out, by its permissions and bounds', {
    default: false,
  })
  mine!: boolean;

  @Choice('All of each action, or `summary`: without schemas and example', ['full', 'summary'], {
    default: 'full',
  })
  view!: View;
}

/** What can be done, with JSON Schemas. */
@Controller()
export class CatalogController {
  /** Bytes, so that all answers that wait to be read share them. */
  readonly #lists: Readonly<Record<View, KeptLists<Buffer>>>;

  constructor(
    private readonly catalogue: Catalogue,
    flags: Flags,
  ) {
    const keep = (view: View) =>
      new KeptLists(flags, (platform) => write(view, catalogue.describe(platform)));
    this.#lists = { full: keep('full'), summary: keep('summary') };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/catalog',
    tag: 'Catalogue',
    summary: 'List all actions, with JSON Schemas',
    needs: 'caller',
    headers: JSON_TYPE,
    query: CatalogQuery,
    answers: { 200: json('The actions', ACTION_LIST) },
  })
  listActions({ caller, query }: RouteRequest<{ query: CatalogQuery }>): Buffer {
    return this.#list(caller, query);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/catalog/:platform',
    tag: 'Catalogue',
    summary: 'List the actions of a platform',
    needs: 'caller',
    headers: JSON_TYPE,
    query: CatalogQuery,
    answers: { 200: json('The actions', ACTION_LIST) },
  })
  listActionsOfPlatform({ caller, params, query }: RouteRequest<{ query: CatalogQuery }>): Buffer {
    return this.#list(caller, query, params['platform']);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/catalog/:platform/:action_type',
    tag: 'Catalogue',
    summary: 'Describe one action',
    needs: 'caller',
    answers: { 200: json('A list of this one action', ACTION_LIST) },
  })
  describeAction({ params }: RouteRequest): { actions: ActionDescription[] } {
    return { actions: this.catalogue.describe(params['platform'], params['action_type']) };
  }

  #list(caller: Caller, { mine, view }: CatalogQuery, platform?: string): Buffer {
    if (!mine) return this.#lists[view].get(platform);
    const actions = this.catalogue
      .describe(platform)
      .filter(({ platform: of, action_type: type }) =>
        isPermitted(caller, this.catalogue.get(of, type)),
      );
    return write(view, actions);
  }
}

/** The view `summary` leaves out what only a form and documentation need: a twentieth is left. */
function write(view: View, actions: readonly ActionDescription[]): Buffer {
  return Buffer.from(
    JSON.stringify({ actions: view === 'summary' ? actions.map(summarize) : actions }),
  );
}

const LONG: ReadonlySet<string> = new Set<keyof ActionDescription>([
  'input_schema',
  'output_schema',
  'example',
  'choices',
]);

function summarize(action: ActionDescription): Partial<ActionDescription> {
  return Object.fromEntries(Object.entries(action).filter(([name]) => !LONG.has(name)));
}
