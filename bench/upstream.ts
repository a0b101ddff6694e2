import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The scopes that the measured actions need. */
const SCOPES = [
  'user:write:chat',
  'moderator:manage:banned_users',
  'channel:manage:broadcast',
  'moderator:read:followers',
];
/** More points than a run can spend, so that what is measured is the counting and not the waiting. */
const POINTS = 100_000_000;
let done = 0;

/**
 * A platform that costs nothing: a process of its own that answers at once, in the form of Twitch. A
 * token `token-<id>` is that of the account `<id>`; every request is good, and all that is kept is how many there were.
 */
const server = createServer((request, response) => {
  let asked = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => (asked += chunk));
  request.on('end', () => {
    const body = answer(request.url ?? '', request.headers.authorization ?? '', asked);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'ratelimit-limit': POINTS,
      'ratelimit-remaining': POINTS - 1,
      'ratelimit-reset': Math.ceil(Date.now() / 1_000) + 60,
    });
    response.end(body);
    if (request.url?.startsWith('/helix')) done += 1;
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.on('message', () => process.send?.({ done }));
process.on('disconnect', () => process.exit(0));

const SENT = JSON.stringify({ data: [{ message_id: 'abc-123', is_sent: true }] });
const MARKED = JSON.stringify({
  data: [{ id: '123', position_seconds: 244, created_at: '2026-11-20T10:10:00Z' }],
});

const FOLLOWED = JSON.stringify({
  total: 1,
  data: [
    { user_id: '1', user_login: 'one', user_name: 'One', followed_at: '2026-11-20T10:10:00Z' },
  ],
  pagination: {},
});

function answer(url: string, authorization: string, asked: string): string {
  if (url.startsWith('/helix/chat/messages')) return SENT;
  if (url.startsWith('/helix/moderation/bans')) return describeBan(asked);
  if (url.startsWith('/helix/streams/markers')) return MARKED;
  if (url.startsWith('/helix/channels/followers')) return FOLLOWED;
  const id = authorization.split('token-')[1] ?? '';
  return JSON.stringify({
    client_id: 'bench',
    login: `channel_${id}`,
    user_id: id,
    scopes: SCOPES,
    expires_in: 14_000_000,
  });
}

/** The gateway checks that the answer is about the user it asked to ban. */
function describeBan(asked: string): string {
  const [, userId = ''] = /"user_id":"(\d+)"/.exec(asked) ?? [];
  return `{"data":[{"user_id":"${userId}","end_time":null}]}`;
}
