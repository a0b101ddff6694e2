import { Controller, Get, Header, Param } from '@nestjs/common';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What can be done, with JSON Schemas. */
@Controller('api/v1/catalog')
export class CatalogController {
  /** By platform; bytes, so that all answers that wait to be read share them. */
  readonly #lists = new Map<string | undefined, Buffer>();

  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Header('content-type', JSON_TYPE)
  listAll(): Buffer {
    return this.#list(undefined);
  }

  @Get(':platform')
  @Header('content-type', JSON_TYPE)
  listPlatform(@Param('platform') platform: string): Buffer {
    return this.#list(platform);
  }

  @Get(':platform/:action_type')
  showAction(
    @Param('platform') platform: string,
    @Param('action_type') actionType: string,
  ): { actions: ActionDescription[] } {
    return { actions: this.catalogue.describe(platform, actionType) };
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
