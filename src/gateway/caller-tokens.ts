import { createHash, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Caller, Permission } from '../actions/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { Catalogue } from '../execution/catalogue.js';
import { Callers } from '../safeguards/callers.js';
import { refuse } from './refusal.js';

/** What a token says. Everything but the signature is checked here. */
interface Claims {
  readonly sub?: unknown;
  readonly service?: unknown;
  readonly client_id?: unknown;
  readonly permissions?: unknown;
  readonly platforms?: unknown;
  readonly accounts?: unknown;
  readonly actions?: unknown;
  readonly owner?: unknown;
  readonly epoch?: unknown;
  readonly exp?: unknown;
}

export interface TokenWish {
  readonly service: string;
  readonly permissions: readonly Permission[];
  readonly platforms?: readonly string[];
  readonly accounts?: readonly string[];
  readonly actions?: readonly string[];
  /** Of a caller with a key of its own. */
  readonly epoch?: number;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Who a token that was verified belongs to. */
interface VerifiedToken {
  readonly caller: Caller;
  /** Unix seconds. */
  readonly endsAt: number;
}

/** Verified tokens that are remembered; whoever makes more of them pays for the verifying. */
const MOST_REMEMBERED = 10_000;
/** Far above any token of ours; a longer one is not worth hashing. */
const LONGEST_TOKEN = 8_192;

/** Makes and reads callers' tokens: JWT, HS256 and nothing else. */
@Injectable()
export class CallerTokens {
  /** Key objects: of a text, the library first tries to make a public key, for half a millisecond. */
  readonly #keys: readonly Buffer[];
  /**
   * By the hash of the token, so that none lies in memory. What may change before a token ends (its
   * caller, by its epoch) is asked each time.
   */
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(
    private readonly jwt: JwtService,
    private readonly callers: Callers,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    // Taken by the library as it stands; only its types know nothing of key objects.
    this.#keys = config.signingKeys.map((key) => createSecretKey(key, 'utf8') as unknown as Buffer);
  }

  /** Signs a token with the first key. */
  sign({
    service,
    permissions,
    platforms,
    accounts,
    actions,
    epoch,
    expiresIn,
  }: TokenWish): string {
    return this.jwt.sign(
      {
        service,
        permissions,
        ...(platforms && { platforms }),
        ...(accounts && { accounts }),
        ...(actions && { actions }),
        ...(epoch !== undefined && { epoch }),
      },
      { secret: this.#keys[0], algorithm: 'HS256', subject: service, expiresIn },
    );
  }

  /** Whether this is one of the keys, in the same time for every wrong one. */
  isRootKey(key: string): boolean {
    const given = digest(key);
    return this.config.signingKeys
      .map((known) => timingSafeEqual(digest(known), given))
      .includes(true);
  }

  /**
   * The caller behind an `Authorization` value.
   * @throws DoorRefusal UNAUTHENTICATED saying what is wrong with the token
   */
  read(authorization: unknown): Caller {
    if (typeof authorization !== 'string' || authorization === '') {
      throw refuse.unauthenticated(
        'Missing or invalid Authorization header: send "Authorization: Bearer <token>"',
      );
    }
    const [scheme = '', token = '', ...rest] = authorization.split(' ');
    if (scheme.toLowerCase() !== 'bearer' || token === '' || rest.length > 0) {
      throw refuse.unauthenticated(
        'Missing or invalid Authorization header: send "Authorization: Bearer <token>"',
      );
    }
    if (token.length > LONGEST_TOKEN) {
      throw refuse.unauthenticated(
        `The token has ${token.length} characters; more than ${LONGEST_TOKEN} are not read`,
      );
    }
    const expand = (names: ReadonlySet<string>): ReadonlySet<string> =>
      this.catalogue.expandActions(names);
    const { caller } = this.#recall(token, expand);
    const now = this.callers.renew(caller, expand);
    if (now) return now.owner === undefined ? now : narrowToTenant(now);
    throw refuse.unauthenticated(
      `The caller "${caller.id}" was revoked, or its key was changed: ask the token door for another token`,
    );
  }

  /** A token is verified once. @throws DoorRefusal UNAUTHENTICATED */
  #recall(
    token: string,
    expand: (names: ReadonlySet<string>) => ReadonlySet<string>,
  ): VerifiedToken {
    const name = hash('sha256', token, 'base64url');
    const known = this.#verified.get(name);
    if (known && Date.now() < known.endsAt * 1_000) return known;
    this.#verified.delete(name);
    const claims = this.#verify(token);
    const caller = this.#readClaims(claims);
    const verified = {
      caller: caller.actions ? { ...caller, actions: expand(caller.actions) } : caller,
      endsAt: claims.exp as number,
    };
    if (this.#verified.size >= MOST_REMEMBERED) this.#verified.clear();
    this.#verified.set(name, verified);
    return verified;
  }

  #verify(token: string): Claims {
    let reason = 'jwt malformed';
    for (const secret of this.#keys) {
      try {
        return this.jwt.verify<Claims>(token, { secret, algorithms: ['HS256'] });
      } catch (error) {
        reason = (error as Error).message;
        if (reason !== 'invalid signature') break;
      }
    }
    throw refuse.unauthenticated(`Invalid or expired token: ${reason}`);
  }

