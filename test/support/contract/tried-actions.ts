import { useCatalogue } from '../../../src/cli/generated-files.js';
import type { TriedAction } from './recording.js';

/** Every action of the catalogue. */
export function listActions(): Promise<TriedAction[]> {
  return useCatalogue((catalogue) =>
    catalogue.list().map(({ platform, action }) => ({ platform: platform.name, action })),
  );
}

/** The names of the platforms, each once. */
export function listPlatforms(actions: readonly TriedAction[]): string[] {
  return [...new Set(actions.map(({ platform }) => platform))];
}
