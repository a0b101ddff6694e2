import { randomBytes } from 'node:crypto';

import type { PlatformSimulation, SandboxAnswer } from './exchange.js';
import type { FaultRule } from './faults.js';
import { html, Markup } from './html.js';
import type { ShownRequest } from './request-log.js';

/** What the page shows. */
export interface PageContent {
  readonly platforms: readonly PlatformSimulation[];
  /** The newest last. */
  readonly requests: readonly ShownRequest[];
  readonly faults: readonly FaultRule[];
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1b26; --dim: #6b677b; --ground: #f5f4f8; --card: #fff;
  --line: #e2dfea; --accent: #6d3fd1; --good: #1d7a46; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceaf3; --dim: #a09bb3; --ground: #15131c; --card: #1f1c29; --line: #342f44;
    --accent: #b79cff; --good: #6fd39b; --bad: #ff9c93; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 84rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; } h2 { margin: 2rem 0 .75rem; font-size: 1.1rem; text-transform: capitalize; }
h3 { margin: 0; font-size: 1rem; } p { margin: .15rem 0; } small, .note, dt { color: var(--dim); }
a { color: var(--accent); } code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; min-width: 0;
  overflow-wrap: anywhere; }
article i { font-style: normal; font-size: .75rem; padding: .1rem .5rem; border-radius: 1rem; background: var(--line); }
article i.live { background: var(--bad); color: var(--card); }
.title { font-weight: 600; }
.chat { list-style: none; margin: .75rem 0; padding: .5rem .75rem; background: var(--ground); border-radius: .5rem; }
.announcement { border-left: 3px solid var(--accent); padding-left: .5rem; }
.blue { border-color: #3b82f6; } .green { border-color: #22a565; } .orange { border-color: #e8833a; }
.chat s { color: var(--dim); }
ul { margin: .5rem 0; padding-left: 1.1rem; }
dl { margin: 0; display: grid; gap: .1rem; } dt { font-size: .8rem; margin-top: .4rem; } dd { margin: 0; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
table { width: 100%; border-collapse: collapse; } td, th { padding: .35rem .75rem; text-align: left; vertical-align: top; }
th { font-size: .8rem; color: var(--dim); font-weight: 500; } tr + tr td { border-top: 1px solid var(--line); }
.good { color: var(--good); } .bad { color: var(--bad); } .empty { padding: 1rem; color: var(--dim); }
`;

// The page asks for itself again, so that what the gateway does shows up without a reload.
const SCRIPT = `
setInterval(async () => {
  if (document.hidden) return;
  try {
    const next = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), 'text/html');
    document.querySelector('main').replaceWith(next.querySelector('main'));
  } catch {}
}, 2000);
`;

/** The page at `/sandbox`: what the simulated platforms look like now, and who asked what. */
export function renderPage({ platforms, requests, faults }: PageContent): SandboxAnswer {
  const nonce = randomBytes(12).toString('base64');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sandbox</title>
        <style nonce="${nonce}">
          ${new Markup(STYLE)}
        </style>
        <script nonce="${nonce}" type="module">
          ${new Markup(SCRIPT)};
        </script>
      </head>
      <body>
        <h1>Sandbox</h1>
        <p>
          <small>
            Nothing here is real: the platforms are simulated on this machine. As JSON:
            <a href="/sandbox/state">state</a>, <a href="/sandbox/requests">requests</a>. Faults,
            clock, reset, grants:
            <a href="/sandbox/help">help</a>
          </small>
        </p>
        <main>
          ${platforms.map(
            (platform) =>
              html`<h2>${platform.name}</h2>
                <div class="grid">${platform.render()}</div>`,
          )}
          ${faults.length > 0 ? renderFaults(faults) : ''}
          <h2>Requests</h2>
          <div class="scroll">${renderRequests(requests)}</div>
        </main>
      </body>
    </html>`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
    },
    body: page.text,
  };
}

function renderFaults(faults: readonly FaultRule[]): Markup {
  const rows = faults.map(
    ({ match, times, fault }) =>
      html`<li>
        <code>${match.method ?? 'any'} ${match.path ?? 'path'}</code>: ${fault.kind}, ${times} more
      </li>`,
  );
  return html`<h2>Faults to come</h2>
    <ul>
      ${rows}
    </ul>`;
}

function renderRequests(requests: readonly ShownRequest[]): Markup {
  if (requests.length === 0)
    return html`<p class="empty">No request yet. Send an action and it shows up here.</p>`;
  const rows = requests.toReversed().map((request) => {
    const isGood = request.status !== null && request.status < 400;
    const query = Object.entries(request.query)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join('&');
    return html`<tr>
      <td><small>${request.at.slice(11, 19)}</small></td>
      <td>${request.who ?? '–'}</td>
      <td>
        <code>${request.method} ${request.path}${query === '' ? '' : `?${query}`}</code>
        ${request.body === null ? '' : html`<br /><small><code>${shorten(request.body)}</code></small>`}
      </td>
      <td class="${isGood ? 'good' : 'bad'}">
        ${request.status ?? 'none'}${request.fault === null ? '' : ` (${request.fault})`}
      </td>
    </tr>`;
  });
  return html`<table>
    <thead>
      <tr>
        <th>at</th>
        <th>who</th>
        <th>request</th>
        <th>answer</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function shorten(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
