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
const ID_PATTERN = '^[A-Za-z0-9_-]+$';

function nameType({ type, enum: choices, items, pattern }: Record<string, unknown>): string {
  if (Array.isArray(choices)) return 'word';
  if (pattern === ID_PATTERN) return 'id';
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
      return isObject(items) && items['type'] === 'string' ? 'list of texts' : 'list';
    case 'object':
      return 'object';
    default:
      return 'any';
  }
}

function describeLimits(field: Record<string, unknown>): string {
  const { enum: choices, items, pattern, multipleOf } = field;
  if (pattern === ID_PATTERN) return '';
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
