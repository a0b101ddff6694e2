import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller, Permission } from '../actions/caller.js';
import { findCarrier, noteCaller } from '../audit/audit.interceptor.js';
import { CallerTokens, requirePermissionOf } from './caller-tokens.js';
import { EarlierCallers } from './predecessors/earlier-callers.js';
import {
  EARLIER_DOOR,
  type EarlierDoorMark,
  readEarlierCredentials,
} from './predecessors/earlier-door.js';

const PUBLIC = 'gateway:public';
const PERMISSION = 'gateway:permission';

/** Lets anybody in: health, documentation, the token door. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Lets in who has one of the permissions. Actions themselves are checked by the recipe, envelope by envelope. */
export const Requires = (...permissions: readonly Permission[]) =>
  SetMetadata(PERMISSION, permissions);

/** Stands before every handler of both doors: who asks is known from the credential, or nobody gets in. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: CallerTokens,
    private readonly earlierCallers: EarlierCallers,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, places)) return true;
    const earlierDoor = this.reflector.getAllAndOverride<EarlierDoorMark>(EARLIER_DOOR, places);
    const earlier = earlierDoor && readEarlierCredentials(earlierDoor, context);
    const caller = earlier ? this.earlierCallers.identify(earlier) : this.#readToken(context);
    const permissions = this.reflector.getAllAndOverride<readonly Permission[]>(PERMISSION, places);
    if (permissions) requirePermissionOf(caller, permissions);
    noteCaller(context, caller);
    return true;
  }

  #readToken(context: ExecutionContext): Caller {
    const carrier = findCarrier(context);
    const authorization =
      'metadata' in carrier
        ? carrier.metadata.get('authorization')[0]
        : carrier.headers['authorization'];
    return this.tokens.read(authorization);
  }
}
