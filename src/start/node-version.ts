/**
 * What is wrong with a version of Node.js, as one sentence; undefined when the gateway runs on it. Written
 * for old versions: nothing here may be newer than they are.
 */
export function findNodeFault(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (isSupported) return undefined;
  return `The gateway needs Node.js 20.19, 22.12 or newer, and this is ${version}: install a newer one, such as with "nvm install 24"`;
}

/** Ends the process with one sentence where Node.js is too old. */
export function requireNode(version = process.versions.node): void {
  const fault = findNodeFault(version);
  if (fault === undefined) return;
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
