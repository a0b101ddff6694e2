import { Controller, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { VERSION } from '../../config/version.js';
import { Catalogue } from '../../execution/catalogue.js';
import { readDocsUrl } from '../pages/docs-url.js';
import { docsStyle, renderDocsPage } from '../pages/docs-page.js';
import { documentActions } from '../contracts/documented-action.js';
import { buildOpenApi } from '../contracts/openapi.js';
import { Dialects } from '../door/dialects.js';
import { empty, json, type PublicRequest, Route, ROUTES, typed } from '../door/route.js';
import { defineObject, TEXT, YES_NO } from '../door/schema.js';

/** Where a program or a person goes on from the root of the service; paths of this very service. */
interface Addresses {
  readonly service: string;
  readonly version: string;
  readonly console: string;
  readonly docs: string;
  readonly openapi: string;
  readonly health: string;
  readonly sandbox: boolean;
}

const ADDRESSES = defineObject<Addresses>('Addresses', {
  service: { ...TEXT, description: 'action-gateway' },
  version: TEXT,
  console: { ...TEXT, description: 'Path of the console, for people who run a community' },
  docs: { ...TEXT, description: 'Path of the documentation for people' },
  openapi: { ...TEXT, description: 'Path of the contract for programs' },
  health: TEXT,
  sandbox: { ...YES_NO, description: 'The platforms are simulated' },
});

/** The contract for readers and for tools, made from the catalogue. */
@Controller()
export class DocsController {
  // Bytes, so that all answers that wait to be read share them.
  #openApi: Buffer | undefined;
  #page: Buffer | undefined;
  readonly #style = Buffer.from(docsStyle);

  constructor(
    private readonly catalogue: Catalogue,
    @Inject(ROUTES) private readonly routes: readonly Route[],
    private readonly dialects: Dialects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Redirects a browser to the console, and gives a program the addresses. */
  @Route({
    method: 'GET',
    path: '/',
    tag: 'Catalogue',
    summary: 'Name the service and the addresses to go on from',
    description: 'A browser, which accepts `text/html`, is sent to `/console/`.',
    needs: 'public',
    headers: { vary: 'accept' },
    answers: {
      200: json('The addresses', ADDRESSES),
      303: empty('For a browser: the console', {
        location: { schema: { const: '/console/' } },
      }),
    },
  })
  getAddresses({ request, reply }: PublicRequest): Addresses | void {
    const { accept } = request.headers;
    if (accept !== undefined && /\btext\/html\b/i.test(accept))
      return void reply.code(303).header('location', '/console/').send();
    return {
      service: 'action-gateway',
      version: VERSION,
      console: '/console/',
      docs: '/docs',
      openapi: '/openapi.json',
      health: '/health',
      sandbox: this.config.sandbox,
    };
  }

  /** Browsers ask for it by themselves; an empty answer keeps the log free of 404s. */
  @Route({
    method: 'GET',
    path: '/favicon.ico',
    tag: 'Catalogue',
    summary: 'Answer a browser that asks for an icon: there is none',
    needs: 'public',
    headers: { 'cache-control': 'public, max-age=86400' },
    answers: { 204: empty('No icon') },
  })
  getIcon(): void {
    return undefined;
  }

  @Route({
    method: 'GET',
    path: '/openapi.json',
    tag: 'Catalogue',
    summary: 'Give this document',
    needs: 'public',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    answers: { 200: json('An OpenAPI document', { type: 'object' }) },
  })
  async getOpenApi(): Promise<Buffer> {
    const { PUBLIC_URL: publicUrl } = this.config;
    const dialects = this.dialects.registered.map(({ contract = {} }) => contract);
    const about = { version: VERSION, publicUrl, dialects };
    // Made once: the catalogue and its switches stand while the process runs.
    this.#openApi ??= Buffer.from(
      JSON.stringify(buildOpenApi(await documentActions(this.catalogue), this.routes, about)),
    );
    return this.#openApi;
  }

  @Route({
    method: 'GET',
    path: '/docs',
    tag: 'Catalogue',
    summary: 'Show the documentation',
    needs: 'public',
    headers: { 'content-type': 'text/html; charset=utf-8' },
    answers: { 200: typed('A page for people', 'text/html') },
  })
  async getDocs(): Promise<Buffer> {
    const about = {
      version: VERSION,
      publicUrl: readDocsUrl(this.config),
      sandbox: this.config.sandbox,
    };
    this.#page ??= Buffer.from(renderDocsPage(await documentActions(this.catalogue), about));
    return this.#page;
  }

  @Route({
    method: 'GET',
    path: '/docs/style.css',
    tag: 'Catalogue',
    summary: 'Give the style of the documentation',
    needs: 'public',
    headers: { 'content-type': 'text/css; charset=utf-8' },
    answers: { 200: typed('A style sheet', 'text/css') },
  })
  getDocsStyle(): Buffer {
    return this.#style;
  }
}
