import type { IncomingHttpHeaders } from 'node:http';

/** The two parts of a `multipart/related` body: metadata as JSON, and a file. */
export interface Related {
  readonly metadata: string;
  readonly type: string | undefined;
  readonly file: Buffer;
}

/** @returns undefined for any other body, and for a broken one */
export function readRelated(headers: IncomingHttpHeaders, body: Buffer): Related | undefined {
  const boundary = /^multipart\/related;.*\bboundary="?([^";]+)"?/i.exec(
    headers['content-type'] ?? '',
  )?.[1];
  if (boundary === undefined) return undefined;
  const mark = Buffer.from(`--${boundary}`);
  const first = readPart(body, body.indexOf(mark), mark);
  const second = first && readPart(body, first.end, mark);
  if (!first || !second) return undefined;
  return { metadata: first.content.toString('utf8'), type: second.type, file: second.content };
}

/** The part behind a mark; its end is the place of the next mark. */
function readPart(body: Buffer, start: number, mark: Buffer) {
  if (start < 0) return undefined;
  const head = body.indexOf('\r\n', start) + 2;
  const content = body.indexOf('\r\n\r\n', head - 2);
  const end = body.indexOf(mark, content + 4);
  if (content < 0 || end < 0) return undefined;
  return {
    type: /^content-type:\s*([^\r\n]+)/im.exec(body.toString('latin1', head, content))?.[1],
    content: body.subarray(content + 4, end - 2),
    end,
  };
}
