import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Permission } from '../actions/caller.js';
import { Caller } from '../callers/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { isWithin, type TrustedCaller } from '../config/trust.js';
import { CallerTokens, KEY_PREFIX } from '../callers/caller-tokens.js';
import { type Claims, LONGEST_TOKEN, type TokenFault, verifyToken } from '../callers/claims.js';
import { identifyEarlier } from '../callers/identity.js';
import { TrustedCallers } from '../callers/trusted-callers.js';
import { isSameSecret } from '../callers/secrets.js';
import { DoorRefusal } from '../actions/door-refusal.js';
import { CredentialRefusal } from './credential-refusal.js';
import type { PredecessorName } from './predecessor.js';

/** Whose form a request has: that of one earlier service, or of callers that spoke to all of them. */
export type EarlierService = PredecessorName | 'any';

/** The credentials of a request in the form of an earlier service. */
export interface EarlierCredentials {
  readonly service: EarlierService;
  /** `Bearer <JWT>`, from wherever it stood. */
  readonly authorization: string | undefined;
  /** Keys that were shown. */
  readonly keys: readonly string[];
  /** IP address of the other end of the connection. */
  readonly peer: string;
}

/** A key that verifies tokens, and the trusted caller that holds it; a root key of ours has none. */
interface VerifyKey {
  readonly key: KeyObject;
  readonly holder?: TrustedCaller;
}

/**
 * Authenticates the callers of earlier services: by a token, old or new, by a key, or by the network. A caller
 * may do no more than its entry of PREDECESSOR_TRUST or its token permits.
 */
@Injectable()
export class EarlierCallers {
  readonly #keys: readonly VerifyKey[];

  constructor(
    private readonly jwt: JwtService,
    private readonly tokens: CallerTokens,
    private readonly trusted: TrustedCallers,
    @Inject(CONFIG) private readonly config: Pick<Config, 'signingKeys' | 'trusted'>,
  ) {
    this.#keys = [
      ...config.signingKeys.map((key) => ({ key: openKey(key) })),
      ...config.trusted.flatMap((holder) =>
        holder.verifyKeys.map((key) => ({ key: openKey(key), holder })),
      ),
    ];
  }

  /** @throws CredentialRefusal; what is shown and wrong is never made up for by the network */
  identify({ service, authorization, keys, peer }: EarlierCredentials): Caller {
    if (authorization !== undefined) return this.#readToken(authorization, service);
    if (keys.length > 0) return this.#readKeys(keys);
    const trusted = this.config.trusted.find(({ networks }) =>
      networks.some((network) => isWithin(peer, network)),
    );
    if (trusted) return this.trusted.findCaller(trusted);
    throw new CredentialRefusal(
      'missing',
      'send "Authorization: Bearer <token>", or be named in PREDECESSOR_TRUST',
    );
  }

  /** Every key is compared, so that the time tells nothing. */
  #readKeys(keys: readonly string[]): Caller {
    const found = this.config.trusted.filter(({ serviceKeys }) =>
      serviceKeys
        .flatMap((known) => keys.map((shown) => isSameSecret(shown, known)))
        .includes(true),
    );
    if (found.length === 1 && found[0]) return this.trusted.findCaller(found[0]);
    throw new CredentialRefusal('invalid', 'the service key is not one that is known here');
  }

  #readToken(authorization: string, service: EarlierService): Caller {
    const [, token = ''] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
    if (token === '' || token.length > LONGEST_TOKEN)
      throw new CredentialRefusal('missing', 'send "Authorization: Bearer <token>"');
    const { claims, holder } = token.startsWith(KEY_PREFIX)
      ? { claims: undefined, holder: undefined }
      : this.#verify(token);
    if (holder && claims) return narrow(this.trusted.findCaller(holder), claims, service);
    const isOurs =
      claims === undefined || (claims['permissions'] !== undefined && claims['exp'] !== undefined);
    if (!isOurs) return narrow(this.#findHolder(claims), claims, service);
    try {
      const caller = this.tokens.read(`Bearer ${token}`);
      return claims?.['earlier'] === service ? this.#restore(caller, service) : caller;
    } catch (error) {
      if (!(error instanceof DoorRefusal)) throw error;
      throw new CredentialRefusal('invalid', error.message.replace(/^Invalid[^:]*: /, ''));
    }
  }

  /** The holder of an old token that is signed with a root key. Its signer chose its name. */
  #findHolder(claims: Claims): Caller {
    const entry = this.#rootEntry;
    const name = ['sub', 'service', 'client_id', 'iss']
      .map((claim) => claims[claim])
      .find((value) => typeof value === 'string' && value !== '');
    if (typeof name === 'string') {
      const identity = identifyEarlier(name);
      const caller = new Caller({ kind: 'earlier', ...identity, permissions: AS_BEFORE });
      return entry ? caller.narrow(this.trusted.findCaller(entry)) : caller;
    }
    if (entry?.takesUnnamedTokens) return this.trusted.findCaller(entry);
    throw new CredentialRefusal(
      'invalid',
      'it names no caller (sub, service, client_id or iss); an entry of PREDECESSOR_TRUST with root_secret and unnamed_tokens lets it in',
    );
  }

  /** A token of an earlier token door may do at its service what the service's own tokens did. */
  #restore(caller: Caller, service: EarlierService): Caller {
    const { permissions } = this.#rootEntry?.bounds ?? { permissions: AS_BEFORE };
    const restored = [...AS_BEFORE].filter((name) => permissions.has(name));
    return new Caller({
      ...caller,
      permissions: new Set([...caller.permissions, ...restored]),
    }).narrow(service === 'any' ? {} : { platforms: new Set([service]) });
  }

  get #rootEntry(): TrustedCaller | undefined {
    return this.config.trusted.find(({ hasRootSecret }) => hasRootSecret);
  }

  #verify(token: string): { readonly claims: Claims; readonly holder?: TrustedCaller } {
    let fault: TokenFault = { fault: 'invalid', reason: 'jwt malformed' };
    for (const { key, holder } of this.#keys) {
      const result = verifyToken(this.jwt, token, key);
      if ('claims' in result) return { claims: result.claims, ...(holder && { holder }) };
      fault = result;
      if (fault.reason !== 'invalid signature') break;
    }
    throw new CredentialRefusal(fault.fault, fault.reason);
  }
}

