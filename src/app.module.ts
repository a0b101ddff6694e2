import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Platform } from './actions/platform.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { JournalModule } from './journal/journal.module.js';
import { QueueModule } from './queue/queue.module.js';
import { ClusterModule } from './cluster/cluster.module.js';
import { CONFIG, type Config } from './config/config.js';
import { DatabaseModule } from './database/database.module.js';
import type { PooledDataSource } from './database/pooled-data-source.js';
import { Vault } from './database/vault.js';
import { ExecutionModule } from './execution/execution.module.js';
import type { DialectDeclaration } from './doors/door/dialect.js';
import { DoorsModule } from './doors/doors.module.js';
import { MEDIA_OFF } from './media/contract/media-off.js';
import { hideWhileUsed } from './observability/hidden-values.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { PlatformsModule } from './platforms/platforms.module.js';
import { PREDECESSOR_DIALECTS } from './predecessors/dialects.js';
import { SafeguardsModule } from './safeguards/safeguards.module.js';

/** Loads the platforms of a configuration. */
export function loadPlatforms({ platforms }: Config): Promise<Platform[]> {
  return Promise.all(platforms.map(({ declaration, settings }) => declaration.load(settings)));
}

/** The dialects that the doors speak. The code of media and of MCP is loaded only where they are on. */
export async function loadDialects({
  ENABLE_MEDIA: hasMedia,
  ENABLE_MCP: hasMcp,
}: Pick<Config, 'ENABLE_MEDIA' | 'ENABLE_MCP'>): Promise<readonly DialectDeclaration[]> {
  const media = hasMedia ? (await import('./media/media-on.js')).MEDIA_ON : MEDIA_OFF;
  const mcp = hasMcp ? (await import('./doors/mcp/mcp-dialect.js')).MCP_DIALECTS : [];
  return [...PREDECESSOR_DIALECTS, media, ...mcp];
}

/** The configuration, for every room that may read it. */
@Global()
@Module({})
class ConfigModule {
  static register(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}

/** The composition root: every room by name. */
@Module({})
export class AppModule {
  static register(
    config: Config,
    dataSource: PooledDataSource,
    platforms: readonly Platform[],
    dialects: readonly DialectDeclaration[],
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(config),
        DatabaseModule.register(dataSource, new Vault(config.encryptionKeys, hideWhileUsed)),
        ClusterModule,
        ObservabilityModule,
        AccountsModule,
        SafeguardsModule,
        JournalModule,
        QueueModule,
        ExecutionModule,
        DoorsModule.register(dialects),
        PlatformsModule.register(platforms),
      ],
    };
  }
}
