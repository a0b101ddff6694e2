import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Permission } from '../actions/caller.js';
import { refuse } from '../actions/door-refusal.js';
import { CONFIG, type Config } from '../config/config.js';
import { ActionNames } from './action-names.js';
import { Caller } from './caller.js';
import { Callers } from './callers.js';
import { type Claims, LONGEST_TOKEN, verifyToken } from './claims.js';
import { identifyService, isTenantName } from './identity.js';
import { isSameSecret } from './secrets.js';
import { databaseClock } from '../config/database-clock.js';

/** The claims of a new token. */
export interface TokenClaims {
  /** The name of a service, or the id of a caller with a key. */
  readonly service: string;
  readonly permissions: readonly Permission[];
  readonly platforms?: readonly string[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
  /** The earlier service at whose doors the token may do what the service's own tokens did. */
  readonly earlier?: string | undefined;
  /** Of a caller with a key of its own. */
  readonly epoch?: number | undefined;
  /** Seconds. */
  readonly expiresIn: number;
}

/** A token that was verified. */
interface VerifiedToken {
  /** The name of a service as the token says it, or the id of a caller with a key. */
  readonly subject: string;
  readonly caller: Caller;
  /** Unix seconds. */
  readonly endsAt: number;
}

/** How many verified tokens are cached; beyond this number the cache is emptied. */
const MOST_REMEMBERED = 10_000;
/** What the key of a caller begins with; no token does. */
export const KEY_PREFIX = 'agk_';
const NO_TOKEN = 'Missing or invalid Authorization header: send "Authorization: Bearer <token>"';

/** Makes and reads the credentials of callers: JWT with HS256, and keys of callers. */
@Injectable()
export class CallerTokens {
  /** Key objects: of a text, the library first tries to make a public key, for half a millisecond. */
  readonly #keys: readonly KeyObject[];
  /**
   * By the hash of the token, so that none lies in memory. What may change before a token ends (its
   * caller, by its epoch) is asked each time.
   */
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(
    private readonly jwt: JwtService,
    private readonly callers: Callers,
    private readonly names: ActionNames,
    @Inject(CONFIG) private readonly config: Pick<Config, 'signingKeys' | 'JWT_EXPIRATION_SECONDS'>,
  ) {
    this.#keys = config.signingKeys.map((key) => createSecretKey(key, 'utf8'));
  }

  /** Signs a token with the first key. */
  sign(claims: TokenClaims): string {
    const { service, permissions, platforms, accounts, actions, epoch, earlier, expiresIn } =
      claims;
    return this.jwt.sign(
      {
        iat: Math.floor(databaseClock.now() / 1_000),
        service,
        permissions,
        ...(platforms && { platforms }),
        ...(accounts && { accounts }),
        ...(actions && { actions }),
        ...(epoch !== undefined && { epoch }),
        ...(earlier !== undefined && { earlier }),
      },
      {
        secret: this.#keys[0] as unknown as Buffer,
        algorithm: 'HS256',
        subject: service,
        expiresIn,
      },
    );
  }

  /** Whether this is one of the root keys, in the same time for every wrong one. */
  isRootKey(key: string): boolean {
    return this.config.signingKeys.map((known) => isSameSecret(key, known)).includes(true);
  }

  /**
   * The caller behind an `Authorization` value: a token, or the key of a caller.
   * @throws DoorRefusal UNAUTHENTICATED saying what is wrong
   */
  read(authorization: unknown): Caller {
    if (typeof authorization !== 'string') throw refuse.unauthenticated(NO_TOKEN);
    const [scheme = '', token = '', ...rest] = authorization.split(' ');
    if (scheme.toLowerCase() !== 'bearer' || token === '' || rest.length > 0)
      throw refuse.unauthenticated(NO_TOKEN);
    if (token.length > LONGEST_TOKEN) {
      throw refuse.unauthenticated(
        `The token has ${token.length} characters; more than ${LONGEST_TOKEN} are not read`,
      );
    }
    if (token.startsWith(KEY_PREFIX)) return this.#readKey(token);
    const { caller, subject } = this.#recall(token);
    const now = this.#bringUpToDate(caller, subject);
    if (now) return now;
    throw refuse.unauthenticated(
      `The caller "${this.callers.nameOf(caller.id)}" was revoked, or its key was changed: ask the token door for another token`,
    );
  }

