import type { PlatformDeclaration } from '../platforms/platform-declaration.js';
import type { MakeSimulation } from '../sandbox/sandbox.js';

/** The simulations of the platforms that have one. */
export function loadSimulations(
  platforms: readonly PlatformDeclaration[],
): Promise<MakeSimulation[]> {
  return Promise.all(platforms.flatMap(({ sandbox }) => sandbox?.loadSimulation() ?? []));
}
