import { Controller } from '@nestjs/common';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';
import { Flags } from '../../safeguards/flags.js';
import { ACTION_LIST } from '../contracts/action-schemas.js';
import { KeptLists } from '../kept-lists.js';
import { json, Route, type RouteRequest } from '../door/route.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** What can be done, with JSON Schemas. */
@Controller()
export class CatalogController {
  /** Bytes, so that all answers that wait to be read share them. */
  readonly #lists: KeptLists<Buffer>;

  constructor(
    private readonly catalogue: Catalogue,
    flags: Flags,
  ) {
    this.#lists = new KeptLists(flags, (platform) =>
      Buffer.from(JSON.stringify({ actions: catalogue.describe(platform) })),
    );
  }

  @Route({
    method: 'GET',
    path: '/api/v1/catalog',
    tag: 'Catalogue',
    summary: 'List all actions, with JSON Schemas',
    needs: 'caller',
    headers: JSON_TYPE,
    answers: { 200: json('The actions', ACTION_LIST) },
  })
  listActions(): Buffer {
    return this.#lists.get(undefined);
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
