import { Controller } from '@nestjs/common';
import { Choice } from '../../actions/fields.js';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';
import { Flags } from '../../safeguards/flags.js';
import { ACTION_LIST } from '../contracts/action-schemas.js';
import { KeptLists } from '../kept-lists.js';
import { json, Route, type RouteRequest } from '../door/route.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** How much of each action is told. */
class CatalogQuery {
  @Choice('All of each action, or `summary`: without schemas and example', ['full', 'summary'], {
    default: 'full',
  })
  view!: 'full' | 'summary';
}

/** What can be done, with JSON Schemas. */
@Controller()
export class CatalogController {
  /** Bytes, so that all answers that wait to be read share them. */
  readonly #lists: KeptLists<Buffer>;
  readonly #summaries: KeptLists<Buffer>;

  constructor(
    private readonly catalogue: Catalogue,
    flags: Flags,
  ) {
    this.#lists = new KeptLists(flags, (platform) =>
      Buffer.from(JSON.stringify({ actions: catalogue.describe(platform) })),
    );
    this.#summaries = new KeptLists(flags, (platform) =>
      Buffer.from(JSON.stringify({ actions: catalogue.describe(platform).map(summarize) })),
    );
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
  listActions({ query: { view } }: RouteRequest<{ query: CatalogQuery }>): Buffer {
    return (view === 'summary' ? this.#summaries : this.#lists).get(undefined);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/catalog/:platform',
    tag: 'Catalogue',
    summary: 'List the actions of a platform',
    needs: 'caller',
    headers: JSON_TYPE,
    answers: { 200: json('The actions', ACTION_LIST) },
  })
  listActionsOfPlatform({ params }: RouteRequest): Buffer {
    return this.#lists.get(params['platform']);
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
}

/** An action without what only its form and its documentation need: a twentieth of the bytes. */
function summarize(action: ActionDescription): Partial<ActionDescription> {
  return Object.fromEntries(Object.entries(action).filter(([name]) => !LONG.has(name)));
}

const LONG: ReadonlySet<string> = new Set<keyof ActionDescription>([
  'input_schema',
  'output_schema',
  'example',
  'choices',
]);
