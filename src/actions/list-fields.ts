import { declareField, describeFields, type FieldClass, type FieldOptions } from './field.js';
import { isObject } from './json.js';
import { parseFields } from './parse-fields.js';
import { INVISIBLE } from './text-fields.js';
import { countText, describePattern, nameType, shorten } from './text-length.js';

interface ListOptions extends FieldOptions {
  minItems?: number;
  maxItems?: number;
  /** Longest item, in characters. */
  maxLength?: number;
  /** The allowed items. */
  choices?: readonly string[];
  /** The pattern of an item, and its meaning, as the end of "must be …". */
  pattern?: RegExp;
  patternMeans?: string;
  /** Whether items must be unique. */
  unique?: boolean;
  /** An item of white space alone is refused. */
  visible?: boolean;
}

/** A list of texts; a single text is read as a JSON array, or else split at its commas. */
export function List(description: string, options: ListOptions = {}): PropertyDecorator {
  const { minItems = 0, maxItems = 1000, maxLength = 500, choices } = options;
  const { pattern, patternMeans, unique = false, visible = false } = options;
  return declareField(description, options, {
    schema: {
      type: 'array',
      items: choices
        ? { type: 'string', enum: choices }
        : { type: 'string', minLength: 1, maxLength, ...describePattern(pattern) },
      minItems,
      maxItems,
      ...(unique && { uniqueItems: true }),
    },
    coerce(value) {
      if (typeof value !== 'string') return value;
      const written = readJsonList(value);
      if (written) return written;
      const items = value.split(',').map((item) => item.trim());
      return items.filter((item) => item !== '');
    },
    findFault(value) {
      if (!Array.isArray(value)) return `must be a list of texts, not ${nameType(value)}`;
      if (value.length < minItems)
        return `must have at least ${minItems} items, and has ${value.length}`;
      if (value.length > maxItems)
        return `must have at most ${maxItems} items, and has ${value.length}`;
      for (const [index, item] of value.entries()) {
        if (typeof item !== 'string')
          return `item ${index + 1} must be text, not ${nameType(item)}`;
        if (choices && !choices.includes(item)) {
          return `item ${index + 1} must be one of ${choices.join(', ')}, not "${shorten(item)}"`;
        }
        const length = countText(item, 'characters');
        if (visible && length > 0 && INVISIBLE.test(item))
          return `item ${index + 1} must not be white space alone`;
        if (length === 0) return `item ${index + 1} must not be empty`;
        if (length > maxLength) {
          return `item ${index + 1} must have at most ${maxLength} characters, and has ${length}`;
        }
        if (pattern && !pattern.test(item))
          return `item ${index + 1} must be ${patternMeans ?? `like ${pattern.source}`}`;
        if (unique && value.indexOf(item) !== index)
          return `item ${index + 1} stands in the list twice`;
      }
      return undefined;
    },
  });
}

/** The list in a text that holds a JSON array; otherwise undefined. */
function readJsonList(text: string): unknown[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** An object with any members, such as the parameters of an envelope. */
export function Values(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'object' },
    coerce: (value) => value,
    findFault: (value) =>
      isObject(value) ? undefined : `must be an object of named values, not ${nameType(value)}`,
  });
}

/** An object with fields of its own, such as an embed of a message. */
export function Part(
  description: string,
  type: FieldClass,
  options: FieldOptions = {},
): PropertyDecorator {
  return declareField(description, options, {
    schema: describeFields(type),
    coerce: (value) => readPart(type, value),
    findFault: (value) => findPartFault(type, value),
    inner: type,
  });
}

interface PartsOptions extends FieldOptions {
  minItems?: number;
  maxItems?: number;
}

/** A list of objects with fields of their own. */
export function Parts(
  description: string,
  type: FieldClass,
  options: PartsOptions = {},
): PropertyDecorator {
  const { minItems = 0, maxItems = 1000 } = options;
  return declareField(description, options, {
    schema: { type: 'array', items: describeFields(type), minItems, maxItems },
    coerce: (value) =>
      Array.isArray(value) ? value.map((item: unknown) => readPart(type, item)) : value,
    findFault(value) {
      if (!Array.isArray(value)) return `must be a list of objects, not ${nameType(value)}`;
      if (value.length < minItems)
        return `must have at least ${minItems} items, and has ${value.length}`;
      if (value.length > maxItems)
        return `must have at most ${maxItems} items, and has ${value.length}`;
      for (const [index, item] of value.entries()) {
        const fault = findPartFault(type, item);
        if (fault !== undefined) return `item ${index + 1}: ${fault}`;
      }
      return undefined;
    },
    inner: type,
  });
}

function readPart(type: FieldClass, value: unknown): unknown {
  const parsed = parseFields(type, value);
  return parsed.ok ? parsed.value : value;
}

function findPartFault(type: FieldClass, value: unknown): string | undefined {
  if (!isObject(value)) return `must be an object of named values, not ${nameType(value)}`;
  const parsed = parseFields(type, value);
  if (parsed.ok) return undefined;
  return parsed.violations
    .map(({ field, message }) => (field ? `${field} ${message}` : message))
    .join(', ');
}
