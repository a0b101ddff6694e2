import type { Field } from './field.js';

/** Other names of fields, by class; most classes have none. */
const knownAliases = new WeakMap<ReadonlyMap<string, Field>, ReadonlyMap<string, string>>();

/** The names of fields by their other names. */
export function listAliases(fields: ReadonlyMap<string, Field>): ReadonlyMap<string, string> {
  const known = knownAliases.get(fields);
  if (known) return known;
  const aliases = new Map(
    [...fields.values()].flatMap(({ name, alias }): [string, string][] =>
      alias === undefined ? [] : [[alias, name]],
    ),
  );
  knownAliases.set(fields, aliases);
  return aliases;
}

/** The values by the names of their fields. A field that is given by both of its names stays as it is. */
export function renameAliases(
  fields: ReadonlyMap<string, Field>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const aliases = listAliases(fields);
  if (aliases.size === 0) return values;
  let renamed = values;
  for (const [alias, name] of aliases) {
    if ((values[alias] ?? undefined) === undefined || (values[name] ?? undefined) !== undefined)
      continue;
    const { [alias]: value, ...others } = renamed;
    renamed = { ...others, [name]: value };
  }
  return renamed;
}
