import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { type Permission, PERMISSIONS, POLICIES, type Policy } from '../actions/caller.js';
import { refuse } from '../actions/door-refusal.js';
import { CONFIG, type Config } from '../config/config.js';
import { EVERYTHING } from '../config/openid.js';
import { ActionNames } from './action-names.js';
import { Caller } from './caller.js';
import { Callers, findKeyHash } from './callers.js';
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
  /** Names the root key that has signed it. */
  readonly proof: string;
}

/** A caller that signed in once, as it is stored beside its session. */
export interface SignedIn {
  /** What its credential narrows it to; `recheck` says what it may do now. */
  readonly caller: Caller;
  readonly subject: string;
  /** Names the key that it signed in with, or that has signed its token. */
  readonly proof: string;
  /** When its credential ends by itself, in Unix milliseconds; undefined for never. */
  readonly endsAt?: number;
  /** What kind of credential it was, for the history. */
  readonly by: 'key' | 'token' | 'root key' | 'code' | 'OpenID Connect';
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
  /** Names of the root keys, from which nothing of a key can be told. */
  readonly #proofs: readonly string[];
  /** Names of the entries of CONSOLE_OIDC_CALLERS, by each root key. */
  readonly #personProofs: ReadonlySet<string>;
  /**
   * By the hash of the token, so that none lies in memory. What may change before a token ends (its
   * caller, by its epoch) is asked each time.
   */
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(
    private readonly jwt: JwtService,
    private readonly callers: Callers,
    private readonly names: ActionNames,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'signingKeys' | 'JWT_EXPIRATION_SECONDS' | 'openId'>,
  ) {
    this.#keys = config.signingKeys.map((key) => createSecretKey(key, 'utf8'));
    this.#proofs = this.#keys.map(
      (key) => `root:${createHmac('sha256', key).update('proof of a session').digest('base64url')}`,
    );
    this.#personProofs = new Set(
      [...(config.openId?.callers ?? [])].flatMap((entry) =>
        this.#keys.map((key) => provePerson(entry, key)),
      ),
    );
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
    if (token.length > LONGEST_TOKEN) throw refuseLength(token);
    return token.startsWith(KEY_PREFIX) ? this.#readKey(token) : this.#readToken(token);
  }

  #readToken(token: string): Caller {
    const { caller, subject } = this.#recall(token);
    const now = this.#bringUpToDate(caller, subject);
    if (now) return now;
    throw refuse.unauthenticated(
      `The caller "${this.callers.nameOf(caller.id)}" was revoked, or its key was changed: ask the token door for another token`,
    );
  }

  /**
   * Reads what a person signs in with: the key of a caller, a token, or a root key.
   * @throws DoorRefusal UNAUTHENTICATED saying what is wrong
   */
  signIn(credential: string): SignedIn {
    if (credential.startsWith(KEY_PREFIX)) {
      const { id, epoch } = this.#readKey(credential);
      const proof = `key:${findKeyHash(credential)}`;
      const caller = new Caller({ kind: 'key', id, epoch, permissions: new Set(PERMISSIONS) });
      return { caller, subject: id, proof, by: 'key' };
    }
    if (this.isRootKey(credential)) return { ...this.signInOperator('console'), by: 'root key' };
    if (credential.length > LONGEST_TOKEN) throw refuseLength(credential);
    // Refuses the token of a caller that has ended.
    this.#readToken(credential);
    const { caller, subject, proof, endsAt } = this.#recall(credential);
    return { caller, subject, proof, endsAt: endsAt * 1_000, by: 'token' };
  }

  /** A service that may do everything, as if it had a token of the first root key. */
  signInOperator(service: string): Omit<SignedIn, 'by' | 'endsAt'> {
    const [proof = ''] = this.#proofs;
    const permissions = new Set(PERMISSIONS);
    const caller = new Caller({
      kind: 'service',
      ...this.#identify(service, undefined),
      permissions,
    });
    return { caller, subject: service, proof };
  }

  /**
   * A person whom the provider of OpenID Connect knows.
   * @param values of the claim; the first entry of CONSOLE_OIDC_CALLERS that names one of them counts
   * @returns undefined where none does
   * @throws DoorRefusal UNAUTHENTICATED where the entry names no caller of now
   */
  signInPerson(values: readonly string[]): Omit<SignedIn, 'by' | 'endsAt'> | undefined {
    const entry = [...(this.config.openId?.callers ?? [])].find(([value]) =>
      values.includes(value),
    );
    if (!entry) return undefined;
    const [value, name] = entry;
    const proof = provePerson(entry, this.#keys[0] as KeyObject);
    if (name === EVERYTHING) return { ...this.signInOperator(value), proof };
    const found = [name, ...this.callers.listIdsNamed(name)].flatMap(
      (id) => this.callers.findById(id) ?? [],
    );
    const [caller, ...others] = found;
    if (caller && others.length === 0) return { caller, subject: caller.id, proof };
    throw refuse.unauthenticated(
      caller
        ? `Several callers are called "${name}": an operator has to write the identity of one in CONSOLE_OIDC_CALLERS`
        : `The caller "${name}" of CONSOLE_OIDC_CALLERS does not exist or has ended: an admin makes it with POST /api/v1/callers`,
    );
  }

  /**
   * A caller that signed in, within its bounds of now.
   * @returns undefined once it was revoked, its time is over, or its key or its entry is not taken any more
   */
  recheck({ caller, subject, proof }: Pick<SignedIn, 'caller' | 'subject' | 'proof'>) {
    const [kind = '', name = ''] = proof.split(':');
    const isTaken =
      kind === 'key'
        ? this.callers.takesKey(caller.id, name)
        : this.#proofs.includes(proof) || this.#personProofs.has(proof);
    return isTaken ? this.#bringUpToDate(caller, subject) : undefined;
  }

  /** Whether the second text was made of the first by one of the root keys. */
  isSealed(text: string, seal: string): boolean {
    return this.#keys.map((key) => isSameSecret(seal, sealText(text, key))).includes(true);
  }

  /** Proves that a text was made here, so that an invented one is refused without a look at the database. */
  seal(text: string): string {
    return sealText(text, this.#keys[0] as KeyObject);
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
    const { claims, proof } = this.#verify(token);
    const verified = { ...this.#readClaims(claims), proof };
    if (this.#verified.size >= MOST_REMEMBERED) this.#verified.clear();
    this.#verified.set(name, verified);
    return verified;
  }

  #verify(token: string): { readonly claims: Claims; readonly proof: string } {
    let reason = 'jwt malformed';
    for (const [at, key] of this.#keys.entries()) {
      const result = verifyToken(this.jwt, token, key);
      if ('claims' in result) return { ...result, proof: this.#proofs[at] ?? '' };
      reason = result.reason;
      if (reason !== 'invalid signature') break;
    }
    throw refuse.unauthenticated(`Invalid or expired token: ${reason}`);
  }

  #readClaims(claims: Claims): Omit<VerifiedToken, 'proof'> {
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
      policy: readPolicy(claims),
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

function refuseLength(token: string): Error {
  return refuse.unauthenticated(
    `The token has ${token.length} characters; more than ${LONGEST_TOKEN} are not read`,
  );
}

/** Names an entry of CONSOLE_OIDC_CALLERS: a session ends when it is changed or removed. */
function provePerson(entry: readonly [value: string, name: string], key: KeyObject): string {
  const text = `proof of a person ${JSON.stringify(entry)}`;
  return `person:${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function sealText(text: string, key: KeyObject): string {
  return createHmac('sha256', key).update(`seal of a session ${text}`).digest('base64url');
}

/** A narrowing claim of a wrong form must never widen the token, so it is refused. */
function readNames(claims: Claims, claim: string): ReadonlySet<string> | undefined {
  const value = claims[claim];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return new Set(value);
  throw refuse.unauthenticated(`Invalid token: the claim "${claim}" must be a list of texts`);
}

/** @throws DoorRefusal for one that is not known: it must never widen the token */
function readPolicy({ policy }: Claims): Policy | undefined {
  if (policy === undefined) return undefined;
  const known = POLICIES.find((name) => name === policy);
  if (known !== undefined) return known;
  throw refuse.unauthenticated(
    `Invalid token: the claim "policy" must be one of ${POLICIES.join(', ')}`,
  );
}
