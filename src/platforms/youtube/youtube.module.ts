import { type DynamicModule, Module } from '@nestjs/common';
import type { GoogleSettings } from '../../actions/platform.js';
import { YouTubePlatform } from './youtube.platform.js';

/** Brings YouTube into the house; importing it is all that the catalogue needs. */
@Module({})
export class YouTubeModule {
  static register(settings: GoogleSettings): DynamicModule {
    return {
      module: YouTubeModule,
      providers: [{ provide: YouTubePlatform, useFactory: () => new YouTubePlatform(settings) }],
      exports: [YouTubePlatform],
    };
  }
}
