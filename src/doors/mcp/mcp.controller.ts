import { validateOriginHeader } from '@modelcontextprotocol/server';
import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { CONFIG, type Config, readPublicUrl } from '../../config/config.js';
import { Route, type RouteRequest } from '../door/route.js';
import { TEXT } from '../door/schema.js';
import { McpHandler } from './mcp-handler.js';
import { MCP } from './mcp-names.js';
import { readSelection } from './tool-selection.js';
import { Toolbox } from './toolbox.js';

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];
const MESSAGE = {
  type: 'object',
  required: ['jsonrpc'],
  properties: { jsonrpc: { const: '2.0' } },
};

/** The MCP door. */
@Controller()
export class McpController {
  readonly #origins: string[];

  constructor(
    private readonly handler: McpHandler,
    private readonly toolbox: Toolbox,
    @Inject(CONFIG) config: Config,
  ) {
    this.#origins = [...LOCAL, new URL(readPublicUrl(config)).hostname];
  }

  @Route({
    method: 'POST',
    path: MCP.path,
    tag: MCP.tag,
    id: 'callMcp',
    summary: 'One message of the Model Context Protocol, over Streamable HTTP without sessions',
    description:
      'docs/mcp.md describes the tools. Clients of 2026-07-28 and of 2025-11-25 are served.',
    needs: 'caller',
    refusesAs: MCP.dialect,
    rawQuery: {
      toolsets: {
        description:
          'Platforms, groups or actions by commas, whose actions get a tool each; `default` for the tools of discovery, `all` for everything. Also as the header X-MCP-Toolsets',
        schema: TEXT,
      },
      readonly: {
        description: 'Only tools that read. Also as the header X-MCP-Readonly',
        schema: TEXT,
      },
    },
    rawBody: { required: true, content: { 'application/json': { schema: MESSAGE } } },
    answers: {
      200: {
        description: 'The answer to the message; to clients of 2025-11-25 as one event of a stream',
        content: {
          'application/json': { schema: MESSAGE },
          'text/event-stream': { schema: TEXT },
        },
      },
      202: { description: 'A notification was taken' },
      406: {
        description: 'The client does not accept both forms of an answer',
        content: { 'application/json': { schema: MESSAGE } },
      },
    },
  })
  async callMcp({ call, body, query, request, reply }: RouteRequest): Promise<void> {
    const { headers } = request;
    const origin = validateOriginHeader(headers.origin, this.#origins);
    if (!origin.ok) throw refuse.forbidden(origin.message);
    const selection = readSelection(query, headers, this.toolbox.toolsets);
    const answer = await this.handler.serve(request, body, { call, selection });
    const type = answer.headers.get('content-type');
    void reply.status(answer.status);
    if (type !== null) void reply.type(type);
    void reply.send(Buffer.from(await answer.arrayBuffer()));
  }
}
