import proxyAddr from '@fastify/proxy-addr';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { CallerTokens } from '../callers/caller-tokens.js';
import { DoorRefusal } from '../actions/door-refusal.js';

/** Who entered with a call, kept on the object that lives as long as it. */
const ENTERED = Symbol('entered');

/** Who knocks, and from where. */
export interface Visitor {
  readonly authorization: unknown;
  /** IP address of the other end of the connection. */
  readonly peer: string;
  readonly forwardedFor?: string;
}

const MINUTE_MS = 60_000;
/** More addresses than this in a minute are not told apart: the memory has an end. */
const MOST_ADDRESSES = 10_000;

/** Lets callers in by their tokens, once for each call, and tells who fails too often to wait. */
@Injectable()
export class Entrance {
  readonly #failures = new Map<string, number>();
  readonly #isTrusted: (address: string, hop: number) => boolean;
  #minute = 0;

  constructor(
    private readonly tokens: CallerTokens,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'trustedProxies' | 'FAILED_LOGINS_PER_MINUTE'>,
  ) {
    this.#isTrusted = proxyAddr.compile([...config.trustedProxies]);
  }

  /**
   * The caller behind a token; what was read once for a call is not read again. A right token is let in from everywhere, also from where wrong ones came.
   * @throws DoorRefusal UNAUTHENTICATED, or RESOURCE_EXHAUSTED for an address that fails too often
   */
  enter(call: object, visitor: () => Visitor): Caller {
    const carrier = call as { [ENTERED]?: Caller };
    if (carrier[ENTERED]) return carrier[ENTERED];
    const seen = visitor();
    try {
      return (carrier[ENTERED] = this.tokens.read(seen.authorization));
    } catch (error) {
      if (error instanceof DoorRefusal && error.grpc === 'UNAUTHENTICATED')
        this.#countFailure(this.#findAddress(seen));
      throw error;
    }
  }

  /** @throws DoorRefusal once there were too many in this minute */
  #countFailure(address: string): void {
    const { FAILED_LOGINS_PER_MINUTE: most } = this.config;
    if (most === 0) return;
    const now = Date.now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#failures.clear();
    this.#minute = minute;
    const isRoom = this.#failures.size < MOST_ADDRESSES || this.#failures.has(address);
    const place = isRoom ? address : 'others';
    const failures = (this.#failures.get(place) ?? 0) + 1;
    this.#failures.set(place, failures);
    if (failures <= most) return;
    throw new DoorRefusal(
      'RESOURCE_EXHAUSTED',
      429,
      `More than ${most} wrong tokens came from this address within a minute: wait, or send a right one`,
      (minute + 1) * MINUTE_MS - now,
    );
  }

  #findAddress({ peer, forwardedFor }: Visitor): string {
    const request = {
      socket: { remoteAddress: peer },
      headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    };
    return proxyAddr(request as unknown as IncomingMessage, this.#isTrusted);
  }
}
