import type { Action } from '../../../src/actions/action.js';
import { isObject, type JsonSchema } from '../../../src/actions/json.js';
import type { Upload } from '../../../src/actions/upload.js';
import type { PlatformRequest } from '../../../src/actions/wire.js';
import type { Contract, FoundOperation, Operation } from './contract.js';
import type { ContractFault } from './exceptions.js';

type Problem = Pick<ContractFault, 'place' | 'rule' | 'says'>;

/** The tokens that the gateway sends of itself; others, such as of extensions, it has not. */
const OUR_TOKENS: ReadonlySet<string> = new Set(['user', 'app', 'bot']);

/** Where files are uploaded to: the path of the call behind this prefix. */
const UPLOADS = '/upload';
/** @see https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol */
const UPLOAD_QUERY = 'uploadType';
const UPLOAD_TYPES: ReadonlySet<unknown> = new Set(['resumable', 'multipart', 'media']);

/** The endpoint of a request: that of an upload is the same without the prefix. */
export function findOperation(
  contract: Contract,
  { method, path }: Pick<PlatformRequest, 'method' | 'path'>,
): (FoundOperation & { readonly isUpload: boolean }) | undefined {
  const direct = contract.find(method, path);
  if (direct) return { ...direct, isUpload: false };
  if (!path.startsWith(UPLOADS)) return undefined;
  const found = contract.find(method, path.slice(UPLOADS.length));
  return found?.operation.media ? { ...found, isUpload: true } : undefined;
}

/** Everything in which a request differs from the contract. */
export function findRequestFaults(
  contract: Contract,
  action: Pick<Action, 'type' | 'scopes'>,
  request: PlatformRequest,
): ContractFault[] {
  const found = findOperation(contract, request);
  if (!found) {
    const operation = `${request.method} ${request.path}`;
    const says = 'the contract has no such endpoint';
    return [{ action: action.type, operation, place: 'path', rule: 'unknown', says }];
  }
  const problems = [
    ...findPathFaults(contract, found),
    ...findQueryFaults(contract, found, request),
    ...findBodyFaults(contract, found, request),
    ...findFileFaults(found, request),
    ...findHeaderFaults(found, request),
    ...findScopeFaults(contract, found, action, request),
    ...findExpectationFaults(found, request),
  ];
  return problems.map(({ place, rule, says }) => ({
    action: action.type,
    operation: found.key,
    place,
    rule,
    says,
  }));
}

function findPathFaults(contract: Contract, { key, path }: FoundOperation): Problem[] {
  return Object.entries(path).flatMap(([name, value]) =>
    below(`path.${name}`, contract.findFaults(key, `path/${name}`, value)),
  );
}

function findQueryFaults(
  contract: Contract,
  { key, operation, isUpload }: FoundOperation & { readonly isUpload: boolean },
  { query = {} }: PlatformRequest,
): Problem[] {
  const sent = Object.entries(query).filter(([, value]) => value !== undefined);
  const names = new Set(sent.map(([name]) => name));
  const missing = (operation.requiredQuery ?? []).filter((name) => !names.has(name));
  return [
    ...missing.map((name) => ({ place: `query.${name}`, rule: 'required', says: 'is not sent' })),
    ...sent.flatMap(([name, value]): Problem[] => {
      if (isUpload && name === UPLOAD_QUERY)
        return UPLOAD_TYPES.has(value)
          ? []
          : [{ place: `query.${name}`, rule: 'enum', says: 'is no type of uploads' }];
      const schema = operation.query?.[name];
      if (!schema)
        return [{ place: `query.${name}`, rule: 'unknown', says: 'is not in the contract' }];
      const read = readQueryValue(contract.resolve(schema), value);
      return below(`query.${name}`, contract.findFaults(key, `query/${name}`, read));
    }),
  ];
}

