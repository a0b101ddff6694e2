import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What both clients tell of a call of a tool. */
interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly values: Record<string, unknown>;
}

/** A client as the tests use it, of either era. */
export interface McpClient {
  readonly era: '2026-07-28' | '2025-11-25';
  /** The tools by their names. */
  list(): Promise<Record<string, ListedTool>>;
  call(name: string, values?: object, timeoutMs?: number): Promise<ToolAnswer>;
  close(): Promise<void>;
}

interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

const NAMED = { name: 'test', version: '1' };
export const ERAS = ['2026-07-28', '2025-11-25'] as const;

/** Connects the published client of an era. @param path with the query */
export async function connectMcp(
  era: McpClient['era'],
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<McpClient> {
  const address = new URL(url);
  const requestInit = { headers: { ...headers } };
  if (era === '2025-11-25') {
    const client = new EarlierClient(NAMED);
    await client.connect(new EarlierTransport(address, { requestInit }));
    return {
      era,
      list: async () => byName((await client.listTools()).tools as readonly ListedTool[]),
      call: async (name, values = {}, timeout = 60_000) =>
        readAnswer(
          await client.callTool({ name, arguments: { ...values } }, undefined, { timeout }),
        ),
      close: () => client.close(),
    };
  }
  const client = new Client(NAMED, { versionNegotiation: { mode: { pin: era } } });
  await client.connect(new StreamableHTTPClientTransport(address, { requestInit }));
  return {
    era,
    list: async () => byName((await client.listTools()).tools as readonly ListedTool[]),
    call: async (name, values = {}, timeout = 60_000) =>
      readAnswer(await client.callTool({ name, arguments: { ...values } }, { timeout })),
    close: () => client.close(),
  };
}

function byName(tools: readonly ListedTool[]): Record<string, ListedTool> {
  return Object.fromEntries(tools.map((tool) => [tool.name, tool]));
}

function readAnswer(answer: object): ToolAnswer {
  const { isError, content, structuredContent } = answer as {
    isError?: boolean;
    content: readonly { readonly text?: string }[];
    structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError === true,
    text: content.map(({ text = '' }) => text).join('\n'),
    values: structuredContent ?? {},
  };
}
