import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { CallerTokens } from '../callers/caller-tokens.js';

/** The authenticated caller, kept on the object that lives as long as its call. */
const AUTHENTICATED = Symbol('authenticated');

/** What identifies the origin of a request: its credential and its address. */
export interface RequestOrigin {
  readonly authorization: unknown;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  readonly forwardedFor?: string;
}

/** Authenticates callers by their tokens, once for each call. */
@Injectable()
export class CallerAuthentication {
  constructor(private readonly tokens: CallerTokens) {}

  /**
   * Authenticates the caller of a call. The token of a call is read once.
   * @throws DoorRefusal UNAUTHENTICATED
   */
  authenticate(call: object, readOrigin: () => Pick<RequestOrigin, 'authorization'>): Caller {
    const carrier = call as { [AUTHENTICATED]?: Caller };
    return (carrier[AUTHENTICATED] ??= this.tokens.read(readOrigin().authorization));
  }
}
