import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CONFIG, type Config } from './config/config.js';
import { DatabaseModule } from './database/database.module.js';
import type { PooledDataSource } from './database/pooled-data-source.js';
import { Vault } from './database/vault.js';
import { ExecutionModule } from './execution/execution.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { hideWhileUsed } from './observability/hidden-values.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { DiscordModule } from './platforms/discord/discord.module.js';
import { TwitchModule } from './platforms/twitch/twitch.module.js';
import { YouTubeModule } from './platforms/youtube/youtube.module.js';
import { SafeguardsModule } from './safeguards/safeguards.module.js';

/** The platforms of this house; a new one is one line here. */
export function platformModules(config: Config): DynamicModule[] {
  return [
    TwitchModule.register(config.twitch),
    YouTubeModule.register(config.youtube),
    DiscordModule.register(config.discord),
  ];
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
  static register(config: Config, dataSource: PooledDataSource): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(config),
        DatabaseModule.register(dataSource, new Vault(config.encryptionKeys, hideWhileUsed)),
        ObservabilityModule,
        AccountsModule,
        SafeguardsModule,
        AuditModule,
        ExecutionModule,
        GatewayModule,
        ...platformModules(config),
      ],
    };
  }
}
