import { declareField, type FieldOptions } from './field.js';
import { nameType, shorten } from './text-length.js';

interface NumberOptions extends FieldOptions {
  min?: number;
  max?: number;
  /** Smallest step between two accepted values. */
  step?: number;
}

/** A whole number; decimal text such as "60" is accepted as well. */
export function Integer(description: string, options: NumberOptions = {}): PropertyDecorator {
  return declareNumber(description, options, 'integer');
}

/** A number with a fraction; decimal text such as "29.5" is accepted as well. */
export function Decimal(description: string, options: NumberOptions = {}): PropertyDecorator {
  return declareNumber(description, options, 'number');
}

function declareNumber(description: string, options: NumberOptions, type: 'integer' | 'number') {
  const { min, max, step } = options;
  const spelling = type === 'integer' ? /^-?\d{1,15}$/ : /^-?\d{1,15}(\.\d{1,6})?$/;
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  return declareField(description, options, {
    schema: {
      type,
      ...(min !== undefined && { minimum: min }),
      ...(max !== undefined && { maximum: max }),
      ...(step !== undefined && { multipleOf: step }),
    },
    coerce: (value) => (typeof value === 'string' && spelling.test(value) ? Number(value) : value),
    findFault(value) {
      const whole = type === 'number' || Number.isInteger(value);
      if (typeof value !== 'number' || !Number.isFinite(value) || !whole) {
        return `must be ${noun}, not ${nameType(value)}`;
      }
      if (min !== undefined && value < min) return `must be at least ${min}, and is ${value}`;
      if (max !== undefined && value > max) return `must be at most ${max}, and is ${value}`;
      if (step !== undefined && Math.abs(value / step - Math.round(value / step)) > 1e-9) {
        return `must go in steps of ${step}, and is ${value}`;
      }
      return undefined;
    },
  });
}

/** A boolean; the texts "true" and "false" are accepted as well. */
export function Flag(description: string, options: FieldOptions = {}): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'boolean' },
    coerce(value) {
      const text = typeof value === 'string' ? value.toLowerCase() : undefined;
      if (text === 'true') return true;
      return text === 'false' ? false : value;
    },
    findFault: (value) =>
      typeof value === 'boolean' ? undefined : `must be true or false, not ${nameType(value)}`,
  });
}

/** One of a few words; case is ignored, and the value gets the declared form. */
export function Choice(
  description: string,
  choices: readonly string[],
  { aliases, ...options }: ChoiceOptions = {},
): PropertyDecorator {
  return declareField(description, options, {
    schema: { type: 'string', enum: choices },
    coerce(value) {
      if (typeof value !== 'string') return value;
      const word = value.toLowerCase();
      return choices.find((choice) => choice.toLowerCase() === word) ?? aliases?.get(word) ?? value;
    },
    findFault(value) {
      if (typeof value === 'string' && choices.includes(value)) return undefined;
      const given = typeof value === 'string' ? `"${shorten(value)}"` : nameType(value);
      return `must be one of ${choices.join(', ')}, not ${given}`;
    },
  });
}

interface ChoiceOptions extends FieldOptions {
  /** Other spellings, in lower case, and the choice of each. */
  aliases?: ReadonlyMap<string, string>;
}
