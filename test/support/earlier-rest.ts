import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface EarlierReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, never>;
}

export interface EarlierAsking {
  readonly headers?: Readonly<Record<string, string>>;
  /** The address on loopback that the connection comes from. */
  readonly from?: string;
}

/** Asks as the earlier callers do, who may name any host and come from anywhere. Text goes as it is. */
export async function askEarlier(
  url: string,
  method: string,
  body?: unknown,
  { headers = {}, from }: EarlierAsking = {},
): Promise<EarlierReply> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const sent = request(url, {
    method,
    ...(from !== undefined && { localAddress: from }),
    headers: {
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    },
  });
  sent.end(payload);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = await text(response);
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  const parsed: unknown = isJson ? JSON.parse(answer) : { text: answer };
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: parsed as EarlierReply['body'],
  };
}
