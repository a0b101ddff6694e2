import { createHash } from 'node:crypto';
import { v7 as makeUuid } from 'uuid';
import { Caller, type CallerFields } from './caller.js';

/**
 * Identities, so that no two callers ever share one:
 *
 * - a service without a tenant: its name, such as `dashboard`; a name that another kind could have, or
 *   that an older caller with a key or a trusted caller holds, is written `service:<name>`
 * - a service of a tenant: `tenant:<owner>:<the same>`
 * - a caller with a key: `caller-<uuid>`, a new one for each; one made before release 0.2 keeps its name
 * - an entry of PREDECESSOR_TRUST: `trust:<name>`; one that is older than release 0.2 keeps its name
 * - a token of an earlier service: `old:<name>`
 * - the holder of MEDIA_API_KEY: `media`
 */
const KEY_CALLER = /^caller-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RESERVED = /^(?:service|tenant|trust|old|name):/;
const LONGEST = 255;
/** What a column of text keeps as it is. */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;

const MEDIA_KEY_HOLDER = 'media';

/** The id of a new caller with a key. It is in its key, so its form is one that old releases read too. */
export function makeKeyCallerId(): string {
  return `caller-${makeUuid()}`;
}

/** Whether a text is the id of a caller with a key. */
export function isKeyCallerId(text: string): boolean {
  return KEY_CALLER.test(text);
}

/** Whether a name may be given to a tenant: it is stored in columns of text and compared there. */
export function isTenantName(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && text.length <= LONGEST && PLAIN.test(text);
}

/** Tells whether a name stands for an older caller with a key, or an older trusted caller. */
export type IsHeld = (name: string, owner: string) => boolean;

/** Id, identity and label of a service that signs with a root key. */
export function identifyService(
  name: string,
  owner: string | undefined,
  isHeld: IsHeld,
): Pick<CallerFields, 'id' | 'identity' | 'name'> {
  const isTaken =
    name === MEDIA_KEY_HOLDER ||
    RESERVED.test(name) ||
    isKeyCallerId(name) ||
    isHeld(name, owner ?? '');
  const id = isTaken || !isStored(name) ? `service:${shorten(name)}` : name;
  return {
    id,
    identity: owner === undefined ? id : identifyInTenant(id, owner),
    name: makeLabel(name),
  };
}

/** The identity of a service of a tenant, from its id within the tenant. */
export function identifyInTenant(id: string, owner: string): string {
  return `tenant:${escapeColon(owner)}:${id}`;
}

/** The parts of `identifyInTenant`; undefined for any other text. */
export function splitTenantIdentity(text: string): { id: string; owner: string } | undefined {
  const [, owner, id] = /^tenant:([^:]+):(.+)$/s.exec(text) ?? [];
  if (owner === undefined || id === undefined) return undefined;
  return { id, owner: owner.replaceAll('%3A', ':').replaceAll('%25', '%') };
}

/** Id and label of the holder of an earlier service's token. */
export function identifyEarlier(name: string): Pick<CallerFields, 'id' | 'name'> {
  return { id: `old:${shorten(name)}`, name: makeLabel(`old:${name}`) };
}

/** The holder of MEDIA_API_KEY. */
export function makeMediaKeyHolder(): Caller {
  return new Caller({
    kind: 'media',
    id: MEDIA_KEY_HOLDER,
    permissions: new Set(['execute_actions']),
  });
}

/** The name in an identity that says its own name; a caller with a key is named by its row. */
export function readLabel(identity: string): string {
  const within = identity.replace(/^tenant:[^:]*:/, '');
  return within.replace(/^(?:service|trust):/, '');
}

/** Every id within a tenant that a name may stand for, besides those of callers with keys. */
export function listIdsNamed(name: string): readonly string[] {
  return [name, `service:${name}`, `trust:${name}`];
}

/** A name too long for its column, or with characters that are not stored, is replaced by its hash. */
function shorten(name: string): string {
  if (isStored(name)) return name;
  return `~${createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('base64url')}`;
}

function isStored(name: string): boolean {
  return name.length <= LONGEST && PLAIN.test(name);
}

function makeLabel(name: string): string {
  return name
    .slice(0, LONGEST)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '?');
}

function escapeColon(text: string): string {
  return text.replaceAll('%', '%25').replaceAll(':', '%3A');
}
