import { type DynamicModule, Module } from '@nestjs/common';
import type { BotSettings } from '../../actions/platform.js';
import { DiscordPlatform } from './discord.platform.js';

/** Brings Discord into the house; importing it is all that the catalogue needs. */
@Module({})
export class DiscordModule {
  static register(settings: BotSettings): DynamicModule {
    return {
      module: DiscordModule,
      providers: [{ provide: DiscordPlatform, useFactory: () => new DiscordPlatform(settings) }],
      exports: [DiscordPlatform],
    };
  }
}
