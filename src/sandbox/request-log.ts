import type { IncomingHttpHeaders } from 'node:http';

const CAPACITY = 10_000;
const KEPT_TEXT = 16_384;

/** What is kept of one upstream request; `status` is null when nothing was answered. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
  readonly status: number | null;
  readonly answer: string;
  readonly who: string | undefined;
  readonly fault: string | undefined;
  /** False when a fault answered before the simulation could act. */
  readonly acted: boolean;
}

/** One recorded request as `/sandbox/requests` shows it: secrets masked, JSON bodies decoded. */
export interface ShownRequest {
  seq: number;
  at: string;
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  token: boolean;
  who: string | null;
  body: unknown;
  status: number | null;
  answer: unknown;
  fault: string | null;
  acted: boolean;
}

const SECRET_FIELDS = 'access_token|refresh_token|client_secret|token|code|upload_id';
const SECRET_JSON = new RegExp(`"(${SECRET_FIELDS})":"[^"]*"`, 'g');
const SECRET_FORM = new RegExp(`(^|&)(${SECRET_FIELDS})=[^&]*`, 'g');

/** The last 10,000 upstream requests; sequence numbers grow for ever, also over a reset. */
export class RequestLog {
  #ring: (RecordedRequest | undefined)[] = [];
  #next = 1;
  #first = 1;

  add(entry: RecordedRequest): void {
    this.#ring[this.#next % CAPACITY] = entry;
    this.#next += 1;
    if (this.#next - this.#first > CAPACITY) this.#first = this.#next - CAPACITY;
  }

  clear(): void {
    this.#ring = [];
    this.#first = this.#next;
  }

  /** The sequence number of the newest request; 0 when there was none. */
  get last(): number {
    return this.#next - 1;
  }

  list(since: number, limit = CAPACITY): ShownRequest[] {
    const shown: ShownRequest[] = [];
    const start = Math.max(this.#first, since + 1, this.#next - limit);
    for (let seq = start; seq < this.#next; seq += 1) {
      const entry = this.#ring[seq % CAPACITY];
      if (entry) shown.push(showRequest(seq, entry));
    }
    return shown;
  }
}

/** Masking and decoding wait until somebody looks, so that recording costs next to nothing. */
function showRequest(seq: number, entry: RecordedRequest): ShownRequest {
  const holdsSecrets = ['/oauth2/', '/webhooks', '/upload/'].some((part) =>
    entry.path.includes(part),
  );
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const authorization = headers['authorization'];
  if (authorization !== undefined) {
    headers['authorization'] = authorization.replace(/^(\w+\s+)?.*$/s, '$1***');
  }
  return {
    seq,
    at: new Date(entry.at).toISOString(),
    method: entry.method,
    path: entry.path,
    query: showQuery(holdsSecrets ? maskSecrets(entry.search) : entry.search),
    headers,
    token: authorization !== undefined,
    who: entry.who ?? null,
    body: showText(holdsSecrets ? maskSecrets(entry.body) : entry.body),
    status: entry.status,
    answer: showText(holdsSecrets ? maskSecrets(entry.answer) : entry.answer),
    fault: entry.fault ?? null,
    acted: entry.acted,
  };
}

/** Cuts long texts when they are recorded: ten thousand bodies of a megabyte would not fit. */
export function clipText(text: string): string {
  return text.length > KEPT_TEXT ? `${text.slice(0, KEPT_TEXT)}…` : text;
}

function maskSecrets(text: string): string {
  return text.replace(SECRET_JSON, '"$1":"***"').replace(SECRET_FORM, '$1$2=***');
}

function showQuery(search: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  const values = new URLSearchParams(search);
  for (const name of new Set(values.keys())) {
    const all = values.getAll(name);
    query[name] = all.length === 1 ? (all[0] ?? '') : all;
  }
  return query;
}

function showText(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
