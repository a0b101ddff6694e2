import { type Html, html } from './html.js';

export interface PageOptions {
  /** The platforms are simulated, and the page says so. */
  readonly sandbox: boolean;
}

/** A short page for a person, in the style of the documentation. */
export function renderPage(title: string, content: Html, { sandbox }: PageOptions): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Action gateway</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        ${
          sandbox &&
          html`<aside class="sandbox">
            <strong>Sandbox.</strong> The platforms are simulated: nothing here reaches a real
            channel.
          </aside>`
        }
        <main class="sheet">
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
  return page.text;
}

/** The page for an address that leads nowhere. */
export function renderNotFoundPage(path: string, options: PageOptions): string {
  return renderPage(
    'There is nothing here',
    html`<p class="lead">The address <code>${path}</code> leads to no page.</p>
      <ul>
        <li><a href="/console/">The console</a>, for people who run a community</li>
        <li><a href="/docs">The documentation</a>, with every action</li>
      </ul>`,
    options,
  );
}

/** The page in place of a console that was not built. */
export function renderNoConsolePage(options: PageOptions): string {
  return renderPage(
    'The console is not built',
    html`<p class="lead">This gateway has no files of the console.</p>
      <p>Build them with <code>npm run build</code> and start the gateway again.</p>
      <p>Everything else works. <a href="/docs">The documentation</a> has every action.</p>`,
    options,
  );
}

/** The page after a sign-in at the provider of OpenID Connect that did not work. */
export function renderNotSignedInPage(
  reason: string,
  beginAgain: string,
  options: PageOptions,
): string {
  return renderPage(
    'You are not signed in',
    html`<p class="lead">${reason}.</p>
      <ul>
        <li><a href="${beginAgain}">Try again</a></li>
        <li><a href="/console/">Sign in with a key</a></li>
      </ul>`,
    options,
  );
}
