import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { Text } from '../../actions/fields.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import {
  type DocumentedAction,
  documentActions,
  nameAction,
  sortActions,
} from '../contracts/documented-action.js';
import {
  type Places,
  renderActionMarkdown,
  renderLlmsFullText,
  renderLlmsText,
} from '../contracts/markdown.js';
import { type PublicRequest, Route, typed } from '../door/route.js';
import { readDocsUrl } from '../pages/docs-url.js';
import { renderActionPage, renderSearchPage } from '../pages/action-page.js';
import {
  type Guide,
  GUIDES_ADDRESS,
  readGuides,
  renderGuide,
  renderGuideList,
} from '../pages/guides.js';

const HTML = 'text/html; charset=utf-8';
const MARKDOWN = 'text/markdown; charset=utf-8';
const PLAIN = 'text/plain; charset=utf-8';
const AS_MARKDOWN = '.md';

class ActionPath {
  @Text('The platform', { max: 64, example: 'twitch' })
  platform!: string;

  @Text('The action; with `.md` behind it, its page is Markdown', { max: 128, example: 'ban' })
  action_type!: string;
}

class GuidePath {
  @Text('The guide; with `.md` behind it, as Markdown', { max: 64, example: 'api' })
  name!: string;
}

class SearchActions {
  @Text('Words, all of which the name or the summary of an action has', {
    max: 100,
    optional: true,
  })
  q?: string;
}

/** A page for each action, a search, and the same for language models. */
@Controller()
export class ActionPagesController {
  readonly #places: Places;
  #actions: Promise<readonly DocumentedAction[]> | undefined;
  #guides: Promise<readonly Guide[]> | undefined;
  /** Pages of guides, each rendered once. */
  readonly #rendered = new Map<string, Buffer>();
  #full: Buffer | undefined;

  constructor(
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { tls, GRPC_PORT } = config;
    const url = readDocsUrl(config);
    const { hostname } = new URL(url);
    this.#places = {
      url: url.replace(/\/$/, ''),
      grpc: { address: `${hostname}:${GRPC_PORT}`, isTls: tls.grpc !== undefined },
    };
  }

  @Route({
    method: 'GET',
    path: '/docs/actions/:platform/:action_type',
    tag: 'Catalogue',
    summary: 'Show the page of one action, for people or as Markdown',
    needs: 'public',
    params: ActionPath,
    answers: { 200: typed('The page', 'text/html', 'text/markdown') },
  })
  async getActionPage({
    params: { platform, action_type },
    reply,
  }: PublicRequest<{ params: ActionPath }>): Promise<Buffer> {
    const isMarkdown = action_type.endsWith(AS_MARKDOWN);
    const type = isMarkdown ? action_type.slice(0, -AS_MARKDOWN.length) : action_type;
    const actions = await this.#listActions();
    const action = actions.find((one) => one.platform === platform && one.action_type === type);
    if (!action) throw refuse.notFound(`There is no action ${platform}.${type}`);
    void reply.type(isMarkdown ? MARKDOWN : HTML);
    return Buffer.from(
      isMarkdown
        ? renderActionMarkdown(action, this.#places)
        : renderActionPage(action, { ...this.#places, sandbox: this.config.sandbox }),
    );
  }

  @Route({
    method: 'GET',
    path: '/docs/search',
    tag: 'Catalogue',
    summary: 'Search the actions, on a page for people',
    needs: 'public',
    query: SearchActions,
    headers: { 'content-type': HTML },
    answers: { 200: typed('The actions that have all words', 'text/html') },
  })
  async search({ query: { q = '' } }: PublicRequest<{ query: SearchActions }>): Promise<Buffer> {
    const found = findActions(await this.#listActions(), q);
    const guides = findGuides(await this.#listGuides(), q);
    return Buffer.from(renderSearchPage(q, { found, guides }, this.config));
  }

  @Route({
    method: 'GET',
    path: GUIDES_ADDRESS,
    tag: 'Catalogue',
    summary: 'List the guides',
    needs: 'public',
    headers: { 'content-type': HTML },
    answers: { 200: typed('The guides of this build', 'text/html') },
  })
  async getGuides(): Promise<Buffer> {
    return Buffer.from(renderGuideList(await this.#listGuides(), this.config));
  }

  @Route({
    method: 'GET',
    path: `${GUIDES_ADDRESS}/:name`,
    tag: 'Catalogue',
    summary: 'Show a guide, for people or as Markdown',
    needs: 'public',
    params: GuidePath,
    answers: { 200: typed('The guide', 'text/html', 'text/markdown') },
  })
  async getGuide({
    params: { name },
    reply,
  }: PublicRequest<{ params: GuidePath }>): Promise<Buffer> {
    const isMarkdown = name.endsWith(AS_MARKDOWN);
    const wanted = isMarkdown ? name.slice(0, -AS_MARKDOWN.length) : name;
    const guide = (await this.#listGuides()).find((one) => one.name === wanted);
    if (!guide) throw refuse.notFound(`There is no guide "${wanted}"`);
    void reply.type(isMarkdown ? MARKDOWN : HTML);
    if (isMarkdown) return Buffer.from(guide.markdown);
    const page = this.#rendered.get(wanted) ?? Buffer.from(renderGuide(guide, this.config));
    this.#rendered.set(wanted, page);
    return page;
  }

  @Route({
    method: 'GET',
    path: '/llms.txt',
    tag: 'Catalogue',
    summary: 'List every action for language models',
    needs: 'public',
    headers: { 'content-type': PLAIN },
    answers: { 200: typed('Markdown, as llmstxt.org describes it', 'text/plain') },
  })
  async getLlmsText(): Promise<Buffer> {
    const [actions, guides] = await Promise.all([this.#listActions(), this.#listGuides()]);
    return Buffer.from(renderLlmsText(actions, guides, this.#places.url));
  }

  @Route({
    method: 'GET',
    path: '/llms-full.txt',
    tag: 'Catalogue',
    summary: 'Describe every action for language models, in one text',
    needs: 'public',
    headers: { 'content-type': PLAIN },
    answers: { 200: typed('Markdown', 'text/plain') },
  })
  async getLlmsFullText(): Promise<Buffer> {
    this.#full ??= Buffer.from(renderLlmsFullText(await this.#listActions(), this.#places));
    return this.#full;
  }

  #listGuides(): Promise<readonly Guide[]> {
    this.#guides ??= readGuides();
    return this.#guides;
  }

  #listActions(): Promise<readonly DocumentedAction[]> {
    this.#actions ??= documentActions(this.catalogue).then(sortActions);
    return this.#actions;
  }
}

/** Guides that have every word. */
function findGuides(guides: readonly Guide[], text: string): Guide[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? []
    : guides.filter(({ searched }) => words.every((word) => searched.includes(word)));
}

/** Actions that have every word in their name or summary; those with all of them in the name first. */
function findActions(actions: readonly DocumentedAction[], text: string): DocumentedAction[] {
  const words = text
    .toLowerCase()
    .split(/[\s._]+/)
    .filter(Boolean);
  if (words.length === 0) return [];
  const hasAll = (place: string): boolean => words.every((word) => place.includes(word));
  const named = actions.filter((action) => hasAll(nameAction(action)));
  const described = actions.filter(
    (action) =>
      !named.includes(action) && hasAll(`${nameAction(action)} ${action.summary}`.toLowerCase()),
  );
  return [...named, ...described];
}
