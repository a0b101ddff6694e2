import { isObject } from '../../actions/json.js';
import { type FieldRow, listFieldRows } from '../../doors/contracts/field-rows.js';
import {
  buildExampleEnvelope,
  type DocumentedAction,
  nameAction,
  titlePlatform,
} from '../../doors/contracts/documented-action.js';

type Schema = Readonly<Record<string, unknown>>;

/** A type of a value, as every typed language can write it. */
export type ClientType =
  | { readonly kind: 'text' | 'whole' | 'number' | 'flag' | 'any' | 'free' }
  | { readonly kind: 'literals'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'list'; readonly item: ClientType }
  | { readonly kind: 'union'; readonly of: readonly ClientType[] }
  | { readonly kind: 'named'; readonly name: string };

/** A member of an object, by its name in the contract. */
export interface ClientMember {
  readonly name: string;
  readonly type: ClientType;
  readonly required: boolean;
  /** Description, bounds, default and example in one line; empty where there is nothing to say. */
  readonly docs: string;
}

/** An object with a name of its own. */
interface ClientObject {
  readonly name: string;
  readonly members: readonly ClientMember[];
}

/** One method of the clients. */
export interface ClientMethod {
  readonly action: DocumentedAction;
  /** What names of its types begin with, such as `ChatMessage`. */
  readonly stem: string;
  readonly parameters: readonly ClientMember[];
  readonly result: readonly ClientMember[];
  /** The type of an item, where the action answers in pages. */
  readonly item?: ClientType;
  /** Paths of objects whose member names are the caller's or the platform's own, such as `condition`. */
  readonly free: readonly string[];
}

/** All that a client knows of one platform. */
export interface ClientPlatform {
  readonly name: string;
  readonly title: string;
  /** Objects within parameters and results; equal ones are there once. */
  readonly objects: readonly ClientObject[];
  readonly methods: readonly ClientMethod[];
}

/** Names of types of the languages and of the clients themselves. */
const TAKEN =
  'Any Array Boolean Callable Cancelled Date Error Failed Failure File Function Iterator List Literal Map Mapping ' +
  'Number Object Outcome Partial Prepared Promise Readonly Record Refused Request Required Response Running ' +
  'Sequence Set String Succeeded Symbol TypedDict Union Unknown Unpack Waiting';

/** Suffixes of the types of a method: no object below may take such a name. */
export const PARAMETERS = 'Parameters';
export const RESULT = 'Result';

/** Describes the methods and types of one platform, in an order that depends on names alone. */
export function modelPlatform(actions: readonly DocumentedAction[]): ClientPlatform {
  const sorted = [...actions].sort((a, b) => (a.action_type < b.action_type ? -1 : 1));
  const [first] = sorted;
  if (!first) throw new Error('A platform without actions has no client: add an action first');
  const stems = sorted.map(({ action_type }) => toPascal(action_type));
  const objects = new ObjectTypes(
    new Set(stems.flatMap((stem) => [stem + PARAMETERS, stem + RESULT])),
    nameClass(titlePlatform(first)),
  );
  const methods = sorted.map((action) => modelMethod(action, objects));
  return {
    name: first.platform,
    title: titlePlatform(first),
    objects: objects.list(),
    methods,
  };
}

function modelMethod(action: DocumentedAction, objects: ObjectTypes): ClientMethod {
  const stem = toPascal(action.action_type);
  const { input_schema: input, output_schema: output } = action;
  const parameters = objects.listMembers(input, [stem]);
  const result = objects.listMembers(output, [stem]);
  const items = result.find(({ name }) => name === 'items')?.type;
  const isPaged = parameters.some(({ name }) => name === 'page_token');
  return {
    action,
    stem,
    parameters,
    result,
    ...(isPaged && items?.kind === 'list' && { item: items.item }),
    free: [...new Set([...listFree(input), ...listFree(output)])],
  };
}

/** Collects the objects below the members of parameters and results, and names them. */
class ObjectTypes {
  readonly #byContent = new Map<string, ClientObject>();
  readonly #taken: Set<string>;

  constructor(reserved: ReadonlySet<string>, platform: string) {
    this.#taken = new Set([...TAKEN.split(' '), ...reserved, platform, `Async${platform}`]);
  }

