import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isObject, type JsonSchema } from '../../../src/actions/json.js';
import type { Method } from '../../../src/actions/wire.js';

const SPECS = join(import.meta.dirname, '../../specs');

type Schemas = Readonly<Record<string, JsonSchema>>;

/** One endpoint; test/specs/README.md describes the members. */
export interface Operation {
  readonly id: string;
  readonly path?: Schemas;
  readonly query?: Schemas;
  readonly requiredQuery?: readonly string[];
  readonly body?: JsonSchema;
  readonly bodyRequired?: boolean;
  readonly requiredMembers?: readonly string[];
  readonly types?: readonly string[];
  readonly files?: readonly string[];
  readonly requiredFiles?: readonly string[];
  readonly media?: { readonly types: readonly string[]; readonly maxBytes: number };
  readonly reason?: boolean;
  readonly answers: Readonly<Record<string, JsonSchema | null>>;
  readonly tokens: readonly string[];
  readonly scopes: readonly (readonly string[])[];
  readonly optionalScopes?: readonly string[];
  readonly write?: string;
}

interface ContractData {
  readonly source: string;
  readonly date: string;
  readonly scopePrefix?: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Schemas;
}

/** What a platform's documents say beyond its contract. */
interface Additions {
  readonly operations: Readonly<
    Record<string, { readonly source: string; readonly operation: Operation }>
  >;
  readonly says: readonly Saying[];
}

interface Saying {
  readonly source: string;
  /** The schema that it is about, and the member in it, such as `choices[].title`. */
  readonly schema?: string;
  readonly member?: string;
  readonly says?: JsonSchema;
  /** Or the operation, and its query parameter, or members that it shall have. */
  readonly operation?: string;
  readonly query?: string;
  readonly has?: Partial<Operation>;
}

/** An endpoint that a request was found to call. */
export interface FoundOperation {
  readonly key: string;
  readonly operation: Operation;
  /** The parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** What is wrong at a place, such as `data[].title`; the rule is the keyword of JSON Schema, or `unknown`. */
export interface SchemaFault {
  readonly place: string;
  readonly rule: string;
  readonly says: string;
}

interface Route {
  readonly key: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** The published contract of one platform, with what its documents say beyond it. */
export class Contract {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly scopePrefix: string;
  /** Additions that say what the contract says already. */
  readonly staleAdditions: readonly string[];
  readonly #schemas: Schemas;
  readonly #routes = new Map<string, Route[]>();
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(
    readonly platform: string,
    data: ContractData,
    additions: Additions = { operations: {}, says: [] },
  ) {
    const { operations, schemas } = structuredClone(data) as Mutable;
    this.staleAdditions = addAll(operations, schemas, additions);
    this.operations = new Map(Object.entries(operations));
    this.scopePrefix = data.scopePrefix ?? '';
    this.#schemas = schemas;
    for (const key of this.operations.keys()) this.#addRoute(key);
    this.#ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false });
    addFormats.default(this.#ajv);
    for (const format of ['snowflake', 'nonce', 'binary', 'google-datetime'])
      this.#ajv.addFormat(format, true);
    this.#ajv.addFormat(
      'date-time or empty',
      (text: string) => text === '' || !Number.isNaN(Date.parse(text)),
    );
    this.#ajv.addKeyword({
      keyword: 'maxBytes',
      type: 'string',
      validate: (most: number, text: string) => Buffer.byteLength(text) <= most,
    });
    this.#ajv.addSchema({ $id: 'contract', operations, schemas });
  }

  static load(platform: string): Contract {
    return new Contract(
      platform,
      readSpec<ContractData>(`${platform}.json`),
      readSpec<Additions>(`${platform}-additions.json`),
    );
  }

  /** The endpoint that a request calls; the path is encoded, and without the address of the server. */
  find(method: Method | string, path: string): FoundOperation | undefined {
    const parts = path.split('/').length;
    for (const { key, pattern, names } of this.#routes.get(`${method} ${parts}`) ?? []) {
      const match = pattern.exec(path);
      const operation = match && this.operations.get(key);
      if (!operation) continue;
      const values = names.map((name, index) => [name, decode(match[index + 1] ?? '')] as const);
      return { key, operation, path: Object.fromEntries(values) };
    }
    return undefined;
  }

  /** The schema itself, where it is a reference to another. */
  resolve(schema: JsonSchema): JsonSchema {
    const name = schema['$ref'];
    if (typeof name !== 'string') return schema;
    const found = this.#schemas[name.replace('#/schemas/', '')];
    if (!found) throw new Error(`${this.platform}: the contract has no schema ${name}`);
    return this.resolve(found);
  }

  /** Holds a value against a part of an operation, such as `body` or `query/title`. */
  findFaults(key: string, part: string, value: unknown): readonly SchemaFault[] {
    const faults = this.#validate(['operations', key, ...part.split('/')], value);
    const form = faults.length > 0 && part === 'body' ? this.#findForm(key, value) : undefined;
    return form === undefined ? faults : this.#validate(['schemas', form], value);
  }

