import { type DynamicModule, Module } from '@nestjs/common';
import type { PlatformSettings } from '../../actions/platform.js';
import { TwitchPlatform } from './twitch.platform.js';

/** Brings Twitch into the house; importing it is all that the catalogue needs. */
@Module({})
export class TwitchModule {
  static register(settings: PlatformSettings): DynamicModule {
    return {
      module: TwitchModule,
      providers: [{ provide: TwitchPlatform, useFactory: () => new TwitchPlatform(settings) }],
      exports: [TwitchPlatform],
    };
  }
}
