import { Global, Module } from '@nestjs/common';
import { Readiness } from './readiness.js';

/** How the house is doing. */
@Global()
@Module({ providers: [Readiness], exports: [Readiness] })
export class ObservabilityModule {}
