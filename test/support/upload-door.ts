import { createHash } from 'node:crypto';
import { type ClientRequest, request as requestHttp } from 'node:http';
import { Readable } from 'node:stream';
import { generate } from '../../src/sandbox/generated-file.js';
import { type GatewayProcess, makeToken } from './gateway.js';
import type { GrpcOutcome } from './grpc-client.js';

const BOUNDARY = 'the-boundary-of-a-test';

/** One part of a form, as it shall stand on the wire. */
export interface FormPart {
  readonly name: string;
  readonly type?: string;
  readonly filename?: string;
  readonly content: string | Buffer | Iterable<Buffer>;
}

export const envelopePart = (envelope: object): FormPart => ({
  name: 'envelope',
  type: 'application/json',
  content: JSON.stringify(envelope),
});

/** A file of generated content, as long as it shall be. */
export const filePart = (bytes: number, more: Partial<FormPart> = {}): FormPart => ({
  name: 'file',
  filename: 'video.mp4',
  type: 'video/mp4',
  content: generate('attached', 0, bytes),
  ...more,
});

/** What the sandbox should have of a generated file. */
export function hashGenerated(seed: string, bytes: number): string {
  const hash = createHash('sha256');
  for (const block of generate(seed, 0, bytes)) hash.update(block);
  return hash.digest('hex');
}

/** The bytes of a form, made as they are asked for. */
export function* writeForm(parts: readonly FormPart[], isWhole = true): Generator<Buffer> {
  for (const { name, type, filename, content } of parts) {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n`;
    yield Buffer.from(`${head}${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`);
    if (typeof content === 'string' || Buffer.isBuffer(content)) yield Buffer.from(content);
    else yield* content;
    yield Buffer.from('\r\n');
  }
  if (isWhole) yield Buffer.from(`--${BOUNDARY}--\r\n`);
}

export interface FormAnswer {
  readonly status: number;
  readonly body: GrpcOutcome & { readonly detail?: string };
  /** Whether the answer came before the whole form had been sent. */
  readonly cameEarly: boolean;
}

/** Opens a request with a form whose body the test itself writes. */
export function openForm(
  { restUrl }: Pick<GatewayProcess, 'restUrl'>,
  {
    token = makeToken(),
    path = '/api/v1/actions/execute',
    headers = {},
  }: { token?: string | null; path?: string; headers?: Record<string, string> } = {},
): { request: ClientRequest; answer: Promise<FormAnswer> } {
  let isSent = false;
  const request = requestHttp(restUrl + path, {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  request.once('finish', () => (isSent = true));
  const answer = new Promise<FormAnswer>((resolve, reject) => {
    request.once('response', (response) => {
      const cameEarly = !isSent;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(text) as FormAnswer['body'],
          cameEarly,
        }),
      );
    });
    request.once('error', reject);
  });
  answer.catch(() => undefined);
  return { request, answer };
}

/** Sends a form as fast as it is taken, and gives the answer. */
export async function sendForm(
  gateway: Pick<GatewayProcess, 'restUrl'>,
  parts: readonly FormPart[],
  {
    isWhole,
    ...options
  }: {
    isWhole?: boolean;
    token?: string | null;
    path?: string;
    headers?: Record<string, string>;
  } = {},
): Promise<FormAnswer> {
  const { request, answer } = openForm(gateway, options);
  Readable.from(writeForm(parts, isWhole), { objectMode: false }).pipe(request);
  const answered = await answer;
  request.destroy();
  return answered;
}
