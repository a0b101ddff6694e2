import { Controller, Get, Param } from '@nestjs/common';
import { type ActionDescription, Catalogue } from '../../execution/catalogue.js';

/** What can be done, with JSON Schemas. */
@Controller('api/v1/catalog')
export class CatalogController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  listAll(): { actions: ActionDescription[] } {
    return { actions: this.catalogue.describe() };
  }

  @Get(':platform')
  listPlatform(@Param('platform') platform: string): { actions: ActionDescription[] } {
    return { actions: this.catalogue.describe(platform) };
  }

  @Get(':platform/:action_type')
  showAction(
    @Param('platform') platform: string,
    @Param('action_type') actionType: string,
  ): { actions: ActionDescription[] } {
    return { actions: this.catalogue.describe(platform, actionType) };
  }
}
