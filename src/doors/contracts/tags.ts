import type { JsonObject } from '../../actions/json.js';

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Actions: 'Envelopes in, outcomes out',
  Catalogue: 'What can be done',
  Accounts: 'Whose credentials are held',
  Tokens: 'Who may ask',
  Audit: 'What was done',
  Flags: 'What is switched on',
  Sandbox: 'The simulated platforms, where they are on',
  Operation: 'How the gateway is doing',
};

/** What each group of operations is, in the order of the document: our own, and those of dialects. */
export function describeTags(
  ofDialects: readonly (readonly [name: string, description: string])[],
): readonly JsonObject[] {
  const all = new Map([...Object.entries(DESCRIPTIONS), ...ofDialects]);
  return Array.from(all, ([name, description]) => ({ name, description }));
}
