import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { CallerTokens } from '../callers/caller-tokens.js';

/** Who entered with a call, kept on the object that lives as long as it. */
const ENTERED = Symbol('entered');

/** Who asks, and from where. */
export interface Visitor {
  readonly authorization: unknown;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  readonly forwardedFor?: string;
}

/** Lets callers in by their tokens, once for each call. */
@Injectable()
export class Entrance {
  constructor(private readonly tokens: CallerTokens) {}

  /**
   * The caller behind a token; what was read once for a call is not read again.
   * @throws DoorRefusal UNAUTHENTICATED
   */
  enter(call: object, visitor: () => Pick<Visitor, 'authorization'>): Caller {
    const carrier = call as { [ENTERED]?: Caller };
    return (carrier[ENTERED] ??= this.tokens.read(visitor().authorization));
  }
}
