import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { loadPlatforms } from '../app.module.js';
import { CONFIG, type Config, loadConfig } from '../config/config.js';
import { renderEnvExample } from '../config/env-example.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { Database } from '../database/database.js';
import { Catalogue } from '../execution/catalogue.js';
import { type DocumentedAction, documentActions } from '../doors/contracts/documented-action.js';
import {
  renderActionsMarkdown,
  renderFailuresMarkdown,
  renderUnitsMarkdown,
} from '../doors/contracts/markdown.js';
import type { Platform } from '../actions/platform.js';
import { renderClientFiles } from './clients/client-files.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { Flags } from '../safeguards/flags.js';

/** The catalogue and nothing else: no database, no door, no network. */
@Module({})
class CatalogueModule {
  static register(config: Config, platforms: readonly Platform[]): DynamicModule {
    return {
      module: CatalogueModule,
      global: true,
      imports: [DiscoveryModule, PlatformsModule.register(platforms)],
      providers: [
        { provide: CONFIG, useValue: config },
        // The default flags: there is no table to follow.
        { provide: Database, useValue: {} },
        { provide: ChangeFeed, useValue: { follow: async () => undefined } },
        Flags,
        Catalogue,
      ],
      exports: [CONFIG],
    };
  }
}

/**
 * Secrets of no worth, and a database that is never opened: without any, the configuration would ask for a
 * folder and keep secrets there.
 */
const NO_SECRETS = {
  SANDBOX: 'true',
  DATABASE_URL: 'postgresql://none',
  MODULE_SECRET_KEY: '0'.repeat(64),
  TOKEN_ENCRYPTION_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
  CALLBACK_SECRETS: `whsec_${Buffer.alloc(32).toString('base64')}`,
};

/** All actions as the default configuration has them. */
export function readCatalogue(): Promise<DocumentedAction[]> {
  return useCatalogue(documentActions);
}

/** Opens the catalogue of the default configuration for as long as it is used. */
export async function useCatalogue<Result>(
  use: (catalogue: Catalogue) => Result | Promise<Result>,
): Promise<Result> {
  const config = loadConfig(NO_SECRETS);
  const context = await NestFactory.createApplicationContext(
    CatalogueModule.register(config, await loadPlatforms(config)),
    { logger: false, abortOnError: false },
  );
  try {
    return await use(context.get(Catalogue));
  } finally {
    await context.close();
  }
}

/** Every generated file of the repository: its path from the root, and what has to stand in it. */
export async function renderGeneratedFiles(): Promise<ReadonlyMap<string, string>> {
  const actions = await readCatalogue();
  const platforms = await loadPlatforms(loadConfig(NO_SECRETS));
  return new Map([
    ...platforms.flatMap((platform): [string, string][] =>
      platform.callCosts
        ? [
            [
              `docs/${platform.name}-units.md`,
              renderUnitsMarkdown(platform.title, platform.callCosts),
            ],
          ]
        : [],
    ),
    ['docs/actions.md', renderActionsMarkdown(actions)],
    ['docs/failures.md', renderFailuresMarkdown()],
    ['.env.example', renderEnvExample()],
    ...renderClientFiles(actions),
  ]);
}
