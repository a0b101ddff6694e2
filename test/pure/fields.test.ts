// Real: the field decorators, their parser and their schemas; ajv judges the schemas. Nothing is fake.
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Choice,
  countText,
  Decimal,
  describeFields,
  type FieldClass,
  Flag,
  Id,
  Integer,
  List,
  listFields,
  parseFields,
  redactFields,
  Text,
  Values,
} from '../../src/actions/fields.js';

/** A class with one field called `it`. */
function declare(decorator: PropertyDecorator): FieldClass {
  class Declared {}
  decorator(Declared.prototype, 'it');
  return Declared;
}

/** The value that came out, or what was wrong with the field. */
function read(decorator: PropertyDecorator, value: unknown): unknown {
  const parsed = parseFields(declare(decorator), { it: value });
  if (parsed.ok) return (parsed.value as { it?: unknown }).it;
  return parsed.violations.map(({ field, message }) => `${field} ${message}`).join('; ');
}

const CLEF = '𝄞';
const FAMILY = '👩‍👩‍👧';

type Case = readonly [name: string, decorator: PropertyDecorator, value: unknown, outcome: unknown];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Text: [
    ['a text', Text('It'), 'a', 'a'],
    ['spaces as they are', Text('It'), '  a ', '  a '],
    ['an empty one', Text('It'), '', 'it must not be empty'],
    ['an empty one where it may be', Text('It', { min: 0 }), '', ''],
    ['one too short', Text('It', { min: 3 }), 'ab', 'it must have at least 3 characters'],
    ['the longest', Text('It', { max: 3 }), 'abc', 'abc'],
    [
      'one too long',
      Text('It', { max: 3 }),
      'abcd',
      'it must have at most 3 characters, and has 4',
    ],
    ['emoji as one character each', Text('It', { max: 2 }), CLEF + CLEF, CLEF + CLEF],
    [
      'an emoji put together as its characters',
      Text('It', { max: 4 }),
      FAMILY,
      'it must have at most 4 characters, and has 5',
    ],
    ['utf-16 units', Text('It', { max: 2, unit: 'utf-16 units' }), CLEF, CLEF],
    [
      'one too many utf-16 units',
      Text('It', { max: 3, unit: 'utf-16 units' }),
      CLEF + CLEF,
      'it must have at most 3 utf-16 units, and has 4',
    ],
    ['bytes', Text('It', { max: 4, unit: 'bytes' }), CLEF, CLEF],
    [
      'one too many bytes',
      Text('It', { max: 4, unit: 'bytes' }),
      'äöü',
      'it must have at most 4 bytes, and has 6',
    ],
    ['a number', Text('It'), 12, 'it must be text: write it in quotes, such as "12"'],
    ['a private number', Text('It', { private: true }), 12, 'it must be text: write it in quotes'],
    ['a flag', Text('It'), true, 'it must be text, not true'],
    ['a list', Text('It'), ['a'], 'it must be text, not a list'],
    ['an object', Text('It'), { a: 1 }, 'it must be text, not an object'],
    ['a pattern', Text('It', { pattern: /^a+$/ }), 'aa', 'aa'],
    ['a broken pattern', Text('It', { pattern: /^a+$/ }), 'b', 'it must be like ^a+$'],
    [
      'a broken pattern with a meaning',
      Text('It', { pattern: /^a+$/, patternMeans: 'some a' }),
      'b',
      'it must be some a',
    ],
    ['none where it must be', Text('The Thing'), undefined, 'it is missing: the Thing'],
    ['null where it must be', Text('The Thing'), null, 'it is missing: the Thing'],
    ['none where it may be', Text('It', { optional: true }), undefined, undefined],
    ['null where it may be', Text('It', { optional: true }), null, undefined],
    ['none with a default', Text('It', { default: 'x' }), undefined, 'x'],
    ['null with a default', Text('It', { default: 'x' }), null, 'x'],
    ['U+0000', Text('It'), 'a\u0000b', 'it must not contain U+0000 (the null character)'],
    ['half a surrogate pair', Text('It'), 'a\uD834', 'it is not valid Unicode text'],
    ['the other half', Text('It'), '\uDD1Ea', 'it is not valid Unicode text'],
  ],
  Id: [
    ['an id', Id('It'), 'aZ09_-', 'aZ09_-'],
    ['a number', Id('It'), 1001, 'it must be text: write it in quotes, such as "1001"'],
    ['another character', Id('It'), 'a/b', 'it must be an id made of letters, digits, "-" and "_"'],
    ['a line end', Id('It'), 'a\n', 'it must be an id made of letters, digits, "-" and "_"'],
    ['one too long', Id('It'), 'a'.repeat(129), 'it must have at most 128 characters, and has 129'],
  ],
  Integer: [
    ['a whole number', Integer('It'), 60, 60],
    ['one below zero', Integer('It'), -1, -1],
    ['text of one', Integer('It'), '60', 60],
    ['text below zero', Integer('It'), '-5', -5],
    ['zeros before it', Integer('It'), '007', 7],
    ['a fraction', Integer('It'), 1.5, 'it must be a whole number, not the number 1.5'],
    ['text of a fraction', Integer('It'), '1.0', 'it must be a whole number, not the text "1.0"'],
    ['empty text', Integer('It'), '', 'it must be a whole number, not the text ""'],
    ['text with spaces', Integer('It'), ' 1', 'it must be a whole number, not the text " 1"'],
    ['hexadecimal text', Integer('It'), '0x10', 'it must be a whole number, not the text "0x10"'],
    ['an exponent', Integer('It'), '1e3', 'it must be a whole number, not the text "1e3"'],
    [
      'more digits than a double holds',
      Integer('It'),
      '9007199254740993',
      'it must be a whole number, not the text "9007199254740993"',
    ],
    ['NaN', Integer('It'), Number.NaN, 'it must be a whole number, not the number NaN'],
    ['infinity', Integer('It'), Infinity, 'it must be a whole number, not the number Infinity'],
    ['a flag', Integer('It'), true, 'it must be a whole number, not true'],
    ['the least', Integer('It', { min: 1 }), 1, 1],
    ['one below', Integer('It', { min: 1 }), 0, 'it must be at least 1, and is 0'],
    ['the most', Integer('It', { max: 9 }), 9, 9],
    ['one above', Integer('It', { max: 9 }), '10', 'it must be at most 9, and is 10'],
    ['none with a default of 0', Integer('It', { default: 0 }), undefined, 0],
  ],
  Decimal: [
    ['a fraction', Decimal('It'), 29.5, 29.5],
    ['text of one', Decimal('It'), '29.5', 29.5],
    ['text of a whole number', Decimal('It'), '30', 30],
    ['a comma', Decimal('It'), '29,5', 'it must be a number, not the text "29,5"'],
    ['half a fraction', Decimal('It'), '29.', 'it must be a number, not the text "29."'],
    ['a step', Decimal('It', { step: 0.1 }), 5.3, 5.3],
    ['a step that doubles blur', Decimal('It', { step: 0.1 }), 0.3, 0.3],
    ['no step', Decimal('It', { step: 0.1 }), 5.35, 'it must go in steps of 0.1, and is 5.35'],
    ['NaN', Decimal('It'), Number.NaN, 'it must be a number, not the number NaN'],
  ],
  Flag: [
    ['yes', Flag('It'), true, true],
    ['no', Flag('It'), false, false],
    ['text of yes', Flag('It'), 'TRUE', true],
    ['text of no', Flag('It'), 'False', false],
    ['a number', Flag('It'), 1, 'it must be true or false, not the number 1'],
    ['another text', Flag('It'), 'yes', 'it must be true or false, not the text "yes"'],
    ['no as given, not as the default', Flag('It', { default: true }), false, false],
    ['none with a default of no', Flag('It', { default: false }), undefined, false],
  ],
  Choice: [
    ['a word', Choice('It', ['A', 'b']), 'A', 'A'],
    ['a word in other letters', Choice('It', ['A', 'b']), 'B', 'b'],
    ['another word', Choice('It', ['A', 'b']), 'c', 'it must be one of A, b, not "c"'],
    ['a number', Choice('It', ['A', 'b']), 1, 'it must be one of A, b, not the number 1'],
    [
      'a long word, cut',
      Choice('It', ['A']),
      'x'.repeat(1_000),
      `it must be one of A, not "${'x'.repeat(64)}…"`,
    ],
  ],
  List: [
    ['a list', List('It'), ['a', 'b, c'], ['a', 'b, c']],
    ['comma text', List('It'), 'a, b ,c', ['a', 'b', 'c']],
    ['comma text with gaps', List('It'), ',a,, b,', ['a', 'b']],
    ['JSON text', List('It'), '["a, b","c"]', ['a, b', 'c']],
    ['comma text that only begins like JSON', List('It'), '[a],b', ['[a]', 'b']],
    ['JSON of other things', List('It'), '[1]', 'it item 1 must be text, not the number 1'],
    ['empty text', List('It'), '', []],
    ['an empty list', List('It'), [], []],
    ['too few', List('It', { minItems: 2 }), ['a'], 'it must have at least 2 items, and has 1'],
    [
      'too few as text',
      List('It', { minItems: 2 }),
      'a',
      'it must have at least 2 items, and has 1',
    ],
    ['too many', List('It', { maxItems: 2 }), 'a,b,c', 'it must have at most 2 items, and has 3'],
    ['a number among texts', List('It'), ['a', 1], 'it item 2 must be text, not the number 1'],
    ['null among texts', List('It'), [null], 'it item 1 must be text, not null'],
    ['an empty item', List('It'), ['a', ''], 'it item 2 must not be empty'],
    ['the longest item', List('It', { maxLength: 2 }), [CLEF + CLEF], [CLEF + CLEF]],
    [
      'an item too long',
      List('It', { maxLength: 2 }),
      'ab,abc',
      'it item 2 must have at most 2 characters, and has 3',
    ],
    ['an object', List('It'), { 0: 'a' }, 'it must be a list of texts, not an object'],
    ['items of a few words', List('It', { choices: ['a', 'b'] }), 'b, a', ['b', 'a']],
    [
      'another item',
      List('It', { choices: ['a', 'b'] }),
      ['a', 'c'],
      'it item 2 must be one of a, b, not "c"',
    ],
    [
      'U+0000 in an item',
      List('It'),
      ['a\u0000'],
      'it.0 must not contain U+0000 (the null character)',
    ],
  ],
  Values: [
    ['an object', Values('It'), { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ['a list', Values('It'), [], 'it must be an object of named values, not a list'],
    ['text', Values('It'), '{}', 'it must be an object of named values, not the text "{}"'],
    [
      'U+0000 deep inside',
      Values('It'),
      { a: ['', 'b\u0000'] },
      'it.a.1 must not contain U+0000 (the null character)',
    ],
    [
      'half a pair in a name',
      Values('It'),
      { 'a\uD834': 1 },
      'it.a\uFFFD is not valid Unicode text',
    ],
    ['32 levels', Values('It'), nest(32), nest(32)],
    ['33 levels', Values('It'), nest(33), 'it.a is nested more than 32 levels deep'],
    ['nesting without end', Values('It'), nest(100_000), 'it.a is nested more than 32 levels deep'],
  ],
};

function nest(levels: number): unknown {
  let value: unknown = 'end';
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

describe.each(Object.entries(CASES))('%s', (_name, cases) => {
  it.each(cases)('reads %s', (_case, decorator, value, outcome) => {
    expect(read(decorator, value)).toEqual(outcome);
  });
});

class Example {
  @Text('What to say', { max: 500, private: true })
  message!: string;

  @Id('Whom', { optional: true })
  user_id?: string;

  @Integer('How long', { min: 1, max: 100, default: 60 })
  duration!: number;

  @List('What of', { optional: true, private: true })
  choices?: string[];
}

/** What is wrong with values given to the example. */
function refuse(values: unknown): readonly { field: string; message: string }[] {
  const parsed = parseFields(Example, values);
  return parsed.ok ? [] : parsed.violations;
}

describe('parseFields', () => {
  it('gives an instance of the class with nothing but what was given and the defaults', () => {
    const parsed = parseFields(Example, { message: 'hi', user_id: null });
    expect(parsed).toEqual({ ok: true, value: { message: 'hi', duration: 60 } });
    expect(parsed.ok && parsed.value).toBeInstanceOf(Example);
    expect(parsed.ok && Object.keys(parsed.value)).toEqual(['message', 'duration']);
  });

  it('names every fault at once', () => {
    expect(refuse({ mesage: 'hi', user_id: 'a b', duration: 0, choices: [1] })).toEqual([
      { field: 'mesage', message: 'is not known here. Did you mean "message"?' },
      { field: 'message', message: 'is missing: what to say' },
      { field: 'user_id', message: 'must be an id made of letters, digits, "-" and "_"' },
      { field: 'duration', message: 'must be at least 1, and is 0' },
      { field: 'choices', message: 'item 1 must be text, not the number 1' },
    ]);
  });

  it.each([undefined, null, 'text', 1, [], [{ message: 'hi' }]])('refuses %j', (values) => {
    expect(refuse(values)).toEqual([{ field: '', message: 'must be an object of named values' }]);
  });

  it('lists what is known where no name is near', () => {
    expect(refuse({ message: 'hi', recipient_of_it: 1 })).toEqual([
      {
        field: 'recipient_of_it',
        message: 'is not known here. Known: message, user_id, duration, choices',
      },
    ]);
    class Nothing {}
    expect(parseFields(Nothing, {})).toEqual({ ok: true, value: {} });
    expect(parseFields(Nothing, { a: 1 })).toEqual({
      ok: false,
      violations: [{ field: 'a', message: 'is not known here. No parameters are taken' }],
    });
  });

  it('names a missing field beside an unknown one that begins like it', () => {
    expect(refuse({ 'message.text': 'hi' })).toContainEqual({
      field: 'message',
      message: 'is missing: what to say',
    });
  });

  it('says one thing of a field that cannot be stored, and that beside others', () => {
    expect(refuse({ message: 'x\u0000'.repeat(400), duration: 0 })).toEqual([
      { field: 'message', message: 'must not contain U+0000 (the null character)' },
      { field: 'duration', message: 'must be at least 1, and is 0' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes %s for an unknown name like any other',
    (name) => {
      const values = JSON.parse(`{"message":"hi","${name}":{"duration":5}}`) as object;
      expect(refuse(values)).toEqual([
        { field: name, message: expect.stringContaining('is not known here.') },
      ]);
      expect(Object.prototype).not.toHaveProperty('duration');
    },
  );

  it('cuts unknown names, and counts those that are too many to be named', () => {
    const values: Record<string, unknown> = { message: 'hi', ['x'.repeat(5_000)]: 1 };
    for (let n = 0; n < 10_000; n += 1) values[`name ${n}`] = n;
    const violations = refuse(values);
    expect(violations).toHaveLength(21);
    expect(violations[0]?.field).toBe(`${'x'.repeat(64)}…`);
    expect(violations.at(-1)).toEqual({
      field: '',
      message: 'has 9981 more names that are not known here',
    });
  });

  it("repeats a caller's text as it is, also one that looks like a template", () => {
    const text = '$value $property $target $constraint1 $& $1';
    expect(read(Choice('It', ['A']), text)).toBe(`it must be one of A, not "${text}"`);
    const long = `$value${'x'.repeat(100_000)}`;
    expect(String(read(Choice('It', ['A']), long)).length).toBeLessThan(200);
  });

  it('gives every reader a default of its own', () => {
    const type = declare(Values('It', { default: { list: [] } }));
    const first = parseFields(type, {});
    const second = parseFields(type, {});
    if (!first.ok || !second.ok) throw new Error('refused');
    (first.value as { it: { list: unknown[] } }).it.list.push(1);
    expect(second.value).toEqual({ it: { list: [] } });
  });

  it('knows the fields of all classes above, the nearest declaration winning', () => {
    class Grandparent {
      @Text('A')
      a!: string;
      @Text('B', { max: 1 })
      b!: string;
    }
    class Parent extends Grandparent {}
    class Child extends Parent {
      @Text('Another B', { max: 2 })
      override b!: string;
      @Text('C')
      c!: string;
    }
    expect(listFields(Child).map(({ name, description }) => [name, description])).toEqual([
      ['a', 'A'],
      ['b', 'Another B'],
      ['c', 'C'],
    ]);
    expect(parseFields(Child, { a: 'a', b: 'bb', c: 'c' })).toMatchObject({ ok: true });
    expect(parseFields(Grandparent, { a: 'a', b: 'bb' })).toMatchObject({ ok: false });
  });
});

describe('redactFields', () => {
  it('keeps declared fields, and of private ones the length alone', () => {
    const kept = redactFields(Example, {
      message: `secret ${CLEF}`,
      user_id: '2001',
      choices: ['secret'],
      duration: null,
      password: 'secret',
      ['__proto__']: 'secret',
    });
    expect(kept).toEqual({
      message: '[redacted, 8 characters]',
      user_id: '2001',
      choices: '[redacted]',
    });
    expect(JSON.stringify(kept)).not.toContain('secret');
  });

  it('keeps what was refused as it came, cut to a length that a row can bear', () => {
    expect(redactFields(Example, { user_id: 7, message: 12_345 })).toEqual({
      user_id: 7,
      message: '[redacted]',
    });
    const kept = redactFields(Example, { user_id: 'x'.repeat(1_000_000) });
    expect(kept['user_id']).toMatch(/^x{4000}… \[1000000 in all\]$/);
  });

  it('survives values nested without end', () => {
    expect(redactFields(Example, { user_id: nest(100_000) })).toEqual({
      user_id: '[nested too deep]',
    });
  });

  it.each([undefined, null, 'text', ['a']])('keeps nothing of %j', (values) => {
    expect(redactFields(Example, values)).toEqual({});
  });
});

describe('countText', () => {
  it('counts every unit at least as long as the one before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [characters, units, bytes] = [
          countText(text, 'characters'),
          countText(text, 'utf-16 units'),
          countText(text, 'bytes'),
        ];
        expect(characters).toBe([...text].length);
        expect(units).toBeGreaterThanOrEqual(characters);
        expect(bytes).toBeGreaterThanOrEqual(units);
      }),
    );
  });
});

/** Left out, given, or now and then of a wrong type. */
const optional = <T>(values: fc.Arbitrary<T>, stranger: unknown = {}) =>
  fc.option(
    fc.oneof({ arbitrary: values, weight: 19 }, { arbitrary: fc.constant(stranger), weight: 1 }),
    { nil: undefined, freq: 2 },
  );
/** Texts around a limit, in characters of one to four bytes. */
const text = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', CLEF, ' '), minLength, maxLength });

describe('the JSON Schema of a class', () => {
  class Everything {
    @Text('Text', { min: 2, max: 5 })
    text!: string;
    @Text('Pattern', { pattern: /^[ab]+$/, optional: true })
    pattern?: string;
    @Text('Bytes', { max: 6, unit: 'bytes', optional: true })
    bytes?: string;
    @Id('Id', { optional: true, example: '1001' })
    id?: string;
    @Integer('Integer', { min: -2, max: 3, default: 1 })
    integer!: number;
    @Decimal('Decimal', { min: 0, max: 2, step: 0.5, optional: true })
    decimal?: number;
    @Flag('Flag', { default: false })
    flag!: boolean;
    @Choice('Choice', ['One', 'Two'], { optional: true })
    choice?: string;
    @List('List', { minItems: 1, maxItems: 2, maxLength: 2, optional: true })
    list?: string[];
    @List('Words', { choices: ['a', 'b'], optional: true })
    words?: string[];
    @Values('Values', { optional: true })
    values?: Record<string, unknown>;
  }

  const schema = describeFields(Everything);
  const isValid = new Ajv2020({ allErrors: true, strict: true }).compile(schema);

  it('is what tools read: types, limits, descriptions, defaults and examples', () => {
    expect(schema).toMatchObject({
      type: 'object',
      required: ['text'],
      additionalProperties: false,
      properties: {
        text: { type: 'string', description: 'Text', minLength: 2, maxLength: 5 },
        bytes: { description: 'Bytes (at most 6 bytes of UTF-8)', maxLength: 6 },
        id: { type: 'string', examples: ['1001'], pattern: '^[A-Za-z0-9_-]+$' },
        integer: { type: 'integer', default: 1, minimum: -2, maximum: 3 },
        flag: { type: 'boolean', default: false },
        choice: { enum: ['One', 'Two'] },
      },
    });
  });

  const candidate = fc
    .record({
      text: optional(text(1, 6)),
      pattern: optional(fc.constantFrom('a', 'ab', 'bab', 'c', '')),
      id: optional(fc.constantFrom('1001', 'a_b-C', 'a', 'ä'), 1001),
      integer: optional(fc.integer({ min: -3, max: 4 }), 1.5),
      decimal: optional(fc.constantFrom(0, 0.5, 1, 1.5, 2, 2.5, 1.2)),
      flag: optional(fc.boolean(), 1),
      choice: optional(fc.constantFrom('One', 'Two', 'Two', 'Three')),
      list: optional(fc.array(text(1, 2), { minLength: 1, maxLength: 3 }), [1]),
      words: optional(fc.array(fc.constantFrom('a', 'b', 'a', 'b', 'A'), { maxLength: 2 })),
      values: optional(fc.dictionary(fc.string(), fc.integer()), []),
      stranger: fc.constantFrom(...Array.from({ length: 9 }, () => undefined), 1),
    })
    // Left out, not undefined: JSON has no undefined.
    .map((values) => Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined)));

  it('agrees with the parser about every value that is spelled in its own type', () => {
    let accepted = 0;
    fc.assert(
      fc.property(candidate, (values) => {
        const parsed = parseFields(Everything, values);
        expect(parsed.ok).toBe(isValid(values));
        if (parsed.ok) accepted += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('accepts whatever the parser has accepted, once it is in its own type', () => {
    const spelled = fc.record({
      text: fc.constantFrom('abc', CLEF.repeat(5)),
      bytes: fc.constantFrom('äöü', 'abcdef'),
      integer: fc.constantFrom('3', '-2', '003', 0),
      decimal: fc.constantFrom('0.5', '2', 1.5),
      flag: fc.constantFrom('TRUE', 'false', true),
      choice: fc.constantFrom('one', 'TWO', 'One'),
      list: fc.constantFrom<unknown>('a, b', ',ab,', ['ab']),
    });
    fc.assert(
      fc.property(spelled, (values) => {
        const parsed = parseFields(Everything, values);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
        isValid({ ...parsed.value });
        expect(isValid.errors ?? []).toEqual([]);
      }),
    );
  });
});
