import { Redactor } from '../actions/redaction.js';
import type { WireRequest } from '../actions/wire.js';
import { parseBody } from './wire-form.js';

const SECRET_HEADER = /authorization|token|secret|key|cookie/;
const SECRET_MEMBERS = [
  'access_token',
  'refresh_token',
  'token',
  'client_secret',
  'code',
  'code_verifier',
  'client_assertion',
];
const SECRET_IN_ADDRESS = new RegExp(`[?&](?:${SECRET_MEMBERS.join('|')}|key)=([^&#]+)`, 'g');
/** Members of a grant. Some platforms return the refresh token that they were sent. */
const GRANT_MEMBERS = ['access_token', 'refresh_token', 'id_token'];

/**
 * Parses the body of an answer and removes every secret of the request from it, in any encoding. Every
 * answer of a platform is read here. Only the tokens of a grant remain.
 * @param status of the answer
 * @param text the body as it came
 * @returns the parsed body of a JSON answer, the text of any other, undefined for none
 */
export function readAnswer(request: WireRequest, status: number, text: string): unknown {
  const body = parseBody(text);
  const redactor = new Redactor(listSecrets(request));
  if (!redactor.mayHold(text)) return body;
  const shown = redactor.redactValue(body);
  const isGrant = request.body instanceof URLSearchParams && status >= 200 && status < 300;
  return isGrant ? keepMembers(body, shown, GRANT_MEMBERS) : shown;
}

function keepMembers(from: unknown, to: unknown, names: readonly string[]): unknown {
  if (typeof from !== 'object' || from === null || typeof to !== 'object') return to;
  const given = from as Readonly<Record<string, unknown>>;
  const kept = names.filter((name) => typeof given[name] === 'string');
  return { ...to, ...Object.fromEntries(kept.map((name) => [name, given[name]])) };
}

/** The secrets of a request: its credentials, and what the action declares as secret. */
function listSecrets({ headers, url, body, secrets }: WireRequest): string[] {
  const found: string[] = secrets ? [...secrets] : [];
  for (const name in headers) {
    if (!SECRET_HEADER.test(name)) continue;
    const value = headers[name] as string;
    // Without the scheme, such as "Bearer ".
    found.push(value.slice(value.indexOf(' ') + 1));
  }
  if (url.includes('?'))
    for (const [, value = ''] of url.matchAll(SECRET_IN_ADDRESS)) found.push(decode(value));
  if (body instanceof URLSearchParams)
    for (const name of SECRET_MEMBERS) found.push(...body.getAll(name));
  return found;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
