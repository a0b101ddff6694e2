import proxyAddr from '@fastify/proxy-addr';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { METRICS } from '../observability/metrics.js';
import type { RequestOrigin } from './caller-authentication.js';
import { DoorRefusal } from '../actions/door-refusal.js';

/** A credential that was refused: where it came from, and what it was tried on. */
export interface CredentialAttempt extends RequestOrigin {
  /** The route or the RPC. */
  readonly door: string;
  /** Members of the body that may name whose credential it claims to be. */
  readonly body?: unknown;
}

const MINUTE_MS = 60_000;
/** More keys than this in a minute are not told apart: the memory has an end. */
const MOST_KEYS = 10_000;
/** A door as a whole may refuse this many times as often as an address. */
const DOOR_SHARE = 10;
const NAMES = ['service', 'client_id', 'sub', 'channel_id', 'iss'];
const LONGEST_TOKEN = 8_192;
const LONGEST_NAME = 255;

/**
 * Counts wrong credentials at every door: tokens, keys, secrets. They count by the address that they come
 * from, by the caller that they claim to be, and by the door. Beyond the bound they are answered with 429.
 * A right credential is never counted, and so never refused for the wrong ones of others.
 */
@Injectable()
export class WrongCredentials {
  readonly #counts = new Map<string, number>();
  readonly #isTrusted: (address: string, hop: number) => boolean;
  #minute = 0;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'trustedProxies' | 'FAILED_LOGINS_PER_MINUTE'>,
  ) {
    this.#isTrusted = proxyAddr.compile([...config.trustedProxies]);
  }

  /**
   * Counts a refusal if it is one of a wrong credential.
   * @returns the refusal to answer with: the same, or RESOURCE_EXHAUSTED beyond the bound
   */
  count(refusal: DoorRefusal, describe: () => CredentialAttempt): DoorRefusal {
    if (!refusal.isWrongCredential) return refusal;
    const limited = this.#count(describe());
    METRICS.wrongCredentials.inc({ answer: limited ? 'limited' : 'refused' });
    return limited ?? refusal;
  }

  #count(attempt: CredentialAttempt): DoorRefusal | undefined {
    const { FAILED_LOGINS_PER_MINUTE: most } = this.config;
    if (most === 0) return undefined;
    const now = Date.now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const { door } = attempt;
    const claimed = readClaimedName(attempt);
    // Every one of them counts, also when another is at its bound.
    const isLimited = [
      this.#add(`address ${this.#findAddress(attempt)}`) > most,
      this.#add(`door ${door}`) > most * DOOR_SHARE,
      claimed !== undefined && this.#add(`name ${door} ${claimed}`) > most,
    ].includes(true);
    if (!isLimited) return undefined;
    return new DoorRefusal(
      'RESOURCE_EXHAUSTED',
      429,
      `More than ${most} wrong credentials came within a minute from this address or for this caller: wait, or send a right one`,
      (minute + 1) * MINUTE_MS - now,
    );
  }

  #add(key: string): number {
    const isRoom = this.#counts.size < MOST_KEYS || this.#counts.has(key);
    const place = isRoom ? key : 'others';
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    return count;
  }

  #findAddress({ peer, forwardedFor }: RequestOrigin): string {
    const request = {
      socket: { remoteAddress: peer },
      headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    };
    return proxyAddr(request as unknown as IncomingMessage, this.#isTrusted);
  }
}

/** The caller that a wrong credential claims to be of; it is not verified. */
function readClaimedName({ authorization, body }: CredentialAttempt): string | undefined {
  return findName(body) ?? findName(readClaims(authorization));
}

function findName(values: unknown): string | undefined {
  if (typeof values !== 'object' || values === null) return undefined;
  for (const name of NAMES) {
    const value = (values as Record<string, unknown>)[name];
    if (typeof value === 'string' && value !== '') return value.slice(0, LONGEST_NAME);
  }
  return undefined;
}

/** The claims of a token, without verifying its signature. */
function readClaims(authorization: unknown): unknown {
  if (typeof authorization !== 'string' || authorization.length > LONGEST_TOKEN) return undefined;
  const [, claims] = authorization.split('.');
  if (claims === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
