import { randomBytes } from 'node:crypto';
import type { SandboxAnswer, SandboxHead } from './exchange.js';
import { html, Markup } from './html.js';

/** One value that a tester can choose. */
interface ConsentOption {
  readonly value: string;
  readonly label: string;
}

/** A question of the page. */
interface ConsentChoice {
  /** The parameter that carries the answer; several answers repeat it. */
  readonly parameter: string;
  readonly label: string;
  readonly options: readonly ConsentOption[];
  /** The values that are chosen at first. */
  readonly chosen: readonly string[];
  readonly kind: 'one' | 'many';
}

/** A page that stands for the one on which a platform asks a person for consent. */
export interface ConsentPage {
  readonly title: string;
  /** The platform whose page it stands for. */
  readonly platform: string;
  readonly choices: readonly ConsentChoice[];
  /** What the buttons say. */
  readonly yes: string;
  readonly no: string;
}

/** Set by the page's form: what was chosen counts, also if nothing was. */
const ANSWERED = 'sandbox_answered';
const DENY = 'sandbox_deny';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1b26; --dim: #625e72; --ground: #f5f4f8; --card: #fff;
  --line: #d5d0e0; --accent: #5b30b8; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceaf3; --dim: #b0abc2; --ground: #15131c; --card: #1f1c29; --line: #453f58;
    --accent: #c4adff; --on-accent: #1d1b26; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem; max-width: 32rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; } p { margin: 0 0 1rem; color: var(--dim); }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; } legend, .label { font-weight: 600; padding: 0; }
fieldset div { max-height: 16rem; overflow-y: auto; border: 1px solid var(--line); border-radius: .5rem;
  padding: .5rem .75rem; margin-top: .25rem; }
fieldset label { display: flex; gap: .5rem; align-items: baseline; padding: .15rem 0; font-size: .9rem; }
select { display: block; width: 100%; margin: .25rem 0 1rem; padding: .5rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; }
.buttons { display: flex; gap: .75rem; flex-wrap: wrap; }
button { font: inherit; padding: .55rem 1.25rem; border-radius: .5rem; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer; }
button.yes { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/**
 * Whether a person has still to be asked: a browser came, and nothing in the address is an answer. A
 * program gets the answer of the parameters, or the usual one, at once.
 */
export function hasToAsk(
  { headers, query }: Pick<SandboxHead, 'headers' | 'query'>,
  answers: readonly string[],
): boolean {
  const isBrowser = headers.accept?.includes('text/html') ?? false;
  return isBrowser && ![...answers, DENY, ANSWERED].some((name) => query.has(name));
}

/** Whether the person said no. */
export function isDenied(query: URLSearchParams): boolean {
  return query.get(DENY) === '1';
}

/**
 * What was chosen of many: the values of a parameter, repeated or with spaces between them. Undefined
 * means that nobody was asked.
 */
export function readMany(query: URLSearchParams, parameter: string): string[] | undefined {
  if (!query.has(parameter) && !query.has(ANSWERED)) return undefined;
  return query
    .getAll(parameter)
    .flatMap((value) => value.split(/[\s+]+/))
    .filter((value) => value !== '');
}

/** The page that asks. Its form comes back to the same address with what was asked and what was chosen. */
export function renderConsent(page: ConsentPage, query: URLSearchParams): SandboxAnswer {
  const asked = [...query].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return renderPlain(
    200,
    page,
    html`<form method="get">
      ${asked}
      <input type="hidden" name="${ANSWERED}" value="1" />
      ${page.choices.map((choice) => (choice.kind === 'one' ? renderOne(choice) : renderMany(choice)))}
      <div class="buttons">
        <button class="yes" type="submit">${page.yes}</button>
        <button type="submit" name="${DENY}" value="1">${page.no}</button>
      </div>
    </form>`,
  );
}

/** A page of the same look without a question, such as a refusal. */
export function renderPlain(
  status: number,
  { title, platform }: Pick<ConsentPage, 'title' | 'platform'>,
  content: Markup,
): SandboxAnswer {
  const nonce = randomBytes(12).toString('base64');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>Sandbox: this page stands for the one of ${platform}.</p>
          ${content}
        </main>
      </body>
    </html>`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
  };
  return { status, headers, body: page.text };
}

function renderOne({ parameter, label, options, chosen }: ConsentChoice): Markup {
  const entries = options.map(({ value, label: text }) =>
    chosen.includes(value)
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  );
  return html`<label>
    <span class="label">${label}</span>
    <select name="${parameter}">
      ${entries}
    </select>
  </label>`;
}

function renderMany({ parameter, label, options, chosen }: ConsentChoice): Markup {
  const entries = options.map(({ value, label: text }) => {
    const box = chosen.includes(value)
      ? html`<input type="checkbox" name="${parameter}" value="${value}" checked />`
      : html`<input type="checkbox" name="${parameter}" value="${value}" />`;
    return html`<label>${box} ${text}</label>`;
  });
  return html`<fieldset>
    <legend>${label}</legend>
    <div tabindex="0">${entries}</div>
  </fieldset>`;
}
