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

/** The page after an account was not connected: why, and what to do. */
export function renderNotConnectedPage(
  reason: string,
  advice: string,
  options: PageOptions,
): string {
  return renderPage(
    'Not connected',
    html`<p class="lead">${reason}.</p>
      <p>${advice}</p>`,
    options,
  );
}

function listCodes(names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}`;
}
