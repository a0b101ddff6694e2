import type { Action } from '../actions/action.js';
import { isObject } from '../actions/json.js';
import type { Choices, Platform } from '../actions/platform.js';

type Schema = Readonly<Record<string, unknown>>;

const offered = new WeakMap<Action, Readonly<Record<string, Choices>>>();

/** Which of an action's parameters a read of its platform can offer values for. */
export function offerChoices(
  { choices = {} }: Platform,
  action: Action,
): Readonly<Record<string, Choices>> {
  const known = offered.get(action);
  if (known) return known;
  const parameters = readProperties(action.inputSchema);
  const found = Object.fromEntries(
    Object.entries(choices)
      .filter(([name, from]) => {
        const parameter = parameters[name];
        return isObject(parameter) && parameter['type'] === 'string' && from.read !== action.type;
      })
      .map(([name, from]) => [name, { ...from, needs: from.needs ?? [] }]),
  );
  offered.set(action, found);
  return found;
}

/** The faults of a platform's choices, as sentences that say how to mend them. */
export function findChoiceFaults({ name, actions, choices = {} }: Platform): string[] {
  return Object.entries(choices).flatMap(([parameter, from]) => {
    const about = `${name}: the choices of "${parameter}"`;
    const read = actions.find(({ type }) => type === from.read);
    if (!read || read.effect !== 'read')
      return [`${about} name "${from.read}", which is no action that reads; name one`];
    return findUnknownNames(read, from).map(
      (unknown) => `${about} name "${unknown}", which ${from.read} does not have; name what it has`,
    );
  });
}

function findUnknownNames(read: Action, { value, label, needs = [], search }: Choices): string[] {
  const parameters = readProperties(read.inputSchema);
  const items = readProperties(read.outputSchema)['items'];
  const item = isObject(items) && isObject(items['items']) ? readProperties(items['items']) : {};
  const asked = search === undefined ? needs : [...needs, search];
  return [
    ...asked.filter((parameter) => !Object.hasOwn(parameters, parameter)),
    ...[value, label].filter((member) => !Object.hasOwn(item, member)),
  ];
}

function readProperties(schema: Schema): Schema {
  const properties = schema['properties'];
  return isObject(properties) ? properties : {};
}
