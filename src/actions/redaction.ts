/** The replacement of a secret. */
export const REDACTED = '[redacted]';

/** From this length, a secret is also found in part. In characters. */
const PART = 12;
/** A shorter secret is redacted only where it stands in quotes. */
const SHORTEST_UNQUOTED = 4;
/** A shorter secret is not searched for inside other words: that would redact ordinary text. */
const SHORTEST_ANYWHERE = 8;
/** Characters of base64 that are enough to recognise a secret of any length. */
const ENCODED_PART = 12;
/** How many encodings may be nested. */
const DEEPEST_ENCODING = 3;
const DEEPEST_VALUE = 64;
/** The most cached forms of secrets. A full cache is emptied: the forms are cheap to compute again. */
const MOST_KNOWN = 4_096;

const ESCAPES = /%[\da-f]{2}|\\+u[\da-f]{4}|\\+x[\da-f]{2}|&#(?:x[\da-f]{1,6}|\d{1,7});/i;
const EVERY_ESCAPE = new RegExp(ESCAPES.source, 'gi');
const ENCODED_SIGN = /[\w+/=-]/;
const QUOTE = /["'`«»“”‘’„]/;
const WORD_SIGN = /[\p{L}\p{N}_]/u;

/** The search forms of one secret. */
interface Forms {
  readonly secret: string;
  /** In lower case: parts of the secret of which each piece of some length holds one. */
  readonly parts: readonly string[];
  /** In lower case: pieces of the secret as base64 (at each of its three offsets) and as hex. */
  readonly encoded: readonly string[];
}

const known = new Map<string, Forms>();

/**
 * Redacts secrets in texts from outside: verbatim, in part, in another case, and encoded as base64, hex,
 * percent, JSON or HTML escapes, also nested.
 */
export class Redactor {
  readonly #forms: readonly Forms[];

  /** @param secrets empty ones are ignored; short ones are found only between characters that are no letters or digits */
  constructor(
    secrets: readonly string[],
    private readonly replacement: string = REDACTED,
  ) {
    this.#forms = secrets.filter((secret) => secret !== '').map(describeForms);
  }

  /** The text without the secrets; the same text if it holds none. */
  redact(text: string): string {
    if (this.#forms.length === 0 || text === '') return text;
    let shown = text;
    for (const forms of this.#forms) shown = this.#redactOne(shown, forms);
    return ESCAPES.test(shown) ? this.#redactEscaped(shown, DEEPEST_ENCODING) : shown;
  }

  /** Whether a text may hold one of the secrets. Cheap, and false for nearly every text. */
  mayHold(text: string): boolean {
    if (this.#forms.length === 0) return false;
    const lower = lowerCase(text);
    return (
      ESCAPES.test(text) ||
      this.#forms.some(
        ({ parts, encoded }) =>
          parts.some((part) => lower.includes(part)) ||
          encoded.some((piece) => lower.includes(piece)),
      )
    );
  }

  /** A JSON value without the secrets, also in names of members; the same value if it holds none. */
  redactValue<Value>(value: Value, depth = DEEPEST_VALUE): Value {
    if (typeof value === 'string') return this.redact(value) as Value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth === 0) return REDACTED as Value;
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => this.redactValue(item, depth - 1));
      return (items.some((item, index) => item !== value[index]) ? items : value) as Value;
    }
    let isSame = true;
    const members = Object.entries(value).map(([name, inner]: [string, unknown]) => {
      const member = [this.redact(name), this.redactValue(inner, depth - 1)] as const;
      if (member[0] !== name || member[1] !== inner) isSame = false;
      return member;
    });
    return isSame ? value : (Object.fromEntries(members) as Value);
  }

  /** Decodes the escapes. Only a text that then holds a secret is returned decoded. */
  #redactEscaped(text: string, depth: number): string {
    const plain = readEscapes(text);
    if (plain === text) return text;
    let shown = plain;
    for (const forms of this.#forms) shown = this.#redactOne(shown, forms);
    if (shown !== plain) return shown;
    if (depth === 0 || !ESCAPES.test(plain)) return text;
    const deeper = this.#redactEscaped(plain, depth - 1);
    return deeper === plain ? text : deeper;
  }

  #redactOne(text: string, { secret, parts, encoded }: Forms): string {
    // Almost no text holds a secret, and the search ends here.
    const lower = lowerCase(text);
    const spans: [number, number][] = [];
    for (const part of parts)
      for (let at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, at + 1)) {
        const span = extendMatch(lower, at, part, lowerCase(secret));
        if (secret.length >= SHORTEST_ANYWHERE || standsAlone(text, span)) spans.push(span);
      }
    for (const piece of encoded)
      for (let at = lower.indexOf(piece); at >= 0; at = lower.indexOf(piece, at + 1))
        spans.push(extendRun(text, at, at + piece.length));
    return spans.length === 0 ? text : replaceSpans(text, spans, this.replacement);
  }
}

