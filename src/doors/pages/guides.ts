import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { ROOT } from '../../config/root.js';
import { renderCode } from './docs-action.js';
import { Html, html } from './html.js';
import { type PageOptions, renderPage } from './page.js';

const FOLDER = join(ROOT, 'docs');
export const GUIDES_ADDRESS = '/docs/guides';

/** Files of `docs/` that have a page, in the order of a reader who is new. */
export const GUIDES = [
  'sandbox',
  'api',
  'connecting',
  'credentials',
  'callers',
  'console',
  'reads',
  'clients',
  'cli',
  'mcp',
  'media',
  'production',
  'migrate',
  'failures',
  'guarantees',
  'youtube-units',
  'architecture',
] as const;
type GuideName = (typeof GUIDES)[number];

/** A guide as it is written, and its title. */
export interface Guide {
  readonly name: GuideName;
  readonly title: string;
  readonly markdown: string;
  /** The whole text in small letters, for the search. */
  readonly searched: string;
}

/** The guides that this build has: a tree without `docs/` has none. */
export async function readGuides(folder = FOLDER): Promise<readonly Guide[]> {
  const guides = await Promise.all(
    GUIDES.map(async (name): Promise<Guide | undefined> => {
      const markdown = await readFile(join(folder, `${name}.md`), 'utf8').catch(() => undefined);
      if (markdown === undefined) return undefined;
      const [, title = name] = /^# (.+)$/m.exec(markdown) ?? [];
      return { name, title, markdown, searched: markdown.toLowerCase() };
    }),
  );
  return guides.filter((guide) => guide !== undefined);
}

/** A guide as a page for people. Links to files that are no guides are shown as text. */
export function renderGuide({ name, title, markdown }: Guide, options: PageOptions): string {
  const body = markdown.replace(/^# .+$/m, '');
  return renderPage(
    title,
    html`<p>
        <a href="/docs">All actions</a> · <a href="${GUIDES_ADDRESS}">All guides</a> ·
        <a href="${GUIDES_ADDRESS}/${name}.md">Markdown</a>
      </p>
      ${new Html(makeWriter().parse(body, { async: false }))}`,
    options,
  );
}

/** The list of all guides. */
export function renderGuideList(guides: readonly Guide[], options: PageOptions): string {
  return renderPage(
    'Guides',
    html`<p><a href="/docs">All actions</a></p>
      ${listGuides(guides)}`,
    options,
  );
}

export function listGuides(guides: readonly Guide[]): Html {
  return html`<ul class="found">
    ${guides.map(
      ({ name, title }) => html`<li><a href="${GUIDES_ADDRESS}/${name}">${title}</a></li>`,
    )}
  </ul>`;
}

/** Writes the Markdown of our own files; nothing of a caller is in it. Names of headings are counted for each page. */
function makeWriter(): Marked {
  const names = new Map<string, number>();
  return new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading): string {
        const name = nameHeading(text);
        const nth = names.get(name) ?? 0;
        names.set(name, nth + 1);
        const id = nth === 0 ? name : `${name}-${nth}`;
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        const text = this.parser.parseInline(tokens);
        const address = findAddress(href);
        return address === undefined ? text : html`<a href="${address}">${new Html(text)}</a>`.text;
      },
      // The pictures of docs/ are not a part of a build.
      image: ({ text }: Tokens.Image): string => html`<em>${text}</em>`.text,
      html: (): string => '',
      code: ({ text }: Tokens.Code): string => `${renderCode(text).text}\n`,
      table(token: Tokens.Table): string {
        const row = (cells: readonly Tokens.TableCell[], tag: 'th' | 'td'): string =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        const rows = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="scroll" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
}

/** As GitHub names the heading of a Markdown file. */
function nameHeading(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

/** Where a link of a file in `docs/` leads on the pages; undefined where there is no page. */
function findAddress(href: string): string | undefined {
  if (/^(https?:|#)/.test(href)) return href;
  const [, file = '', anchor = ''] = /^(?:\.\/)?([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  if (file === 'actions') return '/docs';
  return (GUIDES as readonly string[]).includes(file)
    ? `${GUIDES_ADDRESS}/${file}${anchor}`
    : undefined;
}
