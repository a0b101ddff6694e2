import { Controller, Get, Header, Headers, HttpCode, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { VERSION } from '../../config/version.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Public } from '../caller.guard.js';
import { docsStyle, renderDocsPage } from '../contracts/docs-page.js';
import { documentActions } from '../contracts/documented-action.js';
import { buildOpenApi } from '../contracts/openapi.js';

/** Where a program or a person goes on from the root of the service; paths of this very service. */
export interface Addresses {
  readonly service: string;
  readonly version: string;
  readonly docs: string;
  readonly openapi: string;
  readonly health: string;
  readonly sandbox: boolean;
}

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

  /** A browser is sent to the documentation, a program is told the addresses. */
  @Get()
  showAddresses(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Addresses | undefined {
    void reply.header('vary', 'accept');
    if (accept !== undefined && /\btext\/html\b/i.test(accept)) {
      void reply.code(303).header('location', '/docs');
      return undefined;
    }
    return {
      service: 'action-gateway',
      version: VERSION,
      docs: '/docs',
      openapi: '/openapi.json',
      health: '/health',
      sandbox: this.config.sandbox,
    };
  }

  /** Browsers ask for it by themselves; an empty answer keeps the log free of 404s. */
  @Get('favicon.ico')
  @HttpCode(204)
  @Header('cache-control', 'public, max-age=86400')
  showIcon(): undefined {
    return undefined;
  }

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
