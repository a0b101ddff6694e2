/** The parts of JSON Schema by which the catalogue describes parameters. */
export interface Schema {
  type?: string | string[];
  description?: string;
  enum?: readonly unknown[];
  const?: unknown;
  default?: unknown;
  examples?: readonly unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  anyOf?: readonly Schema[];
}

/** How a parameter is typed in. */
export type Kind = 'text' | 'long' | 'number' | 'flag' | 'choice' | 'lines' | 'group' | 'json';

/** What stands in the controls of a form, by the names of the parameters. */
export type Raw = string | boolean | { [name: string]: Raw };
export type RawForm = Record<string, Raw>;

const LONG_TEXT = 200;

export function kindOf(schema: Schema): Kind {
  const type = Array.isArray(schema.type)
    ? schema.type.find((name) => name !== 'null')
    : schema.type;
  if (schema.enum) return 'choice';
  if (type === 'boolean') return 'flag';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string')
    return (schema.maxLength ?? 0) > LONG_TEXT && !schema.format ? 'long' : 'text';
  if (type === 'array' && schema.items && isPlain(schema.items)) return 'lines';
  if (type === 'object' && schema.properties && Object.values(schema.properties).every(isSimple))
    return 'group';
  return 'json';
}

function isPlain(schema: Schema): boolean {
  return ['text', 'long', 'number', 'choice'].includes(kindOf(schema));
}

function isSimple(schema: Schema): boolean {
  return isPlain(schema) || ['flag', 'lines'].includes(kindOf(schema));
}

/** What the controls show for a value. */
function toRaw(schema: Schema, value: unknown): Raw {
  if (value === undefined || value === null) return kindOf(schema) === 'group' ? {} : '';
  switch (kindOf(schema)) {
    case 'flag':
      return value === true ? 'true' : 'false';
    case 'lines':
      return Array.isArray(value) ? value.map(String).join('\n') : String(value);
    case 'group':
      return toRawForm(schema, value as Record<string, unknown>);
    case 'json':
      return JSON.stringify(value, null, 2);
    default:
      return String(value);
  }
}

export function toRawForm(schema: Schema, values: Record<string, unknown>): RawForm {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, Raw][] =>
      values[name] === undefined ? [] : [[name, toRaw(field, values[name])]],
    ),
  );
}

export interface ReadForm {
  readonly parameters: Record<string, unknown>;
  /** Faults by the path of the parameter, such as `embed.title`. */
  readonly faults: Readonly<Record<string, string>>;
}

/** The parameters that a form stands for, and what is wrong with it. What is empty is left out. */
export function readForm(schema: Schema, form: RawForm, path = ''): ReadForm {
  const parameters: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const place = path + name;
    const required = schema.required?.includes(name) ?? false;
    const raw = form[name];
    if (kindOf(field) === 'group') {
      const inner = readForm(field, typeof raw === 'object' ? raw : {}, `${place}.`);
      const isEmpty = Object.keys(inner.parameters).length === 0;
      if (isEmpty && !required) continue;
      parameters[name] = inner.parameters;
      Object.assign(faults, inner.faults);
      continue;
    }
    if (raw === undefined || raw === '') {
      if (required) faults[place] = 'This is required.';
      continue;
    }
    const read = readValue(field, String(raw));
    if (read.fault === undefined) parameters[name] = read.value;
    else faults[place] = read.fault;
  }
  return { parameters, faults };
}

type ReadValue = { value: unknown; fault?: undefined } | { value?: undefined; fault: string };

function readValue(schema: Schema, raw: string): ReadValue {
  switch (kindOf(schema)) {
    case 'flag':
      return { value: raw === 'true' };
    case 'number':
      return readNumber(schema, raw);
    case 'choice':
      return { value: schema.enum?.find((choice) => String(choice) === raw) ?? raw };
    case 'lines':
      return readLines(schema, raw);
    case 'json':
      try {
        return { value: JSON.parse(raw) as unknown };
      } catch (error) {
        return { fault: `This is not JSON: ${(error as Error).message}` };
      }
    default:
      return readText(schema, raw);
  }
}

function readText({ minLength = 0, maxLength }: Schema, raw: string): ReadValue {
  const { length } = [...raw];
  if (length < minLength) return { fault: `At least ${minLength} characters are needed.` };
  if (maxLength !== undefined && length > maxLength)
    return { fault: `At most ${maxLength} characters are taken; these are ${length}.` };
  return { value: raw };
}

function readNumber({ minimum, maximum, type }: Schema, raw: string): ReadValue {
  const value = Number(raw);
  if (!Number.isFinite(value)) return { fault: 'This has to be a number.' };
  if (type === 'integer' && !Number.isInteger(value))
    return { fault: 'This has to be a whole number.' };
  if (minimum !== undefined && value < minimum) return { fault: `The least is ${minimum}.` };
  if (maximum !== undefined && value > maximum) return { fault: `The most is ${maximum}.` };
  return { value };
}

function readLines({ items = {}, minItems = 0, maxItems }: Schema, raw: string): ReadValue {
  const lines = raw.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < minItems) return { fault: `At least ${minItems} lines are needed.` };
  if (maxItems !== undefined && lines.length > maxItems)
    return { fault: `At most ${maxItems} lines are taken; these are ${lines.length}.` };
  const read = lines.map((line) => readValue(items, line.trim()));
  const fault = read.find((one) => one.fault !== undefined)?.fault;
  return fault === undefined ? { value: read.map(({ value }) => value) } : { fault };
}

/** What a person may type, in a few words. */
export function describeBounds(schema: Schema): string {
  const { minLength, maxLength, minimum, maximum, maxItems, format } = schema;
  const parts: string[] = [];
  if (maxLength !== undefined && maxLength < 100_000)
    parts.push(
      minLength && minLength > 1
        ? `${minLength} to ${maxLength} characters`
        : `up to ${maxLength} characters`,
    );
  if (minimum !== undefined && maximum !== undefined) parts.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) parts.push(`at least ${minimum}`);
  else if (maximum !== undefined) parts.push(`at most ${maximum}`);
  if (maxItems !== undefined && maxItems < 1_000)
    parts.push(`up to ${maxItems} ${kindOf(schema) === 'lines' ? 'lines' : 'items'}`);
  if (format === 'date-time') parts.push('such as 2027-01-31T18:30:00Z');
  return parts.join(', ');
}
