import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Callers } from './callers.js';
import { CallerTokens } from './caller-tokens.js';
import { TokenDoor } from './token-door.js';
import { TrustedCallers } from './trusted-callers.js';

/** Who asks. */
@Module({
  imports: [JwtModule.register({})],
  providers: [Callers, CallerTokens, TokenDoor, TrustedCallers],
  exports: [Callers, CallerTokens, TokenDoor, TrustedCallers, JwtModule],
})
export class CallersModule {}
