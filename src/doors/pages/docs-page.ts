import { PERMISSIONS, type Permission } from '../../actions/caller.js';
import { Envelope } from '../../actions/envelope.js';
import { FAILURES } from '../../actions/failures.js';
import { describeFields } from '../../actions/fields.js';
import {
  type DocumentedAction,
  nameAction,
  sortActions,
  titlePlatform,
} from '../contracts/documented-action.js';
import { listFieldRows } from '../contracts/field-rows.js';
import { writeCurl } from '../contracts/samples.js';
import { renderAction, renderCode, renderFields, renderSearch } from './docs-action.js';
import { type Html, html } from './html.js';
import { STATUS_MEANINGS } from '../contracts/status-meanings.js';

export { docsStyle } from './docs-style.js';

export interface DocsOptions {
  readonly version: string;
  /** Where callers reach the REST door; the examples are written for it. */
  readonly publicUrl?: string;
  /** The platforms are simulated, and the page says so. */
  readonly sandbox?: boolean;
}

const LOCAL_URL = 'http://localhost:8070';

/** The documentation as one HTML page. Its style is apart, at /docs/style.css; it has no scripts. */
export function renderDocsPage(
  actions: readonly DocumentedAction[],
  { version, publicUrl, sandbox = false }: DocsOptions,
): string {
  const url = (publicUrl ?? LOCAL_URL).replace(/\/$/, '');
  const platforms = groupBy(sortActions(actions), ({ platform }) => platform);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Action gateway</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the contents</a>
        ${
          sandbox &&
          html`<aside class="sandbox">
            <strong>Sandbox.</strong> The platforms are simulated: nothing here reaches a real
            channel. Who is who there, and how to make requests fail: docs/sandbox.md, or the
            sandbox's own page, whose address the start prints.
          </aside>`
        }
        <div class="page">
          ${renderIndex(platforms)}
          <main id="main">
            <header>
              <h1>Action gateway</h1>
              <p class="lead">
                One envelope in, one honest outcome out: ${actions.length} actions on
                ${joinWords(platforms.map(([, [first]]) => titlePlatform(first)))}.
              </p>
              <p class="meta">
                Version ${version} · <a href="/openapi.json">OpenAPI document</a> · gRPC service
                <code>action_gateway.v1.ActionGateway</code> ·
                <a href="/llms.txt">llms.txt</a>
              </p>
              ${renderSearch()}
              <p>
                <a href="/docs/guides">Guides</a>: how to connect, send, limit, run and migrate.
              </p>
            </header>
            ${renderToken(url)} ${renderEnvelope(url)} ${renderStatuses()} ${renderFailures()}
            ${renderSwitches()} ${platforms.map((entry) => renderPlatform(entry, url))}
          </main>
        </div>
      </body>
    </html> `;
  return page.text.trimEnd() + '\n';
}

/** Actions under a common word; a group is never empty. */
type Grouped = readonly [name: string, actions: readonly [DocumentedAction, ...DocumentedAction[]]];

function groupBy(
  actions: readonly DocumentedAction[],
  nameOf: (action: DocumentedAction) => string,
): Grouped[] {
  const groups = new Map<string, [DocumentedAction, ...DocumentedAction[]]>();
  for (const action of actions) {
    const group = groups.get(nameOf(action));
    if (group) group.push(action);
    else groups.set(nameOf(action), [action]);
  }
  return [...groups];
}

function joinWords(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
}

function renderIndex(platforms: readonly Grouped[]): Html {
  return html`<nav class="index" aria-label="Contents">
    <p class="brand"><a href="#main">Action gateway</a></p>
    <ul>
      <li><a href="#token">Get a token</a></li>
      <li><a href="#envelope">Send an action</a></li>
      <li><a href="#answer">What an answer says</a></li>
      <li><a href="#failures">Why something failed</a></li>
      <li><a href="#switches">Switching things off</a></li>
    </ul>
    ${platforms.map(
      ([platform, actions]) =>
        html`<details open>
          <summary>${titlePlatform(actions[0])} <small>${actions.length}</small></summary>
          ${groupBy(actions, ({ group }) => group).map(
            ([group, members]) =>
              html`<p class="group"><a href="#${platform}:${group}">${readable(group)}</a></p>
                <ul>
                  ${members.map(
                    (action) =>
                      html`<li><a href="#${nameAction(action)}">${action.action_type}</a></li>`,
                  )}
                </ul>`,
          )}
        </details>`,
    )}
  </nav>`;
}

const PERMISSION_MEANINGS: Readonly<Record<Permission, string>> = {
  execute_actions: 'carries out actions',
  manage_accounts: 'connects, shows and forgets accounts',
  manage_flags: 'switches actions on and off',
  read_audit: "reads what was done, also others' actions",
  manage_callers: 'gives callers keys of their own, and no more rights than it has itself',
};

function renderToken(url: string): Html {
  const asked = { api_key: '…', service: 'my-service', permissions: ['execute_actions'] };
  return html`<section id="token">
    <h2>Get a token</h2>
    <p>
      Every request carries <code>Authorization: Bearer …</code>; gRPC calls carry the same as
      metadata. The token door makes tokens for callers with a key of their own, and for holders of
      one of the keys in <code>MODULE_SECRET_KEY</code>:
    </p>
    ${renderCode(writeCurl(`${url}/api/v1/auth/token`, asked, []))}
    <p>
      It answers <code>{"token": "…", "expires_in": 3600}</code>. The fields <code>platforms</code>,
      <code>accounts</code> and <code>actions</code> narrow a token, <code>expires_in</code> sets
      its seconds. What it permits:
    </p>
    <dl class="words">
      ${PERMISSIONS.map(
        (permission) =>
          html`<dt><code>${permission}</code></dt>
            <dd>${PERMISSION_MEANINGS[permission]}</dd>`,
      )}
    </dl>
  </section>`;
}

function renderEnvelope(url: string): Html {
  return html`<section id="envelope">
    <h2>Send an action</h2>
    <p>
      <code>POST ${url}/api/v1/actions/execute</code> takes one envelope,
      <code>/api/v1/actions/batch</code> takes a list of them as <code>actions</code>; gRPC takes
      the same fields, also as a stream. With an <code>idempotency_key</code> (or the header
      <code>Idempotency-Key</code>) a repeat does no harm: it gets the first one's answer.
    </p>
    ${renderFields(listFieldRows(describeFields(Envelope)), true)}
  </section>`;
}

function renderStatuses(): Html {
  return html`<section id="answer">
    <h2>What an answer says</h2>
    <p>
      Every action is answered with an outcome: <code>success</code>, a <code>status</code> of the
      list below, <code>result_data</code> when it worked, <code>error</code> and
      <code>failure</code> when it did not. <code>success</code> is true for <code>SUCCEEDED</code>,
      <code>PREPARED</code>, <code>QUEUED</code> and <code>SCHEDULED</code>.
    </p>
    <div class="scroll" tabindex="0">
      <table>
        <thead>
          <tr>
            <th>Status</th>
            <th>It means</th>
            <th>What to do next</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(STATUS_MEANINGS).map(
            ([status, { meaning, next }]) =>
              html`<tr>
                <td><code>${status}</code></td>
                <td>${meaning}</td>
                <td>${next}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p>
      An answer with the header (in gRPC: the trailer) <code>nothing-sent: 1</code> comes from the
      door itself. No platform heard of the request, and it may be repeated as it is.
    </p>
  </section>`;
}

function renderFailures(): Html {
  return html`<section id="failures">
    <h2>Why something failed</h2>
    <p>
      <code>failure.code</code> is one of these. <code>retryable</code> says that the same request
      may succeed later without any change; <code>retry_after_ms</code> says when.
    </p>
    <div class="scroll" tabindex="0">
      <table>
        <thead>
          <tr>
            <th>Code</th>
            <th>Status</th>
            <th>HTTP</th>
            <th>Again?</th>
            <th>Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(FAILURES).map(
            ([code, { status, http, retryable, meaning }]) =>
              html`<tr id="${code}">
                <td><code>${code}</code></td>
                <td>${status}</td>
                <td>${http}</td>
                <td>${retryable ? 'later' : 'no'}</td>
                <td>${meaning}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderSwitches(): Html {
  return html`<section id="switches">
    <h2>Switching things off</h2>
    <p>
      Everything is on until a variable in the environment says <code>false</code>: for a whole
      platform, for a group on every platform, for a group on one, or for a single action. A group's
      variable of its own platform wins over the general one. Each action below names the variables
      that switch it.
    </p>
  </section>`;
}

function renderPlatform([platform, actions]: Grouped, url: string): Html {
  return html`<section id="${platform}" class="platform">
    <h2>${titlePlatform(actions[0])}</h2>
    ${groupBy(actions, ({ group }) => group).map(
      ([group, members]) =>
        html`<h3 id="${platform}:${group}">${readable(group)}</h3>
          ${members.map((action) => renderAction(action, url))}`,
    )}
  </section>`;
}

/** A word of the catalogue as a heading. */
function readable(word: string): string {
  const spaced = word.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
