/**
 * Programs of other versions of Node.js, by their major: from OTHER_NODES, such as
 * "22=/opt/node-22/bin/node,24=/opt/node-24/bin/node", which .ci/run sets.
 */
export function listOtherNodes(): ReadonlyMap<string, string> {
  const entries = (process.env['OTHER_NODES'] ?? '').split(',').filter((entry) => entry !== '');
  return new Map(entries.map((entry) => entry.split('=', 2) as [string, string]));
}
