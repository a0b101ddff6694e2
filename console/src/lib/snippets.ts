/** An envelope as every door takes it. */
export interface EnvelopeText {
  platform: string;
  action_type: string;
  account_id?: string;
  actor_id?: string;
  parameters: Record<string, unknown>;
  [more: string]: unknown;
}

const quoteShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same envelope as a command or a program. The token stays in the variable TOKEN. */
export function writeSnippets(
  envelope: EnvelopeText,
  address: string,
): readonly (readonly [title: string, code: string])[] {
  const body = JSON.stringify(envelope);
  const pretty = JSON.stringify(envelope, null, 2);
  const { parameters, ...around } = envelope;
  // The request of gRPC has the same members; its parameters are a Struct, which grpcurl writes as JSON too.
  return [
    [
      'curl',
      `curl -s ${address}/api/v1/actions/execute \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d ${quoteShell(body)}`,
    ],
    [
      'grpcurl',
      `grpcurl -plaintext -H "authorization: Bearer $TOKEN" \\\n  -d ${quoteShell(body)} \\\n  ${new URL(address).hostname}:50051 action_gateway.v1.ActionGateway/ExecuteAction`,
    ],
    [
      'TypeScript',
      `const response = await fetch('${address}/api/v1/actions/execute', {\n  method: 'POST',\n  headers: {\n    authorization: \`Bearer \${process.env.TOKEN}\`,\n    'content-type': 'application/json',\n  },\n  body: JSON.stringify(${pretty.replaceAll('\n', '\n  ')}),\n});\nconst outcome = await response.json();`,
    ],
    ['Python', writePython({ ...around, parameters }, address)],
  ];
}

function writePython(envelope: Record<string, unknown>, address: string): string {
  return `import os, requests\n\noutcome = requests.post(\n    "${address}/api/v1/actions/execute",\n    headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},\n    json=${writePythonValue(envelope, 4)},\n).json()`;
}

function writePythonValue(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value))
    return `[${value.map((one) => writePythonValue(one, depth)).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const pad = ' '.repeat(depth + 4);
  const members = Object.entries(value).map(
    ([name, member]) => `${pad}${JSON.stringify(name)}: ${writePythonValue(member, depth + 4)},\n`,
  );
  return members.length === 0 ? '{}' : `{\n${members.join('')}${' '.repeat(depth)}}`;
}
