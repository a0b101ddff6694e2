import { Controller, Get, Header, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { VERSION } from '../../config/version.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Public } from '../caller.guard.js';
import { docsStyle, renderDocsPage } from '../contracts/docs-page.js';
import { documentActions } from '../contracts/documented-action.js';
import { buildOpenApi } from '../contracts/openapi.js';

/** The contract for readers and for tools, made from the catalogue. */
@Public()
@Controller()
export class DocsController {
  #openApi: object | undefined;
  #page: string | undefined;

  constructor(
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('openapi.json')
  async showOpenApi(): Promise<object> {
    // Made once: the catalogue and its switches stand while the process runs.
    this.#openApi ??= buildOpenApi(await documentActions(this.catalogue), {
      version: VERSION,
      publicUrl: this.config.PUBLIC_URL,
    });
    return this.#openApi;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  async showDocs(): Promise<string> {
    const { sandbox, tls, REST_PORT, PUBLIC_URL } = this.config;
    const publicUrl = PUBLIC_URL ?? `${tls.rest ? 'https' : 'http'}://localhost:${REST_PORT}`;
    this.#page ??= renderDocsPage(await documentActions(this.catalogue), {
      version: VERSION,
      publicUrl,
      sandbox,
    });
    return this.#page;
  }

  @Get('docs/style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  showStyle(): string {
    return docsStyle;
  }
}
