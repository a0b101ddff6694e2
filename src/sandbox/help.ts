import type { HelpLine, PlatformSimulation, SandboxAnswer } from './exchange.js';

/** The calls of the control API that concern no platform, and what they do. */
const CALLS: readonly HelpLine[] = [
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
];

/** The control API as a text for people; docs/sandbox.md has a command for each call. */
export function answerHelp(platforms: readonly PlatformSimulation[]): SandboxAnswer {
  const calls = [...CALLS, ...platforms.flatMap(({ help }) => help)];
  const width = Math.max(...calls.map(([call]) => call.length));
  const lines = calls.map(([call, what]) => `${call.padEnd(width)}  ${what}`);
  const head =
    'Calls with a body take Content-Type: application/json. docs/sandbox.md has examples.';
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${head}\n\n${lines.join('\n')}\n`,
  };
}
