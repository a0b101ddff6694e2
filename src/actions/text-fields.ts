import { declareField, type FieldOptions } from './field.js';
import { countText, describePattern, nameType, type TextUnit } from './text-length.js';

/** Keeps a value as it is. */
const keep = (value: unknown): unknown => value;

/** Options of a text that is a URL of an operator's setting, over http or https. */
export const URL_TEXT = {
  pattern: /^https?:\/\/[^\s]+$/,
  patternMeans: 'a URL such as https://host/path',
};

interface TextOptions extends FieldOptions {
  /** Shortest and longest accepted length, counted in `unit`; defaults to 1 and no limit. */
  min?: number;
  max?: number;
  /** Default: Unicode characters (code points), so that an emoji such as 😀 counts as one. */
  unit?: TextUnit;
  pattern?: RegExp;
  /** The meaning of the pattern, as the end of "must be …". */
  patternMeans?: string;
  /** A text of white space alone is refused: the platform trims it and refuses the empty rest. */
  visible?: boolean;
}

/** White space alone. */
export const INVISIBLE = /^\s*$/;

/** The fault of a number in the place of a text. One that has lost digits already is not proposed as text. */
export function refuseNumber(value: number): string {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER
    ? 'must be text: as a number it has lost digits; write it in quotes'
    : `must be text: write it in quotes, such as "${value}"`;
}

/** A text; numbers are refused, because large ids lose digits as numbers. */
export function Text(description: string, options: TextOptions = {}): PropertyDecorator {
  const { min = 1, max, unit = 'characters', pattern, patternMeans, visible } = options;
  const inBytes = unit === 'bytes' && max !== undefined;
  return declareField(description + (inBytes ? ` (at most ${max} bytes of UTF-8)` : ''), options, {
    schema: {
      type: 'string',
      ...(min > 0 && { minLength: min }),
      // A schema counts characters; a text of n bytes never has more than n of them.
      ...(max !== undefined && { maxLength: max }),
      ...describePattern(pattern),
    },
    coerce: keep,
    findFault(value) {
      if (typeof value === 'number') {
        // A private value must not get into an error, which the audit log keeps.
        return options.private ? 'must be text: write it in quotes' : refuseNumber(value);
      }
      if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
      const length = countText(value, unit);
      if (length < min)
        return min === 1 ? 'must not be empty' : `must have at least ${min} ${unit}`;
      if (max !== undefined && length > max)
        return `must have at most ${max} ${unit}, and has ${length}`;
      if (visible && length > 0 && INVISIBLE.test(value)) return 'must not be white space alone';
      if (pattern && !pattern.test(value))
        return `must be ${patternMeans ?? `like ${pattern.source}`}`;
      return undefined;
    },
  });
}

/** The scheme before a token in a header, which people paste with the token. */
const TOKEN_SCHEME = /^(?:bot|bearer|oauth)[ \t]+|^oauth:/i;
const TOKEN = /^[\x21-\x7e]+$/;

/** A pasted token without surrounding white space and without its scheme. */
export function cleanToken(text: string): string {
  return text.trim().replace(TOKEN_SCHEME, '').trim();
}

/** Whether a header can carry a text as a token: visible ASCII characters, without spaces. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A token of a platform. Surrounding white space and a scheme such as "Bot " are removed. */
export function Token(description: string, options: TextOptions = {}): PropertyDecorator {
  const { max = 4_096, ...rest } = options;
  return declareField(
    description,
    { ...rest, private: true },
    {
      schema: { type: 'string', minLength: 1, maxLength: max },
      coerce: (value) => (typeof value === 'string' ? cleanToken(value) : value),
      findFault(value) {
        if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
        if (value === '') return 'must not be empty';
        if (value.length > max)
          return `must have at most ${max} characters, and has ${value.length}`;
        return isToken(value)
          ? undefined
          : 'must be the token alone: letters, digits and signs without spaces or line breaks';
      },
    },
  );
}

/** An identifier of a platform: always text, since a Struct's numbers are doubles. */
export function Id(description: string, options: FieldOptions = {}): PropertyDecorator {
  return Text(description, {
    ...options,
    max: 128,
    pattern: /^[A-Za-z0-9_-]+$/,
    patternMeans: 'an id made of letters, digits, "-" and "_"',
  });
}

/** An RFC 3339 time with seconds and a zone, of an existing day. */
export function Timestamp(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: {
      type: 'string',
      maxLength: 64,
      pattern:
        '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$',
    },
    coerce: keep,
    findFault: (value) =>
      typeof value === 'string' && isTimestamp(value)
        ? undefined
        : `must be an RFC 3339 time such as 2027-01-31T18:30:00Z of a day that is in the calendar, not ${nameType(value)}`,
  });
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/i;

/** Whether a text is an RFC 3339 time of an existing day. */
export function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = parts
    .slice(1)
    .map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Day 0 of the next month is the last one of this month.
  const lastDay = month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
  const isDay = day >= 1 && day <= lastDay;
  return isDay && hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60;
}

interface AddressOptions extends FieldOptions {
  max?: number;
  /** Accepted schemes, without the colon; defaults to http and https. */
  schemes?: readonly string[];
}

/** An absolute web address in the characters that addresses may have. */
export function WebAddress(description: string, options: AddressOptions = {}): PropertyDecorator {
  const { max = 2_048, schemes = ['http', 'https'], ...rest } = options;
  const means = `an address such as https://example.com/a that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}, without spaces, quotes or backticks`;
  return declareField(description, rest, {
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: max,
      pattern: `^(${schemes.join('|')})://\\S+$`,
    },
    coerce: keep,
    findFault(value) {
      if (typeof value !== 'string') return `must be text, not ${nameType(value)}`;
      const length = countText(value, 'characters');
      if (length > max) return `must have at most ${max} characters, and has ${length}`;
      return isWebAddress(value, schemes) ? undefined : `must be ${means}`;
    },
  });
}

/** Characters that RFC 3986 forbids in addresses; letters of other scripts are left to the platforms. */
// oxlint-disable-next-line no-control-regex -- controls are what must not be in an address
const NOT_IN_ADDRESS = /[\s\u0000-\u0020\u007f"<>\\^`{|}]/;

function isWebAddress(text: string, schemes: readonly string[]): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/?#]/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) return false;
  return !NOT_IN_ADDRESS.test(text) && URL.canParse(text);
}