/** A value of a query as its schema means it: everything is text there, and a list is a repeated name. */
function readQueryValue(schema: JsonSchema, value: unknown): unknown {
  const { type } = schema;
  if (type === 'array') {
    const items = (schema['items'] ?? {}) as JsonSchema;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((item) => readQueryValue(items, item));
  }
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return String(value);
  if (typeof value !== 'string') return value;
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(value))
    return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function findBodyFaults(
  contract: Contract,
  { key, operation, isUpload }: FoundOperation & { readonly isUpload: boolean },
  request: PlatformRequest,
): Problem[] {
  const body = readBody(request);
  if (body === undefined) {
    const isMissing = operation.bodyRequired && !request.bytes && !isUpload;
    return isMissing ? [{ place: 'body', rule: 'required', says: 'is not sent' }] : [];
  }
  if (!operation.body)
    return [{ place: 'body', rule: 'unknown', says: 'the endpoint takes no body' }];
  const missing = (operation.requiredMembers ?? []).filter((path) => !has(body, path.split('.')));
  return [
    ...below('body', contract.findFaults(key, 'body', body)),
    ...missing.map((path) => ({ place: `body.${path}`, rule: 'required', says: 'is not sent' })),
    ...findUnnamedParts(contract, operation, request, body),
  ];
}

/**
 * The members of the body that the query does not name: YouTube ignores them.
 * @see https://developers.google.com/youtube/v3/getting-started#part
 */
function findUnnamedParts(
  contract: Contract,
  operation: Operation,
  { query = {} }: PlatformRequest,
  body: Readonly<Record<string, unknown>>,
): Problem[] {
  const schema = operation.query?.['part'];
  if (!schema || !operation.requiredQuery?.includes('part')) return [];
  const parts = readQueryValue(contract.resolve(schema), query['part']) as readonly unknown[];
  return Object.keys(body)
    .filter((name) => !['id', 'kind', 'etag'].includes(name) && !parts.includes(name))
    .map((name) => ({ place: `body.${name}`, rule: 'part', says: 'is not named in part' }));
}

/** The body as it is sent, with the members that hold the current time. */
export function readBody({
  body,
  momentsAt,
  list,
}: PlatformRequest): Record<string, unknown> | undefined {
  if (list) return JSON.parse(JSON.stringify(list)) as Record<string, unknown>;
  if (!body && !momentsAt) return undefined;
  // JSON leaves out what is undefined.
  return JSON.parse(JSON.stringify({ ...body, ...momentsAt?.(Date.now()) })) as Record<
    string,
    unknown
  >;
}

function findFileFaults(
  { operation, isUpload }: FoundOperation & { readonly isUpload: boolean },
  request: PlatformRequest,
): Problem[] {
  const { form, bytes, headers = {} } = request;
  const { types = [], files = [], requiredFiles = [], media } = operation;
  const type = form ? 'multipart/form-data' : 'application/json';
  const isTyped = types.includes(type) || (!form && readBody(request) === undefined);
  const parts = form?.files.map(({ part }) => part) ?? [];
  const missing = requiredFiles.filter((part) => !parts.includes(part));
  const bytesType = headers['content-type'] ?? '';
  const isWrongMedia = bytes && !media?.types.some((known) => matchesType(bytesType, known));
  // What is changed may keep the file that it has.
  const lacksMedia = media && request.method === 'POST' && !isUpload;
  const isTooLong = bytes && media && bytes.length > media.maxBytes;
  return [
    ...(isTyped ? [] : [{ place: 'body', rule: 'type', says: `must not be ${type}` }]),
    ...parts
      .filter((part) => form && !files.includes(part))
      .map((part) => ({ place: `form.${part}`, rule: 'unknown', says: 'is no file of the form' })),
    ...missing.map((part) => ({ place: `form.${part}`, rule: 'required', says: 'is not sent' })),
    ...(isWrongMedia ? [{ place: 'body', rule: 'type', says: `must not be ${bytesType}` }] : []),
    ...(lacksMedia ? [{ place: 'media', rule: 'required', says: 'is not uploaded' }] : []),
    ...(isTooLong
      ? [{ place: 'media', rule: 'maxBytes', says: `must have at most ${media.maxBytes}` }]
      : []),
  ];
}

/** A form of Google's: the resource as JSON, and the file behind it. */
const RELATED = 'multipart/related';

function matchesType(type: string, known: string): boolean {
  if (type.startsWith(RELATED)) return true;
  const [family] = known.split('/');
  return (
    known === '*/*' || type === known || (known.endsWith('/*') && type.startsWith(`${family}/`))
  );
}

const REASON = 'x-audit-log-reason';
const LONGEST_REASON = 512;

