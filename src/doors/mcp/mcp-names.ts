/** Names of the MCP door and of its parts. */
export const MCP = {
  dialect: 'mcp',
  tag: 'MCP',
  path: '/mcp',
  /** RFC 9728: it has the path of the resource behind it. */
  resourceMetadata: '/.well-known/oauth-protected-resource/mcp',
} as const;
