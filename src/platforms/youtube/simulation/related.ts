import type { IncomingHttpHeaders } from 'node:http';

/** The two parts of a `multipart/related` body: metadata as JSON, and a file. */
export interface Related {
  readonly metadata: string;
  readonly type: string | undefined;
  readonly file: Buffer;
}

interface Part {
  readonly type: string | undefined;
  readonly content: Buffer;
}

const CR = 13;
const LF = 10;

/**
 * Reads a body as Google's libraries write it: with CRLF, or with LF alone as the one for Python does, with a
 * boundary in quotes or without, and with headers of parts that do not matter here, such as MIME-Version.
 * @returns undefined for any other body, and for a broken one
 */
export function readRelated(headers: IncomingHttpHeaders, body: Buffer): Related | undefined {
  const { 'content-type': type = '' } = headers;
  const [, quoted, plain] =
    /^multipart\/related\s*;(?:.*[\s;])?boundary=(?:"([^"]+)"|([^\s";]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const marks = findMarks(body, Buffer.from(`--${boundary}`));
  const [metadata, file, ...others] = marks.slice(0, -1).map(({ end }, index) => {
    const next = marks[index + 1];
    return next && readPart(body.subarray(end, next.start));
  });
  if (!metadata || !file || others.length > 0) return undefined;
  return { metadata: metadata.content.toString('utf8'), type: file.type, file: file.content };
}

/** The lines that begin with a mark: where each begins, and where it ends. */
function findMarks(body: Buffer, mark: Buffer): { readonly start: number; readonly end: number }[] {
  const marks: { start: number; end: number }[] = [];
  for (let start = body.indexOf(mark); start >= 0; start = body.indexOf(mark, start + 1)) {
    // A file may hold the mark in the middle of a line.
    if (start > 0 && body[start - 1] !== LF) continue;
    const end = body.indexOf(LF, start);
    marks.push({ start, end: end < 0 ? body.length : end + 1 });
  }
  return marks;
}

/** A part: its headers, an empty line, its content, and the end of the line before the next mark. */
function readPart(bytes: Buffer): Part | undefined {
  let start = 0;
  let type: string | undefined;
  let hasCr = false;
  for (;;) {
    const end = bytes.indexOf(LF, start);
    if (end < 0) return undefined;
    const line = bytes.toString('latin1', start, end);
    start = end + 1;
    hasCr = line.endsWith('\r');
    if (line.trimEnd() === '') break;
    type = /^content-type:\s*(\S.*?)\s*$/i.exec(line)?.[1] ?? type;
  }
  let end = bytes.length;
  if (end > start && bytes[end - 1] === LF) end -= 1;
  // Without CR in its headers, one at its end belongs to the file.
  if (hasCr && end > start && bytes[end - 1] === CR) end -= 1;
  return { type, content: bytes.subarray(start, end) };
}
