import { REDACTED, Redactor } from '../actions/redaction.js';

/** What never belongs into a log, wherever in an object it stands. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'access_token',
  'refresh_token',
  'token',
  'api_key',
  'authorization',
  'client_secret',
  'password',
]);
/** Deeper than anything that is logged on purpose. */
const DEEPEST = 5;
/** Shorter ones would hide parts of ordinary words, and guard nothing. */
const SHORTEST = 8;
/** More secrets than a gateway uses at a time; the ones that were used longest ago are forgotten first. */
const MOST_SEEN = 10_000;
/** How a secret looks that has no spaces; texts of several words are none. */
const SECRET_WORD = /^[\w~+/.=-]{8,2048}$/;
const WORDS = /[\w~+/.-]+={0,2}/g;
/** By character code: whether a word may hold it. */
const IN_WORD = Uint8Array.from({ length: 128 }, (_none, code) =>
  /[\w~+/.-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const EQUALS = '='.charCodeAt(0);

/** What gives itself away by its form: JWTs, Google's tokens, those of bots, secrets of webhooks. */
const FORMS =
  /eyJ[\w-]{2,}\.[\w-]{2,}\.[\w-]*|whsec_[\w+/=-]{8,}|ya29\.[\w-]{8,}|1\/\/[\w-]{20,}|[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,}/g;
const CREDENTIALS = /((?:Bearer|Basic|OAuth|Bot) +|oauth:)(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}/gi;
const PASSWORDS = /(\w:\/\/[^\s:/@"]*:)[^\s@/"]+(?=@)/g;

/** What is in every line in which one of these would be found. */
const HINTS = /eyJ|whsec_|ya29\.|1\/\/|[MNO][\w-]{22,27}\.|:\/\/|bearer |basic |oauth[ :]|bot /i;

/** Nothing shorter is hidden: the least that `PASSWORDS` finds is `a://:b@`. */
const SHORTEST_FORM = 7;
const NEEDS_NO_ESCAPE = /^[\w .,:;/@+=-]*$/;

/** The secrets of the configuration. */
const given = new Set<string>();
/** These and their spellings: looked for anywhere, also in the middle of a word. */
const lasting = new Set<string>();
/** Any of them at once; nothing while there are none. */
let anyLasting = /(?!)/;
/** The same in every encoding. */
let lastingRedactor = new Redactor([]);
/** What the vault has opened or closed, the latest last. */
const seen = new Set<string>();

/** Takes values out of every line of the log from now on. The log is one for the process, and so are they. */
export function hideFromLogs(values: Iterable<string>): void {
  for (const value of values) {
    if (value.length < SHORTEST) continue;
    lasting.add(value);
    lasting.add(JSON.stringify(value).slice(1, -1));
    lasting.add(encodeURIComponent(value));
    given.add(value);
  }
  if (lasting.size === 0) return;
  lastingRedactor = new Redactor([...given]);
  // The longest first: one that begins like another must not leave its end behind.
  const sorted = [...lasting].toSorted((a, b) => b.length - a.length);
  lasting.clear();
  for (const value of sorted) lasting.add(value);
  const parts = sorted.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  anyLasting = new RegExp(parts.join('|'));
}

/** Takes out a secret for as long as it is among the latest: tokens come and go. */
export function hideWhileUsed(text: string): void {
  if (!SECRET_WORD.test(text)) return;
  // Put at the end again, so that what is in use is not forgotten.
  seen.delete(text);
  seen.add(text);
  if (seen.size > MOST_SEEN) for (const oldest of seen) return void seen.delete(oldest);
}

/** Some values without those whose names say that they are secrets; what has none is left as it is. */
export function hideNamed<Values extends object>(values: Values, depth = DEEPEST): Values {
  let shown: Record<string, unknown> | undefined;
  for (const name of Object.keys(values)) {
    const value = (values as Record<string, unknown>)[name];
    const kept = SECRET_NAMES.has(name) ? REDACTED : hideInside(value, depth);
    if (kept === value) continue;
    shown = { ...(shown ?? values), [name]: kept };
  }
  return (shown as Values | undefined) ?? values;
}

/** Errors are looked through when they are written. */
function hideInside(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error || depth === 0)
    return value;
  if (!Array.isArray(value)) return hideNamed(value, depth - 1);
  const items = value.map((item) => hideInside(item, depth - 1));
  return items.some((item, index) => item !== value[index]) ? items : value;
}

/** A line without any known secret, in any encoding, and without anything that looks like one. */
export function redactLine(line: string): string {
  const plain = redactPlain(line);
  const shown = lastingRedactor.mayHold(plain) ? redactEncoded(plain) : plain;
  return seen.size === 0 ? shown : shown.replaceAll(ENCODED_WORDS, hideEncoded);
}

/** A line of JSON stays valid JSON after values are removed. */
function redactEncoded(line: string): string {
  let values: unknown;
  try {
    values = JSON.parse(line);
  } catch {
    return lastingRedactor.redact(line);
  }
  const shown = lastingRedactor.redactValue(values);
  return shown === values ? line : JSON.stringify(shown) + (line.endsWith('\n') ? '\n' : '');
}

/** Words that are long enough to be an encoded secret. */
const ENCODED_WORDS = /[\w+/-]{16,}={0,2}/g;

function hideEncoded(word: string): string {
  const readings = [
    ...[0, 1, 2, 3].map((skip) => Buffer.from(word.slice(skip), 'base64').toString('latin1')),
    ...(HEX.test(word) ? [Buffer.from(word, 'hex').toString('latin1')] : []),
  ];
  return readings.some((text) => holdsSeenWord(text)) ? REDACTED : word;
}

const HEX = /^(?:[\da-f]{2})+$/i;

/** A line without any secret that is known as it is spelled, or that looks like one. */
function redactPlain(line: string): string {
  let shown = line;
  // Nearly every line has none, and is only looked through.
  if (anyLasting.test(shown))
    for (const secret of lasting) shown = shown.replaceAll(secret, REDACTED);
  if (seen.size > 0 && holdsSeenWord(shown)) shown = shown.replace(WORDS, hideSeen);
  if (!HINTS.test(shown)) return shown;
  return shown
    .replace(FORMS, REDACTED)
    .replace(CREDENTIALS, `$1${REDACTED}`)
    .replace(PASSWORDS, `$1${REDACTED}`);
}

/** A text as JSON for a line that is not looked through as a whole, without any secret. */
export function quoteShown(text: string): string {
  const quoted = NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
  return text.length < SHORTEST_FORM ? quoted : redactLine(quoted);
}

/**
 * Whether texts, with spaces between them, are the same in a line of JSON as they are, and hold no secret
 * as it is spelled. For ids of callers and of the gateway: what platforms say comes without secrets.
 */
export function areShownAsTheyAre(texts: string): boolean {
  return NEEDS_NO_ESCAPE.test(texts) && redactPlain(texts) === texts;
}

/** What `WORDS` would find, without a word on the heap for each that is too short to be a secret. */
function holdsSeenWord(line: string): boolean {
  for (let at = 0; at < line.length; at += 1) {
    if (IN_WORD[line.charCodeAt(at)] !== 1) continue;
    const from = at;
    while (at < line.length && IN_WORD[line.charCodeAt(at)] === 1) at += 1;
    for (let signs = 0; signs < 2 && line.charCodeAt(at) === EQUALS; signs += 1) at += 1;
    if (at - from >= SHORTEST && holdsSeen(line.slice(from, at))) return true;
  }
  return false;
}

/** A secret alone, or as a part of an address. */
function holdsSeen(word: string): boolean {
  if (word.length < SHORTEST) return false;
  if (seen.has(word)) return true;
  return (
    (word.includes('/') || word.includes('.')) && word.split(/[/.]/).some((part) => seen.has(part))
  );
}

function hideSeen(word: string): string {
  if (seen.has(word)) return REDACTED;
  if (!word.includes('/') && !word.includes('.')) return word;
  return word
    .split(/([/.])/)
    .map((part) => (seen.has(part) ? REDACTED : part))
    .join('');
}
