import { Caller, type CallerFields } from '../../src/callers/caller.js';
import type { Callers } from '../../src/callers/callers.js';

/** A caller of a root key with the permissions that a test needs. */
export function makeCaller(fields: Partial<CallerFields> = {}): Caller {
  return new Caller({ kind: 'service', id: 'test', permissions: new Set(), ...fields });
}

/** What the room of callers knows where there is no caller with a key. */
export const NO_KEY_CALLERS: Pick<
  Callers,
  'renew' | 'findById' | 'holdsName' | 'nameOf' | 'identityOf' | 'listIdsNamed'
> = {
  renew: (caller) => caller,
  findById: () => undefined,
  holdsName: () => false,
  nameOf: (identity) => identity,
  identityOf: (id) => id,
  listIdsNamed: () => [],
};