  /** The one of several forms of a body that has the body's type: what the others say is beside the point. */
  #findForm(key: string, value: unknown): string | undefined {
    const { anyOf: forms } = this.operations.get(key)?.body ?? {};
    if (!Array.isArray(forms) || !isObject(value)) return undefined;
    const names = (forms as readonly JsonSchema[]).map(({ $ref }) =>
      String($ref).replace(/^.*\/schemas\//, ''),
    );
    const fitting = names.filter((name) => {
      const properties = this.#schemas[name]?.['properties'];
      const type = isObject(properties) ? properties['type'] : undefined;
      const choices = isObject(type) ? type['enum'] : undefined;
      return Array.isArray(choices) && choices.includes(value['type']);
    });
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  #validate(steps: readonly string[], value: unknown): readonly SchemaFault[] {
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    let validate = this.#validators.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `contract#/${pointer}` });
      this.#validators.set(pointer, validate);
    }
    return validate(value) ? [] : describeErrors(validate.errors ?? []);
  }

  #addRoute(key: string): void {
    const [method = '', path = ''] = key.split(' ');
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const pattern = path
      .split(/\{\w+\}/)
      .map((text) => text.replaceAll(/[$()*+.?[\]^|\\]/g, String.raw`\$&`))
      .join('([^/]+)');
    const slot = `${method} ${path.split('/').length}`;
    const routes = this.#routes.get(slot) ?? [];
    routes.push({ key, names, pattern: new RegExp(`^${pattern}$`) });
    // A word stands before a parameter: /users/@me is not a user of that name.
    routes.sort((one, other) => one.names.length - other.names.length);
    this.#routes.set(slot, routes);
  }
}

/** The platforms whose contracts are kept. */
export function listContracts(): string[] {
  return readdirSync(SPECS)
    .filter((file) => /^(?!.*-(?:additions|exceptions)\.).*\.json$/.test(file))
    .map((file) => file.replace('.json', ''));
}

/** Reads a file of test/specs. */
export function readSpec<Data>(file: string): Data {
  return JSON.parse(readFileSync(join(SPECS, file), 'utf8')) as Data;
}

interface Mutable {
  readonly operations: Record<string, Operation>;
  readonly schemas: Record<string, JsonSchema>;
}

function addAll(
  operations: Record<string, Operation>,
  schemas: Record<string, JsonSchema>,
  additions: Additions,
): string[] {
  const stale: string[] = [];
  for (const [key, { operation }] of Object.entries(additions.operations)) {
    if (operations[key]) stale.push(key);
    operations[key] = operation;
  }
  for (const saying of additions.says) {
    const before = JSON.stringify([operations, schemas]);
    addSaying(operations, schemas, saying);
    if (JSON.stringify([operations, schemas]) === before) stale.push(JSON.stringify(saying));
  }
  return stale;
}

type MutableSchema = { [keyword: string]: unknown };

function addSaying(
  operations: Record<string, Operation>,
  schemas: Record<string, JsonSchema>,
  saying: Saying,
): void {
  if (saying.operation !== undefined) {
    const operation = operations[saying.operation];
    if (!operation) throw new Error(`An addition is about ${saying.operation}, which is not there`);
    Object.assign(operation, saying.has);
    if (saying.query === undefined) return;
    const query = { ...operation.query };
    query[saying.query] = { ...query[saying.query], ...saying.says };
    Object.assign(operation, { query });
    return;
  }
  const name = saying.schema ?? '';
  if (!schemas[name]) throw new Error(`An addition is about ${name}, which is not there`);
  let at = schemas[name] as MutableSchema;
  for (const step of (saying.member ?? '').split('.')) {
    const member = step.replaceAll('[]', '');
    const properties = (at['properties'] ??= {}) as Record<string, MutableSchema>;
    at = properties[member] ??= {};
    for (let lists = step.split('[]').length - 1; lists > 0; lists -= 1)
      at = (at['items'] ??= {}) as MutableSchema;
  }
  Object.assign(at, saying.says);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where one of several forms is enough, the faults of the one that fits best are told. */
function describeErrors(errors: readonly ErrorObject[]): SchemaFault[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  const kept = errors.filter(({ keyword, instancePath }) => {
    const has = errors.some((other) => other.instancePath.startsWith(`${instancePath}/`));
    const isChoice = choices.some((choice) => choice.instancePath === instancePath);
    // A choice whose inside is told, and what its alternatives say of the whole of it.
    if (isChoice) return keyword === 'anyOf' ? !has : isMember(keyword) && !has;
    return true;
  });
  const faults = kept.map(describeError);
  return [...new Map(faults.map((fault) => [`${fault.place} ${fault.rule}`, fault])).values()];
}

const isMember = (keyword: string): boolean =>
  keyword === 'additionalProperties' || keyword === 'required';

function describeError({ instancePath, keyword, params, message }: ErrorObject): SchemaFault {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const named = (params['additionalProperty'] ?? params['missingProperty']) as string | undefined;
  if (named !== undefined) path.push(named);
  const place = path.map((step) => (/^\d+$/.test(step) ? '[]' : `.${step}`)).join('');
  const rule = keyword === 'additionalProperties' ? 'unknown' : keyword;
  const allowed = params['allowedValues'] ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  const says = rule === 'unknown' ? 'is not in the contract' : `${message ?? ''}${allowed}`;
  return { place: place.replace(/^\./, ''), rule, says: says.slice(0, 200) };
}
