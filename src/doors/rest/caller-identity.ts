import type { Caller } from '../../callers/caller.js';
import { POLICY } from './caller-schemas.js';
import { defineObject, type Members, MOMENT, TEXT, TEXTS } from '../door/schema.js';

/** Who asks, and what it may do, as the gateway has it now. */
export interface WhoAmI {
  readonly id: string;
  readonly identity: string;
  readonly kind: Caller['kind'];
  readonly owner: string;
  readonly permissions: readonly string[];
  readonly platforms: readonly string[] | null;
  readonly accounts: readonly string[] | null;
  readonly actions: readonly string[] | null;
  readonly requests_per_minute: number | null;
  readonly policy: Caller['policy'] | null;
  readonly expires_at: string | null;
}

const BOUND = { type: ['array', 'null'], items: TEXT } as const;

/** The members of a caller, for those that add to them. */
export const whoAmIMembers: Members<WhoAmI> = {
  id: { ...TEXT, description: 'The name of the caller' },
  identity: { ...TEXT, description: 'Its id for good, which no other caller ever has' },
  kind: {
    type: 'string',
    enum: ['service', 'key', 'trusted', 'earlier', 'media'] satisfies Caller['kind'][],
    description:
      'A `service` has a token of a root key, a `key` caller a key of its own; the others are callers of earlier services',
  },
  owner: { ...TEXT, description: 'Its tenant; empty for the operator of the gateway' },
  permissions: TEXTS,
  platforms: { ...BOUND, description: 'Only these; null for all' },
  accounts: { ...BOUND, description: 'Only these account and actor ids; null for all' },
  actions: { ...BOUND, description: 'Only these actions, groups expanded; null for all' },
  requests_per_minute: {
    type: ['integer', 'null'],
    description: 'Null for CALLER_REQUESTS_PER_MINUTE',
  },
  policy: POLICY,
  expires_at: { ...MOMENT, description: 'When its right ends; null for never' },
};

export const WHO_AM_I = defineObject<WhoAmI>(
  'WhoAmI',
  whoAmIMembers,
  [],
  'A caller as it asks now',
);

/** A caller in the form of the contract. */
export function describeCaller(caller: Caller): WhoAmI {
  return {
    id: caller.name,
    identity: caller.identity,
    kind: caller.kind,
    owner: caller.owner ?? '',
    permissions: [...caller.permissions],
    platforms: listNames(caller.platforms),
    accounts: listNames(caller.accounts),
    actions: listNames(caller.actions),
    requests_per_minute: caller.requestsPerMinute ?? null,
    policy: caller.policy ?? null,
    expires_at: caller.endsAt === undefined ? null : new Date(caller.endsAt).toISOString(),
  };
}

function listNames(names: ReadonlySet<string> | undefined): readonly string[] | null {
  return names ? [...names] : null;
}