/** @see https://discord.com/developers/docs/reference#audit-logs */
function findHeaderFaults(
  { operation }: FoundOperation,
  { headers = {} }: PlatformRequest,
): Problem[] {
  const reason = headers[REASON];
  if (reason === undefined) return [];
  const place = `headers.${REASON}`;
  const length = [...decodeURIComponent(reason)].length;
  return [
    ...(operation.reason ? [] : [{ place, rule: 'unknown', says: 'is not taken here' }]),
    ...(length >= 1 && length <= LONGEST_REASON
      ? []
      : [{ place, rule: 'maxLength', says: `has ${length} characters` }]),
  ];
}

function findScopeFaults(
  contract: Contract,
  { operation }: FoundOperation,
  { scopes }: Pick<Action, 'scopes'>,
  { withoutCredentials = false }: PlatformRequest,
): Problem[] {
  const { tokens } = operation;
  const canSend = withoutCredentials
    ? tokens.includes('none')
    : tokens.some((token) => OUR_TOKENS.has(token));
  if (!canSend)
    return [{ place: 'tokens', rule: 'enum', says: `must be one of: ${tokens.join(', ')}` }];
  const granted = new Set(scopes.map((scope) => scope.replace(contract.scopePrefix, '')));
  const isEnough =
    operation.scopes.length === 0 ||
    operation.scopes.some((needed) => needed.every((scope) => granted.has(scope)));
  if (isEnough) return [];
  const needed = operation.scopes.map((all) => all.join(' and ')).join(', or ');
  return [{ place: 'scopes', rule: 'required', says: `must have ${needed}` }];
}

/** In which the files that an upload takes differ from those of the contract. */
export function findUploadFaults(
  contract: Contract,
  { type }: Pick<Action, 'type'>,
  { session, maxBytes }: Upload,
): ContractFault[] {
  const found = findOperation(contract, session);
  const { media } = found?.operation ?? {};
  if (!found || !media || maxBytes <= media.maxBytes) return [];
  const says = `${maxBytes} bytes are taken, and the contract takes ${media.maxBytes}`;
  return [{ action: type, operation: found.key, place: 'media', rule: 'maxBytes', says }];
}

/** Whether the action expects a body exactly where the endpoint answers with one. */
function findExpectationFaults(
  { operation: { answers } }: FoundOperation,
  { yes = 'body' }: PlatformRequest,
): Problem[] {
  const hasBody = Object.values(answers).some((schema) => schema !== null);
  const fits = yes === 'body or none' || (yes !== 'no body') === hasBody;
  const says = hasBody
    ? 'comes with a body, and none is expected'
    : 'comes without a body, and one is expected';
  return fits ? [] : [{ place: 'answer', rule: 'type', says }];
}

/** The scopes of an action that none of its requests needs. */
export function findIdleScopes(
  contract: Contract,
  { type, scopes }: Pick<Action, 'type' | 'scopes'>,
  requests: Iterable<PlatformRequest>,
): ContractFault[] {
  const useful = new Set<string>();
  for (const request of requests) {
    const { scopes: needed = [], optionalScopes = [] } =
      findOperation(contract, request)?.operation ?? {};
    for (const scope of [...needed.flat(), ...optionalScopes]) useful.add(scope);
  }
  return scopes
    .filter((scope) => !useful.has(scope.replace(contract.scopePrefix, '')))
    .map((scope) => ({
      action: type,
      operation: 'all',
      place: `scopes.${scope}`,
      rule: 'unknown',
      says: 'none of its requests needs this scope',
    }));
}

function below(
  place: string,
  faults: readonly { readonly place: string; readonly rule: string; readonly says: string }[],
): Problem[] {
  return faults.map(({ place: inner, rule, says }) => ({
    place: joinPlace(place, inner),
    rule,
    says,
  }));
}

/** A place below another, such as `body` and `data[].id`, or `query.id` and `[]`. */
export function joinPlace(place: string, inner: string): string {
  if (inner === '') return place;
  return inner.startsWith('[') ? place + inner : `${place}.${inner}`;
}

function has(value: unknown, [name = '', ...rest]: readonly string[]): boolean {
  if (!isObject(value) || value[name] === undefined) return false;
  return rest.length === 0 || has(value[name], rest);
}
