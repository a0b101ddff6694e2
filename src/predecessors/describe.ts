import type { JsonObject } from '../actions/json.js';
import type { Answer } from '../doors/door/route.js';

/** How callers of the earlier services authenticate: by a token of ours, or as they did there. */
export const EARLIER_SECURITY: readonly JsonObject[] = [{ callerToken: ['execute_actions'] }, {}];
export const EARLIER_MANAGE_SECURITY: readonly JsonObject[] = [
  { callerToken: ['manage_accounts'] },
  {},
];

/** The body of an earlier request by the names of its fields, whose values are read leniently. */
export function describeFields(
  fields: readonly string[],
  required: readonly string[] = [],
): JsonObject {
  return {
    required: true,
    content: {
      'application/json': {
        schema: { ...nameMembers(fields), ...(required.length > 0 && { required }) },
      },
    },
  };
}

/** An answer in the form of an earlier service by the names of its members. */
export function describeMembers(description: string, members: readonly string[]): Answer<object> {
  const schema = members.length > 0 ? nameMembers(members) : { type: 'object' };
  return { description, content: { 'application/json': { schema } } };
}

/** What every earlier route refuses in its own form. */
export const EARLIER_REFUSALS = {
  400: describeMembers('A field is missing or wrong, or the body is no JSON', []),
  401: describeMembers('The credential is missing or wrong', []),
};

function nameMembers(names: readonly string[]): JsonObject {
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) };
}