function describeForms(secret: string): Forms {
  const found = known.get(secret);
  if (found) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  const forms = { secret, parts: listParts(secret), encoded: listEncoded(secret) };
  known.set(secret, forms);
  return forms;
}

/** Parts of the secret such that any piece of twice their length contains one of them. */
function listParts(secret: string): string[] {
  const lower = lowerCase(secret);
  if (secret.length < PART) return [lower];
  const parts = new Set<string>();
  for (let at = 0; at + PART <= lower.length; at += PART) parts.add(lower.slice(at, at + PART));
  parts.add(lower.slice(-PART));
  // A run of one character would be found in any row of dashes.
  return [...parts].filter((part) => new Set(part).size > 2);
}

function listEncoded(secret: string): string[] {
  if (secret.length < SHORTEST_ANYWHERE) return [];
  const bytes = Buffer.from(secret);
  const pieces = new Set<string>();
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on the neighbours of the secret.
    const sure = text.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    );
    for (const piece of cut(sure, ENCODED_PART)) {
      pieces.add(piece.toLowerCase());
      pieces.add(piece.replaceAll('+', '-').replaceAll('/', '_').toLowerCase());
    }
  }
  for (const piece of cut(bytes.toString('hex'), ENCODED_PART * 2)) pieces.add(piece);
  return [...pieces].filter((piece) => new Set(piece).size > 3);
}

/** The beginning and the end of a text, or all of it if it is short. */
function cut(text: string, length: number): readonly string[] {
  if (text.length <= length) return [text];
  return [text.slice(0, length), text.slice(-length)];
}

/** In lower case, with every character at its position. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** How far the text around a part of the secret matches the secret. */
function extendMatch(text: string, at: number, part: string, secret: string): [number, number] {
  const inSecret = secret.indexOf(part);
  let before = 0;
  while (
    before < inSecret &&
    before < at &&
    text[at - before - 1] === secret[inSecret - before - 1]
  )
    before += 1;
  let end = at + part.length;
  for (let next = inSecret + part.length; next < secret.length; next += 1, end += 1)
    if (text[end] !== secret[next]) break;
  return [at - before, end];
}

/** The whole run of base64 characters around a position. */
function extendRun(text: string, from: number, to: number): [number, number] {
  let start = from;
  while (start > 0 && ENCODED_SIGN.test(text[start - 1] as string)) start -= 1;
  let end = to;
  while (end < text.length && ENCODED_SIGN.test(text[end] as string)) end += 1;
  return [start, end];
}

function standsAlone(text: string, [from, to]: readonly [number, number]): boolean {
  const before = text[from - 1] ?? ' ';
  const after = text[to] ?? ' ';
  if (to - from < SHORTEST_UNQUOTED) return QUOTE.test(before) && QUOTE.test(after);
  return !WORD_SIGN.test(before) && !WORD_SIGN.test(after);
}

function replaceSpans(text: string, spans: [number, number][], replacement: string): string {
  let shown = '';
  let done = 0;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (to <= done) continue;
    if (from >= done) shown += text.slice(done, from) + replacement;
    done = to;
  }
  return shown + text.slice(done);
}

/** A text with its escapes decoded, percent escapes as UTF-8. */
function readEscapes(text: string): string {
  const percent = text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  return percent.replaceAll(EVERY_ESCAPE, (escape) => {
    const [, , hex, decimal] = /^(\\+[ux]|&#x?|%)(?:([\da-f]+)|(\d+));?$/i.exec(escape) ?? [];
    const isDecimal = escape.startsWith('&#') && !/^&#x/i.test(escape);
    const code = Number.parseInt(hex ?? decimal ?? '', isDecimal ? 10 : 16);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : escape;
  });
}

/** Every text in a value. */
export function listTexts(value: unknown, depth = DEEPEST_VALUE): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.values(value).flatMap((inner: unknown) => listTexts(inner, depth - 1));
}

/**
 * A message without the private texts that it quotes, whole or in part.
 * @param texts the texts of the caller that the log must not keep
 */
export function redactPrivate(message: string, texts: readonly string[]): string {
  return texts.length === 0 ? message : new Redactor(texts, '[private text]').redact(message);
}

/** An address without its query, fragment and user, which may hold the right to read it. */
export function hideAddressSecrets(text: string): string {
  return text.replace(
    /^(https?:\/\/)(?:[^\s/?#@]*@)?([^\s?#]*)([?#]\S*)?$/i,
    (_all, scheme: string, place: string, rest: string | undefined) =>
      `${scheme}${place}${rest === undefined ? '' : `?${REDACTED}`}`,
  );
}
