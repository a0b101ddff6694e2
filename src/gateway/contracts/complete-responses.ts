import type { JsonObject } from '../../actions/json.js';

/** An operation of the document, as far as its answers go. */
interface Operation {
  readonly security?: readonly JsonObject[];
  readonly parameters?: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  readonly tags?: readonly string[];
  readonly responses: JsonObject;
}

/** How the document describes refusals. */
interface Wording {
  /** Refusals of our own routes, by status. */
  refuseWith(...statuses: readonly number[]): JsonObject;
  /** A refusal of a route in the form of an earlier service: theirs, or the general one. */
  refuseInEarlierForm(status: number): JsonObject;
  /** Tags of the operations that answer in the form of an earlier service. */
  readonly earlierTags: ReadonlySet<string>;
}

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'patch']);

/**
 * Adds to every operation the refusals that follow from what it is, rather than from what it does: any
 * address can be malformed, any body too large, any token wrong, any caller too fast.
 */
export function completeResponses(paths: JsonObject, wording: Wording): JsonObject {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const { parameters } = item as { parameters?: readonly JsonObject[] };
      const operations = Object.entries(item as JsonObject).map(([name, value]) =>
        METHODS.has(name)
          ? [name, complete(value as unknown as Operation, parameters ?? [], wording)]
          : [name, value],
      );
      return [path, Object.fromEntries(operations) as JsonObject];
    }),
  );
}

function complete(
  operation: Operation,
  shared: readonly JsonObject[],
  { refuseWith, refuseInEarlierForm, earlierTags }: Wording,
): JsonObject {
  const { security, parameters = [], requestBody, tags = [], responses } = operation;
  const inPath = [...shared, ...parameters].some((parameter) => parameter['in'] === 'path');
  const isPublic = security !== undefined && security.every((one) => Object.keys(one).length === 0);
  const statuses = [
    400,
    ...(isPublic ? [] : [401, 403]),
    ...(inPath ? [404, 414] : []),
    ...(requestBody ? [408, 413, 415] : []),
    429,
    500,
    503,
  ];
  const isEarlier = tags.some((tag) => earlierTags.has(tag));
  const missing = statuses.filter((status) => !(String(status) in responses));
  const added = isEarlier
    ? Object.fromEntries(missing.map((status) => [String(status), refuseInEarlierForm(status)]))
    : refuseWith(...missing);
  const completed = isEarlier ? addGeneralForm(responses, refuseInEarlierForm) : responses;
  return { ...operation, responses: { ...completed, ...added } } as unknown as JsonObject;
}

/** What is refused before the route is known comes in the general form. */
function addGeneralForm(
  responses: JsonObject,
  refuseInEarlierForm: (status: number) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      if (Number(status) < 400) return [status, response];
      const { content: general } = refuseInEarlierForm(Number(status)) as { content: JsonObject };
      const { content, ...rest } = response as { content?: JsonObject };
      return [status, { ...rest, content: { ...general, ...content } }];
    }),
  ) as JsonObject;
}
