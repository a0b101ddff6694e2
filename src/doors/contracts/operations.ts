import type { Permission } from '../../actions/caller.js';
import { type Field, listFields } from '../../actions/fields.js';
import type { JsonObject, JsonSchema } from '../../actions/json.js';
import type { Route } from '../door/route.js';
import { schemaOf, TEXT, toJson } from '../door/schema.js';
import type { Documented } from '../door/schema.js';
import { pickProblems, refuseInDialect } from './problems.js';

/** The paths of the document, as the routes are declared. */
export function describeRoutes(routes: readonly Route[], documented: Documented): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const operation = describeOperation(route, documented);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
  }
  return paths;
}

function describeOperation(route: Route, documented: Documented): JsonObject {
  const { id, tag, summary } = route;
  const catalogued = route.catalogued?.(documented) ?? {};
  const { requestBody = describeBody(route), responses = {} } = catalogued;
  const description = [route.description ?? [], catalogued.description ?? []].flat().join(' ');
  const security = describeSecurity(route);
  const parameters = [
    ...describePath(route, documented),
    ...describeQuery(route),
    ...describeHeaders(route),
  ];
  const answers = {
    ...pickProblems(route.refuses ?? []),
    ...toJson(route.answers),
    ...responses,
  } as Record<string, JsonObject>;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== '' && { description }),
    ...(security && { security }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: completeAnswers(
      route,
      requestBody !== undefined,
      answers,
      documented.dialectTags.has(tag),
    ),
  } as JsonObject;
}

/** Which permission a token needs: any of those named. */
function describeSecurity({ security, needs }: Route): readonly JsonObject[] | undefined {
  if (security) return security;
  if (needs === 'public') return [];
  // What holds for the whole document.
  if (needs === 'caller') return undefined;
  return needs.map((permission: Permission) => ({ callerToken: [permission] }));
}

function describePath({ path, params }: Route, { actions }: Documented): JsonObject[] {
  const platforms = [...new Set(actions.map(({ platform }) => platform))];
  const fields = params ? listFields(params) : [];
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = '']): JsonObject => {
    const field = fields.find((one) => one.name === name);
    const schema = field ? dropWords(field.schema) : { type: 'string' };
    return {
      name,
      in: 'path',
      required: true,
      ...(field && { description: field.description }),
      schema: toJson({
        ...schema,
        ...(name === 'platform' && platforms.length > 0 && { enum: platforms }),
      }),
      ...(field?.example !== undefined && { example: field.example as string }),
    };
  });
}

/** A schema without what the parameter says itself. */
function dropWords(schema: JsonSchema): JsonSchema {
  const worded = new Set(['description', 'examples']);
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !worded.has(name)));
}

function describeQuery({ query, rawQuery = {} }: Route): JsonObject[] {
  const parsed = query ? listFields(query).map(describeField) : [];
  const read = Object.entries(rawQuery).map(([name, more]) =>
    Object.assign({ name, in: 'query' }, more),
  );
  return [...parsed, ...read];
}

/** A field of a query. A list is written as one text, with commas between its items. */
function describeField({ name, description, optional, schema }: Field): JsonObject {
  return {
    name,
    in: 'query',
    description,
    ...(!optional && { required: true }),
    ...(schema['type'] === 'array' && { style: 'form', explode: false }),
    schema: toJson(schema),
  };
}

function describeHeaders({ takesIdempotencyKey: description, takesDeadline }: Route): JsonObject[] {
  const key = { name: 'Idempotency-Key', in: 'header', description, schema: KEY };
  return [...(description === undefined ? [] : [key]), ...(takesDeadline ? [WAIT] : [])];
}

const KEY = { type: 'string', maxLength: 255 };
const WAIT: JsonObject = {
  name: 'Prefer',
  in: 'header',
  description:
    '`wait=10`: the answer comes within 10 seconds, a quarter of a second early, as with a deadline of gRPC (RFC 7240)',
  schema: TEXT,
  example: 'wait=10',
};

function describeBody({ body, bodyRequired, rawBody, example }: Route): JsonObject | undefined {
  if (!body) return rawBody;
  const required = bodyRequired ?? listFields(body).some(({ optional }) => !optional);
  const content = { schema: schemaOf(body), ...(example && { example }) };
  return { required, content: { 'application/json': content } };
}

/**
 * Adds the refusals that follow from what a route is, rather than from what it does: any address can be
 * malformed, any body too large, any token wrong, any caller too fast.
 */
function completeAnswers(
  { path, security, needs }: Route,
  hasBody: boolean,
  answers: Readonly<Record<string, JsonObject>>,
  isInDialect: boolean,
): JsonObject {
  const isPublic = security
    ? security.every((one) => Object.keys(one).length === 0)
    : needs === 'public';
  const inPath = path.includes(':');
  const statuses = [
    400,
    ...(isPublic ? [] : [401, 403]),
    ...(inPath ? [404, 414] : []),
    ...(hasBody ? [408, 413, 415] : []),
    429,
    500,
    503,
  ];
  const missing = statuses.filter((status) => !(String(status) in answers));
  if (!isInDialect) return { ...answers, ...pickProblems(missing) };
  const added = missing.map((status) => [String(status), refuseInDialect(status)]);
  return { ...addGeneralForm(answers), ...Object.fromEntries(added) } as JsonObject;
}

/** What is refused before the route is known comes in the general form. */
function addGeneralForm(answers: Readonly<Record<string, JsonObject>>): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, response]) => {
      if (Number(status) < 400) return [status, response];
      const { content: general } = refuseInDialect(Number(status)) as { content: JsonObject };
      const { content, ...rest } = response as { content?: JsonObject };
      return [status, { ...rest, content: { ...general, ...content } }];
    }),
  ) as JsonObject;
}
