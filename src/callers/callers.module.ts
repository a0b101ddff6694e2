import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Callers } from './callers.js';
import { OpenIdSignIn } from './openid-sign-in.js';
import { Sessions } from './sessions.js';
import { CallerTokens } from './caller-tokens.js';
import { TrustedCallers } from './trusted-callers.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** Who asks. */
@Module({
  imports: [ClusterModule, JwtModule.register({})],
  providers: [Callers, CallerTokens, OpenIdSignIn, Sessions, TrustedCallers],
  exports: [Callers, CallerTokens, OpenIdSignIn, Sessions, TrustedCallers, JwtModule],
})
export class CallersModule {}
