import { isObject } from '../../actions/json.js';

/** One field of a JSON Schema in words for readers. */
export interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The default as JSON; undefined when there is none. */
  readonly default: string | undefined;
  /** Limits in words; empty when there are none. */
  readonly limits: string;
  readonly description: string;
}

/** The fields of an object schema, in the order of their declaration. */
export function listFieldRows(schema: Readonly<Record<string, unknown>>): FieldRow[] {
  const { properties, required } = schema;
  if (!isObject(properties)) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!isObject(field)) return [];
    const fallback = field['default'];
    return {
      name,
      type: nameType(field),
      required: needed.includes(name),
      default: fallback === undefined ? undefined : JSON.stringify(fallback),
      limits: describeLimits(field),
      description: textOf(field['description']),
    };
  });
}

/** Ids have a pattern of their own, which readers need no expression for. */
const ID_PATTERNS: ReadonlySet<unknown> = new Set(['^[A-Za-z0-9_-]+$', String.raw`^\d+$`]);

function nameType(field: Record<string, unknown>): string {
  const { type, enum: choices, items, pattern, anyOf } = field;
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).map(nameType).join(' or ');
  if (Array.isArray(choices)) return 'word';
  if (ID_PATTERNS.has(pattern)) return 'id';
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return 'true or false';
    case 'array':
      if (!isObject(items)) return 'list';
      if (items['type'] === 'string') return 'list of texts';
      return items['type'] === 'object' ? `list of {${listNames(items)}}` : 'list';
    case 'object':
      return listNames(field) ? `{${listNames(field)}}` : 'object';
    default:
      return 'any';
  }
}

/** Names of an object's own fields; those that may be left out carry a question mark. */
function listNames(schema: Record<string, unknown>): string {
  return listFieldRows(schema)
    .map(({ name, required }) => (required ? name : `${name}?`))
    .join(', ');
}

function describeLimits(field: Record<string, unknown>): string {
  const { enum: choices, items, pattern, multipleOf } = field;
  if (ID_PATTERNS.has(pattern)) return '';
  const parts = [
    Array.isArray(choices) ? `one of ${choices.join(', ')}` : '',
    describeRange(field['minLength'], field['maxLength'], 'characters'),
    describeRange(field['minimum'], field['maximum'], ''),
    describeRange(field['minItems'], field['maxItems'], 'items'),
    isObject(items) ? describeRange(undefined, items['maxLength'], 'characters each') : '',
    typeof multipleOf === 'number' ? `in steps of ${multipleOf}` : '',
    typeof pattern === 'string' ? `like ${pattern}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** A lowest length of 0 or 1 says nothing that "required" does not say. */
function describeRange(least: unknown, most: unknown, unit: string): string {
  const isTelling = typeof least === 'number' && (unit === '' || least > 1);
  const suffix = unit && ` ${unit}`;
  if (isTelling && typeof most === 'number')
    return least === most ? `exactly ${most}${suffix}` : `${least} to ${most}${suffix}`;
  if (typeof most === 'number') return `at most ${most}${suffix}`;
  return isTelling ? `at least ${least}${suffix}` : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