  #readClaims(claims: Claims): Caller {
    const id = [claims.sub, claims.service, claims.client_id].find(
      (name) => typeof name === 'string' && name !== '',
    );
    if (typeof id !== 'string') {
      throw refuse.unauthenticated('Invalid token: it names no caller (sub, service or client_id)');
    }
    if (typeof claims.exp !== 'number') {
      throw refuse.unauthenticated(
        'Invalid token: it never expires; ask the token door for one that does',
      );
    }
    const platforms = readNames(claims.platforms, 'platforms');
    const accounts = readNames(claims.accounts, 'accounts');
    const actions = readNames(claims.actions, 'actions');
    const { epoch, owner } = claims;
    if (owner !== undefined && (typeof owner !== 'string' || owner === ''))
      throw refuse.unauthenticated('Invalid token: the claim "owner" must be a text');
    if (epoch !== undefined && typeof epoch !== 'number')
      throw refuse.unauthenticated('Invalid token: the claim "epoch" must be a number');
    return {
      id: id.slice(0, 255),
      permissions: readNames(claims.permissions, 'permissions') ?? new Set(),
      ...(platforms && { platforms }),
      ...(accounts && { accounts }),
      ...(actions && { actions }),
      ...(owner !== undefined && { owner }),
      ...(epoch !== undefined && { epoch }),
    };
  }
}

/** Flags concern everybody, so no tenant has them to switch. */
function narrowToTenant(caller: Caller): Caller {
  const permissions = [...caller.permissions].filter((name) => name !== 'manage_flags');
  return { ...caller, permissions: new Set(permissions) };
}

/** A narrowing claim of a wrong form must never widen the token, so it is refused. */
function readNames(value: unknown, claim: string): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return new Set(value);
  throw refuse.unauthenticated(`Invalid token: the claim "${claim}" must be a list of texts`);
}

/** @throws DoorRefusal naming the permissions of which the caller lacks all */
export function requirePermissionOf(caller: Caller, permissions: readonly Permission[]): void {
  if (permissions.some((permission) => caller.permissions.has(permission))) return;
  throw refuse.forbidden(`Caller "${caller.id}" lacks the permission ${permissions.join(' or ')}`);
}

/** @throws DoorRefusal when the token is narrowed to other platforms or accounts */
export function requireReach(caller: Caller, platform: string, accountId?: string): void {
  const outside =
    (caller.platforms && !caller.platforms.has(platform)) ||
    (accountId !== undefined && caller.accounts && !caller.accounts.has(accountId));
  if (outside)
    throw refuse.forbidden(
      `Caller "${caller.id}" may not touch ${platform} account ${accountId ?? ''}`.trim(),
    );
}

/** Whether two secrets are the same, in the same time for every wrong one. */
export function isSameSecret(given: string, known: string): boolean {
  return timingSafeEqual(digest(given), digest(known));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
