import type { SandboxAnswer } from './exchange.js';

/** Every call of the control API, and what it does. */
const CALLS: readonly (readonly [call: string, what: string])[] = [
  ['GET /sandbox', 'the page'],
  ['GET /sandbox/help', 'this text'],
  ['GET /sandbox/state', 'the simulated platforms as JSON'],
  ['GET /sandbox/requests', 'requests to the platforms; since=<sequence number>'],
  ['GET /sandbox/callbacks', 'what was posted to /sandbox/callbacks'],
  ['POST /sandbox/callbacks', 'a receiver for callback_url'],
  ['GET /sandbox/files/sample.txt', 'a small file, for actions that take an address'],
  ['GET /sandbox/files/generated.mp4', 'a file of bytes=<length>, seed=<text>, type=<MIME type>'],
  ['GET /sandbox/faults', 'faults that wait'],
  [
    'POST /sandbox/faults',
    '{"match":{"method","path"},"times":1,"fault":{"kind":"status|delay|hang|reset|cut-request|cut-body|garbage",…}}',
  ],
  ['DELETE /sandbox/faults', 'removes them all'],
  ['POST /sandbox/clock', '{"advance_ms"}: moves the clock of the sandbox forward'],
  ['POST /sandbox/reset', '{"keep_grants"}: everything as at the start'],
  ['GET /sandbox/twitch/scopes', 'the scopes that Twitch has'],
  ['POST /sandbox/twitch/grants', '{"user_id","scopes","expires_in"}: tokens without a browser'],
  ['POST /sandbox/twitch/restore-grant', 'a grant from before a restart'],
  ['POST /sandbox/twitch/expire', '{"user_id"}: ends the access tokens'],
  ['POST /sandbox/twitch/revoke-grant', '{"user_id"}: the person takes the grants back'],
  [
    'POST /sandbox/twitch/world',
    '{"user_id","live",…}: changes a person, their channel, or Twitch',
  ],
  ['POST /sandbox/twitch/users', '{"users":[{"id","login","live"}]}: adds people'],
  ['GET /sandbox/youtube/scopes', 'the scopes that YouTube has'],
  [
    'POST /sandbox/youtube/grants',
    '{"channel_id","scopes","expires_in"}: tokens without a browser',
  ],
  ['POST /sandbox/youtube/restore-grant', 'a grant from before a restart'],
  ['POST /sandbox/youtube/expire', '{"channel_id"}: ends the access tokens'],
  ['POST /sandbox/youtube/revoke-grant', '{"channel_id"}: the person takes the grants back'],
  ['POST /sandbox/youtube/world', '{"quota_used","broadcasts",…}: changes YouTube'],
  ['POST /sandbox/youtube/channels', '{"id","title"}: adds a channel'],
  ['POST /sandbox/youtube/lose-uploads', '{"channel_id"}: forgets unfinished uploads'],
  ['POST /sandbox/discord/bots', '{"id","username"}: adds a bot, gives its token'],
  ['POST /sandbox/discord/restore-bot', 'a bot that was added before a restart'],
  ['POST /sandbox/discord/restore-invite', 'a server that the bot was let into before a restart'],
  ['POST /sandbox/discord/reset-token', '{"id"}: makes the token of a bot worthless'],
  ['POST /sandbox/discord/guilds', '{"id","name","channel_id"}: adds a server without the bot'],
  ['POST /sandbox/discord/members', '{"id","username","roles"}: somebody joins'],
  ['POST /sandbox/discord/channels', '{"id","name"}: adds a channel'],
  [
    'POST /sandbox/discord/messages',
    '{"channel_id","author_id","content"}: somebody says something',
  ],
  ['POST /sandbox/discord/world', '{"limits","buckets","role_permissions",…}: changes Discord'],
];

/** The control API as a text for people; docs/sandbox.md has a command for each call. */
export function answerHelp(): SandboxAnswer {
  const width = Math.max(...CALLS.map(([call]) => call.length));
  const lines = CALLS.map(([call, what]) => `${call.padEnd(width)}  ${what}`);
  const head =
    'Calls with a body take Content-Type: application/json. docs/sandbox.md has examples.';
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${head}\n\n${lines.join('\n')}\n`,
  };
}
