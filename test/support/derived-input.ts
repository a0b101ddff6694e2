import { isObject, type JsonSchema } from '../../src/actions/json.js';

/** Parameters that an action must refuse, and the field that its refusal has to name. */
export interface WrongInput {
  /** What is wrong, for the title of a failure. */
  readonly title: string;
  readonly field: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A longer text would not fit into one request. */
const LONGEST_SENT = 1_000_000;
/** Tried against a pattern until one does not match. */
const ODD_TEXTS = ['not one <&> of these!', ' ', '<>', '\n', '\u{1F600}'];

/**
 * Everything that a schema forbids, one fault at a time, beginning with an input that is right: a required
 * field that is missing, a field that is not declared, and for each field every wrong type and every bound.
 */
export function deriveWrongInputs(
  schema: JsonSchema,
  right: Readonly<Record<string, unknown>>,
): WrongInput[] {
  const required = schema['required'] as readonly string[];
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>>;
  const missing = required.map((field): WrongInput => {
    const parameters = Object.fromEntries(Object.entries(right).filter(([name]) => name !== field));
    return { title: `without ${field}`, field, parameters };
  });
  const unknown = 'no_such_field';
  const wrong = Object.entries(properties).flatMap(([field, property]) =>
    listWrongValues(property, right[field]).map(([fault, value]): WrongInput => ({
      title: `${field} ${fault}`,
      field,
      parameters: { ...right, [field]: value },
    })),
  );
  return [
    ...missing,
    {
      title: 'with a field that is not declared',
      field: unknown,
      parameters: { ...right, [unknown]: 1 },
    },
    ...wrong,
  ];
}

type WrongValue = readonly [fault: string, value: unknown];

/** Values that a schema of one field forbids. */
export function listWrongValues(schema: JsonSchema, right?: unknown): WrongValue[] {
  // Where one of several forms is enough, a value of another type is wrong in all of them.
  if (schema['anyOf'])
    return [
      ['as a list', [1]],
      ['of no form', 'no form at all'],
    ];
  switch (schema['type']) {
    case 'string':
      return listWrongTexts(schema);
    case 'integer':
      return [...listWrongNumbers(schema), ['with a fraction', 1.5]];
    case 'number':
      return listWrongNumbers(schema);
    case 'boolean':
      return [
        ['as a text', 'perhaps'],
        ['as a number', 7],
      ];
    case 'array':
      return listWrongLists(schema, right);
    case 'object':
      return listWrongObjects(schema, right);
    default:
      throw new Error(`No wrong value is known for the type ${String(schema['type'])}`);
  }
}

function listWrongTexts(schema: JsonSchema): WrongValue[] {
  const { minLength, maxLength, pattern, enum: choices } = schema;
  const wrong: WrongValue[] = [
    ['as a number', 7],
    ['as an object', { a: 1 }],
    ['with U+0000', 'a\u0000b'],
  ];
  if (choices) wrong.push(['of no choice', 'no_such_choice']);
  if (Number(minLength) > 0) wrong.push(['too short', 'x'.repeat(Number(minLength) - 1)]);
  if (Number(maxLength) < LONGEST_SENT) wrong.push(['too long', 'x'.repeat(Number(maxLength) + 1)]);
  if (pattern !== undefined) {
    const form = new RegExp(String(pattern));
    const odd = ODD_TEXTS.find((text) => !form.test(text));
    if (odd === undefined) throw new Error(`Add a text that ${String(pattern)} does not match`);
    wrong.push(['of another form', odd]);
  }
  return wrong;
}

function listWrongNumbers({ minimum, maximum, multipleOf }: JsonSchema): WrongValue[] {
  const wrong: WrongValue[] = [
    ['as a text', 'many'],
    ['as a list', [1]],
  ];
  if (minimum !== undefined) wrong.push(['too small', Number(minimum) - 1]);
  if (maximum !== undefined) wrong.push(['too large', Number(maximum) + 1]);
  if (multipleOf !== undefined)
    wrong.push(['between two steps', Number(minimum ?? 0) + Number(multipleOf) / 2]);
  return wrong;
}

function listWrongLists(schema: JsonSchema, right: unknown): WrongValue[] {
  const { minItems, maxItems } = schema;
  const items = schema['items'] as JsonSchema;
  const [item] = Array.isArray(right) ? right : [];
  const wrong: WrongValue[] = [
    ['as a number', 7],
    ['as an object', { a: 1 }],
  ];
  if (Number(minItems) > 0) wrong.push(['too short', []]);
  if (maxItems !== undefined)
    wrong.push(['too long', Array.from({ length: Number(maxItems) + 1 }, () => item ?? 'x')]);
  const faults = listWrongValues(items, item);
  return [...wrong, ...faults.map(([fault, value]): WrongValue => [`item ${fault}`, [value]])];
}

function listWrongObjects(schema: JsonSchema, right: unknown): WrongValue[] {
  const wrong: WrongValue[] = [
    ['as a text', 'x'],
    ['as a list', [1]],
  ];
  if (!schema['properties']) return wrong;
  const inner = deriveWrongInputs(schema, isObject(right) ? right : {});
  return [...wrong, ...inner.map(({ title, parameters }): WrongValue => [title, parameters])];
}

/** The longest text that a row of the log shows whole. */
const SHOWN = 40;

/** The input with a text of its own in every field of text that has no other form, optional ones too. */
export function fillTexts(
  schema: JsonSchema,
  right: Readonly<Record<string, unknown>>,
  mark: string,
): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...right };
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  for (const [name, property] of Object.entries(properties)) {
    const { type, enum: choices, pattern, maxLength = SHOWN } = property;
    const text = `${mark} ${name}`.slice(0, Math.min(SHOWN, Number(maxLength)));
    if (type === 'object') {
      const { [name]: inner } = right;
      filled[name] = fillTexts(property, isObject(inner) ? inner : {}, mark);
    }
    if (type === 'string' && !choices && (!pattern || new RegExp(String(pattern)).test(text)))
      filled[name] = text;
  }
  return filled;
}
