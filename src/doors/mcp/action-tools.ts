import type { Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Action } from '../../actions/action.js';
import { describeFields } from '../../actions/fields.js';
import type { CataloguedAction } from '../../execution/catalogue.js';
import { STATUS_MEANINGS } from '../contracts/status-meanings.js';
import { ReadAction, WriteAction } from './tool-arguments.js';

type ToolSchema = Tool['inputSchema'];

/** Hosts accept letters, digits, `_` and `-` in the names of tools. */
export function nameTool({ platform, action }: CataloguedAction): string {
  return `${platform.name}_${action.type}`;
}

/** What a host may tell a person about an action, as it is declared. */
function annotate({ effect, destructive, repeatable }: Action): ToolAnnotations {
  const isRead = effect === 'read';
  return {
    readOnlyHint: isRead,
    ...(!isRead && { destructiveHint: destructive, idempotentHint: repeatable }),
    openWorldHint: true,
  };
}

/** The schema of an outcome. @param result that of `result_data`, which is empty unless something happened */
export function describeOutcomeSchema(result: object = { type: 'object' }): ToolSchema {
  const text = { type: 'string' };
  return toToolSchema({
    type: 'object',
    properties: {
      success: { type: 'boolean' },
      status: { type: 'string', enum: Object.keys(STATUS_MEANINGS) },
      message: text,
      action_id: text,
      result_data: result,
      error: text,
      failure: {
        type: 'object',
        properties: {
          code: text,
          retryable: { type: 'boolean' },
          retry_after_ms: { type: 'integer' },
        },
        required: ['code', 'retryable'],
      },
      replayed: { type: 'boolean' },
      prepared: { type: 'object' },
    },
    required: ['success', 'status', 'action_id', 'result_data', 'error', 'replayed'],
  });
}

/** An action as a tool of its own. */
export function describeActionTool(found: CataloguedAction): Tool {
  const { action, platform } = found;
  const shape = describeFields(action.effect === 'read' ? ReadAction : WriteAction);
  const takesSome = listRequired(action.inputSchema).length > 0;
  return {
    name: nameTool(found),
    title: action.summary,
    description: `${platform.title}: ${action.summary}.`,
    inputSchema: toToolSchema({
      ...shape,
      properties: { ...(shape['properties'] as object), parameters: action.inputSchema },
      ...(takesSome && { required: [...listRequired(shape), 'parameters'] }),
    }),
    outputSchema: describeOutcomeSchema({
      type: 'object',
      anyOf: [action.outputSchema, { type: 'object', maxProperties: 0 }],
    }),
    annotations: annotate(action),
  };
}

/** A schema of an object as the library types it. */
export function toToolSchema(schema: object): ToolSchema {
  return JSON.parse(JSON.stringify(schema)) as ToolSchema;
}

function listRequired(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? (required as string[]) : [];
}
