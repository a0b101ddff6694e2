import { useCatalogue } from '../../../src/cli/generated-files.js';
import { listContracts } from './contract.js';
import type { TriedAction } from './recording.js';

/** Every action of the catalogue. */
export function listActions(): Promise<TriedAction[]> {
  return useCatalogue((catalogue) =>
    catalogue.list().map(({ platform, action }) => ({ platform: platform.name, action })),
  );
}

/** The names of the platforms whose contracts are kept, and of those that lack one. */
export function listPlatforms(actions: readonly TriedAction[]): {
  readonly platforms: readonly string[];
  readonly lacking: readonly string[];
} {
  const names = [...new Set(actions.map(({ platform }) => platform))];
  const kept = new Set(listContracts());
  return {
    platforms: names.filter((name) => kept.has(name)),
    lacking: names.filter((name) => !kept.has(name)),
  };
}