  list(): readonly ClientObject[] {
    return [...this.#byContent.values()];
  }

  /** @param path names of what holds the schema, the outermost first */
  listMembers(schema: Schema, path: readonly string[]): ClientMember[] {
    const { properties } = schema;
    if (!isObject(properties)) return [];
    return listFieldRows(schema).map((row) => {
      const field = properties[row.name] as Schema;
      return {
        name: row.name,
        type: this.#read(field, [...path, row.name]),
        required: row.required,
        docs: describeMember(row, field),
      };
    });
  }

  #read(schema: Schema, path: readonly string[]): ClientType {
    const { type, enum: choices, items, anyOf, properties } = schema;
    if (Array.isArray(anyOf)) {
      const members = anyOf.filter(isObject);
      const read = members.map((member) =>
        this.#read(member, [...path, readDiscriminator(member)]),
      );
      const distinct = new Map(read.map((found) => [JSON.stringify(found), found]));
      return distinct.size === 1
        ? (read[0] as ClientType)
        : { kind: 'union', of: [...distinct.values()] };
    }
    if (Array.isArray(choices)) return { kind: 'literals', values: choices as string[] };
    switch (type) {
      case 'string':
        return { kind: 'text' };
      case 'integer':
        return { kind: 'whole' };
      case 'number':
        return { kind: 'number' };
      case 'boolean':
        return { kind: 'flag' };
      case 'array':
        return {
          kind: 'list',
          item: isObject(items) ? this.#read(items, toSingular(path)) : { kind: 'any' },
        };
      case 'object':
        return isObject(properties) ? this.#name(schema, path) : { kind: 'free' };
      default:
        return { kind: 'any' };
    }
  }

  #name(schema: Schema, path: readonly string[]): ClientType {
    const members = this.listMembers(schema, path);
    const content = JSON.stringify(members);
    const known = this.#byContent.get(content);
    if (known) return { kind: 'named', name: known.name };
    const name = this.#chooseName(path);
    this.#taken.add(name);
    this.#byContent.set(content, { name, members });
    return { kind: 'named', name };
  }

  /** The shortest end of the path that is free; an item of a page is named after its action. */
  #chooseName(path: readonly string[]): string {
    const parts = path.filter((part) => part !== '').map(toPascal);
    const least = parts.at(-1) === 'Item' && parts.length === 2 ? 2 : 1;
    for (let count = least; count <= parts.length; count += 1) {
      const name = parts.slice(-count).join('');
      if (!this.#taken.has(name) && /^[A-Z]/.test(name)) return name;
    }
    const whole = parts.join('');
    for (let number = 2; ; number += 1)
      if (!this.#taken.has(`${whole}${number}`)) return `${whole}${number}`;
  }
}

/** The value of `type` that tells an alternative from the others; empty where none does. */
function readDiscriminator({ properties }: Schema): string {
  const type = isObject(properties) ? properties['type'] : undefined;
  const values = isObject(type) ? type['enum'] : undefined;
  return Array.isArray(values) && values.length === 1 ? String(values[0]) : '';
}

function toSingular(path: readonly string[]): string[] {
  const last = path.at(-1) ?? '';
  return [...path.slice(0, -1), last.replace(/ies$/, 'y').replace(/([^s])s$/, '$1')];
}

function describeMember(row: FieldRow, { examples }: Schema): string {
  const { description, limits } = row;
  const [example] = Array.isArray(examples) ? (examples as unknown[]) : [];
  // The type names the choices, and an expression tells a reader little.
  const bounds = limits
    .split('; ')
    .filter((part) => !/^(one of|like) /.test(part))
    .join('; ');
  return [
    description,
    bounds,
    row.default === undefined ? '' : `default ${row.default}`,
    example === undefined ? '' : `such as ${JSON.stringify(example)}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function listFree(schema: Schema, path = ''): string[] {
  const { properties, items, type, anyOf } = schema;
  if (isObject(items)) return listFree(items, path);
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).flatMap((one) => listFree(one, path));
  if (!isObject(properties)) return type === 'object' && path !== '' ? [path] : [];
  return Object.entries(properties).flatMap(([name, field]) =>
    isObject(field) ? listFree(field, path === '' ? name : `${path}.${name}`) : [],
  );
}

/** The class of a platform, such as `YouTube`. */
export function nameClass(title: string): string {
  return title.replaceAll(/[^A-Za-z0-9]/g, '');
}

/** `chat_message` as `ChatMessage`. */
function toPascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

/** What a method is for, as sentences: its summary, what it needs, and what is to be known of it. */
export function describeMethod({ action }: ClientMethod): string[] {
  const needs = [...action.scopes, ...action.permissions];
  return [
    `${action.summary}.`,
    ...(action.unsupported === undefined ? [] : [`Always refused: ${action.unsupported}.`]),
    ...(needs.length > 0 ? [`Needs ${needs.join(', ')}.`] : []),
  ];
}

/** The account of a method's example; undefined where the platform's default account acts. */
export function findExampleAccount({ action }: ClientMethod): string | undefined {
  const { account_id: account } = buildExampleEnvelope(action);
  return typeof account === 'string' ? account : undefined;
}

/** Members of a call that are no parameters of the action; a parameter must not have such a name. */
export function refuseNames(methods: readonly ClientMethod[], reserved: ReadonlySet<string>): void {
  const faults = methods.flatMap(({ action, parameters }) =>
    parameters
      .filter(({ name }) => reserved.has(name))
      .map(({ name }) => `${nameAction(action)} has a parameter "${name}"`),
  );
  if (faults.length > 0)
    throw new Error(
      `A client has an option of the same name: ${faults.join('; ')}. Rename the parameter, or the option in clients/`,
    );
}
