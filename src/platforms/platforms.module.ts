import { type DynamicModule, Module } from '@nestjs/common';
import type { Platform } from '../actions/platform.js';

/** Brings platforms into the application, where the catalogue finds them by their mark. */
@Module({})
export class PlatformsModule {
  static register(platforms: readonly Platform[]): DynamicModule {
    return {
      module: PlatformsModule,
      providers: platforms.map((platform) => ({
        provide: platform.constructor as new () => Platform,
        useFactory: () => platform,
      })),
    };
  }
}