  /** The caller of an API key. A hash is as fast as the look-up of a token. */
  #readKey(key: string): Caller {
    const caller = this.callers.exchange(key);
    if (!caller)
      throw refuse.unauthenticated(
        'Invalid API key: it is wrong, was changed, or its caller has ended; an admin makes another with POST /api/v1/callers/<id>/rotate',
      );
    return caller.actions ? caller.withActions(this.names.expandActions(caller.actions)) : caller;
  }

  /** A caller with a key within its bounds of now; a service by the identity that it has now. */
  #bringUpToDate(caller: Caller, subject: string): Caller | undefined {
    if (caller.kind === 'key')
      return this.callers.renew(caller, (names) => this.names.expandActions(names));
    const named = this.#identify(subject, caller.owner);
    return named.id === caller.id ? caller : new Caller({ ...caller, ...named });
  }

  #identify(subject: string, owner: string | undefined) {
    return identifyService(subject, owner, (name, of) => this.callers.holdsName(name, of));
  }

  /** A token is verified once. @throws DoorRefusal UNAUTHENTICATED */
  #recall(token: string): VerifiedToken {
    const name = hash('sha256', token, 'base64url');
    const known = this.#verified.get(name);
    if (known && databaseClock.now() < known.endsAt * 1_000) return known;
    this.#verified.delete(name);
    const verified = this.#readClaims(this.#verify(token));
    if (this.#verified.size >= MOST_REMEMBERED) this.#verified.clear();
    this.#verified.set(name, verified);
    return verified;
  }

  #verify(token: string): Claims {
    let reason = 'jwt malformed';
    for (const key of this.#keys) {
      const result = verifyToken(this.jwt, token, key);
      if ('claims' in result) return result.claims;
      reason = result.reason;
      if (reason !== 'invalid signature') break;
    }
    throw refuse.unauthenticated(`Invalid or expired token: ${reason}`);
  }

  #readClaims(claims: Claims): VerifiedToken {
    const subject = [claims['sub'], claims['service'], claims['client_id']].find(
      (name) => typeof name === 'string' && name !== '',
    );
    if (typeof subject !== 'string') {
      throw refuse.unauthenticated('Invalid token: it names no caller (sub, service or client_id)');
    }
    const { exp, iat, epoch, owner } = claims;
    if (typeof exp !== 'number') {
      throw refuse.unauthenticated(
        'Invalid token: it never expires; ask the token door for one that does',
      );
    }
    const actions = readNames(claims, 'actions');
    if (owner !== undefined && !isTenantName(owner))
      throw refuse.unauthenticated(
        'Invalid token: the claim "owner" must be a text of 1 to 255 characters',
      );
    if (epoch !== undefined && typeof epoch !== 'number')
      throw refuse.unauthenticated('Invalid token: the claim "epoch" must be a number');
    const caller = new Caller({
      ...(epoch === undefined
        ? { kind: 'service', ...this.#identify(subject, owner) }
        : { kind: 'key', id: subject, epoch }),
      permissions: readNames(claims, 'permissions') ?? new Set(),
      platforms: readNames(claims, 'platforms'),
      accounts: readNames(claims, 'accounts'),
      actions: actions && this.names.expandActions(actions),
      owner,
      endsAt: this.#findEnd(exp, iat as number | undefined),
    });
    return { subject, caller, endsAt: exp };
  }

  /**
   * Until when what a token makes may last. A token of the usual life is a session, which sets no end.
   * One of a shorter life was cut short on purpose: what it makes ends with it.
   */
  #findEnd(exp: number, iat: number | undefined): number | undefined {
    if (iat === undefined || exp - iat >= this.config.JWT_EXPIRATION_SECONDS) return undefined;
    return exp * 1_000;
  }
}

/** A narrowing claim of a wrong form must never widen the token, so it is refused. */
function readNames(claims: Claims, claim: string): ReadonlySet<string> | undefined {
  const value = claims[claim];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return new Set(value);
  throw refuse.unauthenticated(`Invalid token: the claim "${claim}" must be a list of texts`);
}
