/** Names of the contract are `user_id`, names of this client `userId`; `en-GB` and the like stay as they are. */
function toSnake(name: string): string {
  return /^[a-z][A-Za-z0-9]*$/.test(name)
    ? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : name;
}

function toCamel(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name)
    ? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : name;
}

/**
 * A value with its members named as in the contract.
 * @param free paths, as in the contract, of objects whose member names are left alone
 */
export function toWire(value: unknown, free: readonly string[] = []): unknown {
  return rename(value, toSnake, free, '');
}

/** A value of the contract with its members named as in this client. */
export function fromWire(value: unknown, free: readonly string[] = []): unknown {
  return rename(value, toCamel, free, '');
}

/** The path of a field as it is written in a call: `parameters.user_id` is `userId` there. */
export function nameField(field: string): string {
  const names = field.replace(/^parameters\./, '').split('.');
  const name = names.map((part) => part.replace(/^[^[]+/, toCamel)).join('.');
  return name === 'accountId' ? 'account' : name === 'actorId' ? 'actor' : name;
}

function rename(
  value: unknown,
  convert: (name: string) => string,
  free: readonly string[],
  path: string,
): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, convert, free, path));
  if (typeof value !== 'object' || value === null || free.includes(path)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      convert(name),
      rename(member, convert, free, `${path === '' ? '' : `${path}.`}${toSnake(name)}`),
    ]),
  );
}
