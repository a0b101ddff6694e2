import type { Invited } from '../../accounts/invitations.js';
import type { Connected } from '../../accounts/connections.js';
import type { AccountReport } from '../account-report.js';
import { type Html, html } from './html.js';
import { type PageOptions, renderPage } from './page.js';

/** The page after an account was connected: which one, what it granted, what it cannot do. */
export function renderConnectedPage(
  platformTitle: string,
  { isReconnected, refusedScopes }: Connected,
  account: AccountReport,
  options: PageOptions,
): string {
  const name = account.login || account.account_id;
  return renderPage(
    `${name} is connected`,
    html`
      <p class="lead">
        ${platformTitle} account <strong>${name}</strong> (<code>${account.account_id}</code>) is
        connected${isReconnected && ' again; its history goes on'}. You can close this page.
      </p>
      ${
        refusedScopes.length > 0 &&
        html`<p>
          Asked for and not granted: ${listCodes(refusedScopes)}. To grant it after all, connect the
          account once more.
        </p>`
      }
      <h2>Granted</h2>
      ${
        account.scopes.length > 0
          ? html`<ul>
              ${account.scopes.map((scope) => html`<li><code>${scope}</code></li>`)}
            </ul>`
          : html`<p>Nothing.</p>`
      }
      <h2>What it cannot do</h2>
      ${
        account.missing.length > 0
          ? html`<div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Action</th>
                    <th scope="col">Why</th>
                  </tr>
                </thead>
                <tbody>
                  ${account.missing.map(
                    ({ action_type, reason }) =>
                      html`<tr>
                        <td><code>${action_type}</code></td>
                        <td>${reason}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
          : html`<p>It can carry out every action of ${platformTitle}.</p>`
      }
    `,
    options,
  );
}

/** The page after a bot was let into a server: which one, where, with which permissions. */
export function renderInvitedPage(
  { bot, place, person, refusedPermissions }: Invited,
  options: PageOptions,
): string {
  return renderPage(
    `${bot.name} is now in ${place.name}`,
    html`
      <p class="lead">
        <strong>${bot.name}</strong> was let into <strong>${place.name}</strong>
        (<code>${place.id}</code>)${person.name !== '' && ` by ${person.name}`}. Nothing of yours
        was kept. You can close this page.
      </p>
      ${
        refusedPermissions.length > 0 &&
        html`<p>
          Asked for and not granted: ${listCodes(refusedPermissions)}. A role of the server can
          still give it.
        </p>`
      }
      <h2>Granted</h2>
      ${
        place.permissions.length > 0
          ? html`<ul>
              ${place.permissions.map((name) => html`<li><code>${name}</code></li>`)}
            </ul>`
          : html`<p>Nothing.</p>`
      }
    `,
    options,
  );
}

/** What the owner of an account is asked for. */
export interface Asked {
  readonly platform: { readonly title: string; readonly isBot: boolean };
  /** The account that is expected; null for whichever the owner chooses. */
  readonly accountId: string | null;
  /** What it is to do, in words, and how many actions that are. */
  readonly groups: readonly { readonly summary: string; readonly actions: number }[];
  /** What the platform will name: scopes, or permissions. */
  readonly grants: readonly string[];
}

/** The page by a link: who asks the owner of an account for what, before the platform does. */
export function renderAskingPage(
  asked: Asked & { readonly from: string; readonly expiresAt: Date; readonly next: string },
  options: PageOptions,
): string {
  const { platform, accountId, groups, grants, from, expiresAt, next } = asked;
  const { title, isBot } = platform;
  const what = isBot ? `a bot to your ${title} server` : `your ${title} account`;
  return renderPage(
    isBot ? `Add ${what}` : `Connect ${what}`,
    html`
      <p class="lead">
        <strong>${from}</strong> asks you to ${isBot ? 'add' : 'connect'}
        ${what}${accountId !== null && !isBot && html` (<code>${accountId}</code>)`}, so that it
        can:
      </p>
      <ul>
        ${groups.map(
          ({ summary, actions }) =>
            html`<li>${summary} (${actions} ${actions === 1 ? 'action' : 'actions'})</li>`,
        )}
      </ul>
      <p>
        ${title} asks you next, and you can still say no there. Your password stays at ${title}. You
        can end it later in the settings of ${title}.
      </p>
      <p><a class="button" href="${next}">Continue to ${title}</a></p>
      ${
        grants.length > 0 &&
        html`<details>
          <summary>What ${title} will call it</summary>
          <ul>
            ${grants.map((name) => html`<li><code>${name}</code></li>`)}
          </ul>
        </details>`
      }
      <p>
        You did not expect this? Close the page, or ask ${from} first. The link is good until
        ${expiresAt.toUTCString()}.
      </p>
    `,
    options,
  );
}

/** The page after an account was not connected: why, what to do, and the link to try again with. */
export function renderNotConnectedPage(
  reason: string,
  advice: string,
  options: PageOptions,
  again?: string,
): string {
  return renderPage(
    'Not connected',
    html`<p class="lead">${reason}.</p>
      <p>${advice}</p>
      ${again !== undefined && html`<p><a class="button" href="${again}">Try again</a></p>`}
      <p>Nothing was stored. If it goes on, ask the person who sent you here.</p>`,
    options,
  );
}

function listCodes(names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}`;
}
