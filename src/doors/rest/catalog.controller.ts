import { Controller } from '@nestjs/common';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';
import { ACTION_LIST } from '../contracts/action-schemas.js';
import { json, Route, type RouteRequest } from '../door/route.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** What can be done, with JSON Schemas. */
@Controller()
export class CatalogController {
  /** By platform; bytes, so that all answers that wait to be read share them. */
  readonly #lists = new Map<string | undefined, Buffer>();

  constructor(private readonly catalogue: Catalogue) {}

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
    return this.#list(undefined);
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
    return this.#list(params['platform']);
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

  /** Made once: the catalogue stands while the process runs. */
  #list(platform: string | undefined): Buffer {
    const made = this.#lists.get(platform);
    if (made) return made;
    const list = Buffer.from(JSON.stringify({ actions: this.catalogue.describe(platform) }));
    this.#lists.set(platform, list);
    return list;
  }
}
