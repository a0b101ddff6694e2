import type { IncomingHttpHeaders } from 'node:http';

/** One part of a form; its bytes are counted, not kept. */
export interface FormPart {
  readonly part: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly size: number;
  /** The text of a part that is no file. */
  readonly text: string;
}

/** The parts of a `multipart/form-data` body; undefined for any other body, and for a broken form. */
export function readForm(headers: IncomingHttpHeaders, raw: Buffer): FormPart[] | undefined {
  const boundary = /^multipart\/form-data;.*\bboundary="?([^";]+)"?/i.exec(
    headers['content-type'] ?? '',
  )?.[1];
  if (boundary === undefined) return undefined;
  // One character per byte, so that places in the text are places in the body.
  const pieces = `\r\n${raw.toString('latin1')}`.split(`\r\n--${boundary}`);
  if (pieces.at(-1)?.startsWith('--') !== true) return undefined;
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    const head = readBytes(piece.slice(0, end));
    const content = piece.slice(end + 4);
    const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
    return {
      part: /\bname="([^"]*)"/i.exec(head)?.[1] ?? '',
      filename,
      type: /^content-type:\s*(\S+)/im.exec(head)?.[1],
      size: content.length,
      text: filename === undefined ? readBytes(content) : '',
    };
  });
}

function readBytes(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** A form as the request log shows it: its texts as JSON, its files by name, type and size. */
export function describeForm(headers: IncomingHttpHeaders, raw: Buffer): string | undefined {
  const parts = readForm(headers, raw);
  if (!parts) return undefined;
  return JSON.stringify(
    Object.fromEntries(
      parts.map(({ part, filename, type, size, text }) => [
        part,
        filename === undefined ? readJson(text) : { filename, type, size },
      ]),
    ),
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
