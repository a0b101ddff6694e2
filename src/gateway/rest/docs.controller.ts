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
  // Bytes, so that all answers that wait to be read share them.
  #openApi: Buffer | undefined;
  #page: Buffer | undefined;
  readonly #style = Buffer.from(docsStyle);

  constructor(
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  async showOpenApi(): Promise<Buffer> {
    const { PUBLIC_URL: publicUrl } = this.config;
    const about = { version: VERSION, publicUrl };
    // Made once: the catalogue and its switches stand while the process runs.
    this.#openApi ??= Buffer.from(
      JSON.stringify(buildOpenApi(await documentActions(this.catalogue), about)),
    );
    return this.#openApi;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  async showDocs(): Promise<Buffer> {
    const { sandbox, tls, REST_PORT, PUBLIC_URL } = this.config;
    const publicUrl = PUBLIC_URL ?? `${tls.rest ? 'https' : 'http'}://localhost:${REST_PORT}`;
    const about = { version: VERSION, publicUrl, sandbox };
    this.#page ??= Buffer.from(renderDocsPage(await documentActions(this.catalogue), about));
    return this.#page;
  }

  @Get('docs/style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  showStyle(): Buffer {
    return this.#style;
  }
}