/** What a token of an earlier service allowed. */
const AS_BEFORE: ReadonlySet<Permission> = new Set(['execute_actions', 'manage_accounts']);

function openKey(key: string): KeyObject {
  return createSecretKey(key, 'utf8');
}

/**
 * An old token says of itself at most whose channel it is for. It is good at the platform of the service
 * that took it, for what that service did, and never for more than its key was given for.
 */
function narrow(caller: Caller, claims: Claims, service: EarlierService): Caller {
  const foreign = ['owner', 'actions', 'epoch'].find((name) => claims[name] !== undefined);
  if (foreign !== undefined)
    throw new CredentialRefusal(
      'invalid',
      `with the claim "${foreign}" it needs permissions and exp`,
    );
  const { channel_id: channel, permissions } = claims;
  const ofToken = readPlatforms(claims, service);
  const accounts = readAccounts(claims, channel);
  const isAllowed =
    permissions === undefined ||
    (Array.isArray(permissions) && permissions.includes('execute_actions'));
  const allowed = isAllowed ? AS_BEFORE : new Set<string>();
  return caller.narrow({ permissions: allowed, platforms: ofToken, accounts });
}

function readPlatforms(claims: Claims, service: EarlierService): ReadonlySet<string> | undefined {
  if (typeof claims['channel_id'] === 'string') return new Set(['youtube']);
  const named = readNames(claims, 'platforms');
  if (named) return named;
  // The earlier Discord service gave them to every client.
  if (claims['client_id'] !== undefined) return new Set(['discord']);
  return service === 'any' ? undefined : new Set([service]);
}

function readAccounts(claims: Claims, channel: unknown): ReadonlySet<string> | undefined {
  if (channel !== undefined && channel !== null) {
    if (typeof channel === 'string' && channel !== '') return new Set([channel]);
    throw new CredentialRefusal('invalid', 'the claim "channel_id" must be a text');
  }
  return readNames(claims, 'accounts');
}

/** A narrowing claim of a wrong form must never widen the token. */
function readNames(claims: Claims, claim: string): ReadonlySet<string> | undefined {
  const value = claims[claim];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return new Set(value);
  throw new CredentialRefusal('invalid', `the claim "${claim}" must be a list of texts`);
}
