import {
  buildExampleEnvelope,
  type DocumentedAction,
  nameAction,
} from '../contracts/documented-action.js';
import { type GrpcPlace, writeGrpcurl } from '../contracts/samples.js';
import { renderBadges, renderCode, renderDetails, renderSearch } from './docs-action.js';
import { type Guide, listGuides } from './guides.js';
import { type Html, html } from './html.js';
import { type PageOptions, renderPage } from './page.js';

export interface ActionPageOptions extends PageOptions {
  /** Of the REST door, without a slash at the end. */
  readonly url: string;
  readonly grpc: GrpcPlace;
}

const ADDRESS = '/docs/actions';

/** One action on a page of its own; its Markdown is at the same address with `.md`. */
export function renderActionPage(action: DocumentedAction, options: ActionPageOptions): string {
  const { platform, action_type: type } = action;
  const address = `${ADDRESS}/${platform}/${type}`;
  return renderPage(
    nameAction(action),
    html`<p><a href="/docs">All actions</a> · <a href="${address}.md">Markdown</a></p>
      <p>${renderBadges(action)}</p>
      <p class="lead">${action.summary}.</p>
      <p><a class="outward" href="${action.docs_url}">The platform's own page</a></p>
      ${renderDetails(action, options.url, (text) => html`<h2>${text}</h2>`)}
      <h2>The same over gRPC</h2>
      ${renderCode(writeGrpcurl(options.grpc, buildExampleEnvelope(action)))} ${renderSearch()}`,
    options,
  );
}

/** The actions and guides that fit a search. */
export function renderSearchPage(
  text: string,
  {
    found,
    guides,
  }: { readonly found: readonly DocumentedAction[]; readonly guides: readonly Guide[] },
  options: PageOptions,
): string {
  return renderPage(
    'Search',
    html`<p><a href="/docs">All actions</a></p>
      ${renderSearch(text)}
      <p role="status">${countFound(found.length)}</p>
      <ul class="found">
        ${found.map(renderFound)}
      </ul>
      ${
        guides.length > 0 &&
        html`<h2>Guides</h2>
          ${listGuides(guides)}`
      }`,
    options,
  );
}

function countFound(count: number): string {
  if (count === 0) return 'No action has all of these words';
  return count === 1 ? '1 action' : `${count} actions`;
}

function renderFound(action: DocumentedAction): Html {
  const { platform, action_type: type, summary } = action;
  return html`<li>
    <a href="${ADDRESS}/${platform}/${type}">${nameAction(action)}</a> ${summary}
  </li>`;
}
