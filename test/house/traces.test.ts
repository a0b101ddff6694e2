// Real: built gateways, PostgreSQL, both doors, OTLP over HTTP. Fake: the collector, and Twitch at the wire.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House, type TwoDoors } from '../support/two-doors.js';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const spans: Span[] = [];
const texts: string[] = [];
let headers: IncomingHttpHeaders = {};
const collector = createServer((request, reply) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    headers = request.headers;
    texts.push(text);
    const { resourceSpans } = JSON.parse(text) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    for (const { scopeSpans } of resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans);
    reply.setHeader('content-type', 'application/json').end('{}');
  });
});
let house: House;
let traced: TwoDoors;

beforeAll(async () => {
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  house = await House.open();
  traced = await house.openAnother({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=house%201',
    OTEL_TRACES_SAMPLER_ARG: '0',
  });
});

afterAll(async () => {
  await house?.close();
  collector.close();
});

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

const parent = (flags: string): { traceparent: string } => ({
  traceparent: `00-${TRACE_ID}-${SPAN_ID}-${flags}`,
});

it('has a span for an action below that of its caller, and one for each step below that', async () => {
  const seq = await house.sandbox.lastSeq();
  const { action_id } = await traced.grpc
    .call(
      'ExecuteAction',
      { platform: 'twitch', action_type: 'marker', account_id: '1001' },
      { metadata: parent('01') },
    )
    .then((answer) => answer as { action_id: string });
  await traced.rest('POST', '/api/v1/actions/execute', say('a secret'), { headers: parent('01') });
  const nobody = say('to whom', { account_id: 'nobody' });
  await traced.rest('POST', '/api/v1/actions/execute', nobody, { headers: parent('01') });
  // The caller does not record, and of those who say nothing none is traced here.
  await traced.rest('POST', '/api/v1/actions/execute', say('b'), { headers: parent('00') });
  await traced.rest('POST', '/api/v1/actions/execute', say('c'));
  await traced.gateway.stop();

  const actions = spans.filter(({ parentSpanId }) => parentSpanId === SPAN_ID);
  expect(actions.map(({ name }) => name).sort()).toEqual([
    'twitch.chat_message',
    'twitch.chat_message',
    'twitch.marker',
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  const marker = actions.find(({ name }) => name === 'twitch.marker');
  expect(marker?.attributes).toContainEqual({
    key: 'action.id',
    value: { stringValue: action_id },
  });
  const steps = spans.filter(({ parentSpanId }) => parentSpanId === marker?.spanId);
  expect(steps.map(({ name }) => name)).toEqual([
    'find',
    'accounts',
    'pay',
    'begin',
    'send',
    'record',
  ]);
  expect(steps[4]?.attributes).toContainEqual({
    key: 'http.response.status_code',
    value: { intValue: 200 },
  });
  expect(headers['x-tenant']).toBe('house 1');
  // What was said is nobody's business, and platforms are told nothing of traces.
  expect(texts.join('')).not.toMatch(/a secret|to whom/);
  const sent = await house.sandbox.requestsSince(seq);
  expect(JSON.stringify(sent)).not.toContain(TRACE_ID);
});

it('goes on without its collector', async () => {
  const lonely = await house.openAnother({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect(await lonely.execute('grpc', say('still here'))).toMatchObject({ status: 'SUCCEEDED' });
  expect(await lonely.gateway.stop()).toBe(0);
});
