import type { Upstream } from '../../actions/action.js';
import { ActionFailure, type FieldViolation } from '../../actions/failures.js';
import { Text, WebAddress } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { PlatformRequest, RequestFile } from '../../actions/wire.js';

const MEBIBYTE = 1_048_576;
/** @see https://discord.com/developers/docs/reference#uploading-files */
const MOST_PER_FILE = 10 * MEBIBYTE;
const MOST_PER_REQUEST = 25 * MEBIBYTE;
/** What the rest of the form takes: its texts are far below it. */
const REST_OF_FORM = 256 * 1_024;
/** Files inside of an envelope travel through the gateway's doors and its memory. */
const MOST_INSIDE = 2 * MEBIBYTE;
const BASE64_OF_MOST_INSIDE = Math.ceil(MOST_INSIDE / 3) * 4;

export const MOST_FILES = 10;

/** A file of a message: fetched from an address, or given as it is. */
export class MessageFile {
  @Text('Its name; the last part of the address when left out', {
    optional: true,
    max: 256,
    // Every sign but controls and those that paths are made of; \p{Cc} is not known to every reader.
    pattern: /^[ !#-)+-.0-9;=@-[\]-{}~\u00a0-\uffff]+$/,
    patternMeans: 'a name of a file, without a path',
    example: 'chart.png',
  })
  name?: string;

  @WebAddress('Where to fetch it: https:// on the public internet', {
    optional: true,
    example: 'https://example.com/chart.png',
  })
  url?: string;

  @Text('The file itself as base64, 2 MiB in all', {
    optional: true,
    max: BASE64_OF_MOST_INSIDE,
    private: true,
  })
  data?: string;

  @Text('What it shows, for those who cannot see it', { optional: true, max: 1_024 })
  description?: string;
}

/** What is wrong with files before anything is fetched. */
export function findFileFaults(files: readonly MessageFile[] | undefined): FieldViolation[] {
  const faults: FieldViolation[] = [];
  let inside = 0;
  for (const [index, { name, url, data }] of (files ?? []).entries()) {
    const say = (message: string): unknown =>
      faults.push({ field: 'files', message: `item ${index + 1}: ${message}` });
    if ((url === undefined) === (data === undefined)) say('give either url or data');
    else if (url !== undefined && !/^https?:\/\//i.test(url)) say('url must begin with https://');
    else if (data !== undefined) {
      if (name === undefined) say('name is missing: data comes without one');
      if (isBase64(data)) inside += Buffer.byteLength(data, 'base64');
      else say('data is not base64');
    }
  }
  if (inside > MOST_INSIDE) {
    const message = `must have at most ${MOST_INSIDE} bytes of data in all, and have ${inside}`;
    faults.push({ field: 'files', message });
  }
  return faults;
}

/** Node.js skips characters that are not base64, and would send a file that differs from the given one. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/**
 * Gathers the files, and adds them to the request of a message.
 * @param inside the member of the body that holds the message, if it is not the body itself
 */
export async function attachFiles(
  request: PlatformRequest & { readonly body: JsonObject },
  files: readonly MessageFile[] | undefined,
  upstream: Upstream,
  inside?: string,
): Promise<PlatformRequest> {
  if (files === undefined || files.length === 0) return request;
  const gathered: RequestFile[] = [];
  let left = MOST_PER_REQUEST - REST_OF_FORM;
  // At once for all of them: of two actions with half of their files each, none could go on.
  await upstream.reserveFiles(countAtMost(files, left));
  for (const [index, file] of files.entries()) {
    const fetched = await readFile(file, upstream, Math.min(MOST_PER_FILE, left));
    left -= fetched.bytes.length;
    gathered.push({ ...fetched, part: `files[${index}]` });
    const read = MOST_PER_REQUEST - REST_OF_FORM - left;
    await upstream.reserveFiles(read + countAtMost(files.slice(index + 1), left));
  }
  const attachments = gathered.map(({ name }, id) => {
    const description = files[id]?.description;
    return { id, filename: name, ...(description !== undefined && { description }) };
  });
  const { body } = request;
  const message = inside === undefined ? body : (body[inside] as JsonObject);
  const whole = { ...message, attachments };
  return {
    ...request,
    body: inside === undefined ? whole : { ...body, [inside]: whole },
    form: { bodyPart: 'payload_json', files: gathered },
  };
}

/** The bytes that files may have together, as far as that is known before they are fetched. */
function countAtMost(files: readonly MessageFile[], left: number): number {
  const bytes = files.reduce(
    (sum, { data }) =>
      sum + (data === undefined ? MOST_PER_FILE : Buffer.byteLength(data, 'base64')),
    0,
  );
  return Math.min(bytes, left);
}

async function readFile(
  { url, data, name }: MessageFile,
  upstream: Upstream,
  maxBytes: number,
): Promise<Omit<RequestFile, 'part'>> {
  if (maxBytes <= 0)
    throw new ActionFailure(
      'INVALID_INPUT',
      `The files have more than ${MOST_PER_REQUEST} bytes in all, which is the most`,
    );
  if (url === undefined) {
    const bytes = Buffer.from(data ?? '', 'base64');
    return { name: name ?? 'file', type: 'application/octet-stream', bytes };
  }
  const { bytes, type, isKnown } = await upstream.fetch(url, { maxBytes });
  return { name: name ?? nameFile(url), type: cleanType(type), bytes, isKnown };
}

/** The last part of an address, as far as it can be the name of a file. */
function nameFile(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  const last = path.split('/').at(-1) ?? '';
  return last.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(-100) || 'file';
}

/** Another server's words do not get into our form unless they are of the right shape. */
function cleanType(type: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}
