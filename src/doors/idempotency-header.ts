import { refuse } from '../actions/door-refusal.js';
import { isObject } from '../actions/json.js';

/**
 * An envelope with the key of the Idempotency-Key header, which names the same as its idempotency_key.
 * @throws DoorRefusal for two that differ
 */
export function withKey(envelope: unknown, key: string | undefined): unknown {
  if (key === undefined || !isObject(envelope)) return envelope;
  const own = envelope['idempotency_key'];
  if (own !== undefined && own !== '' && own !== key) {
    throw refuse.malformed(
      'idempotency_key and the Idempotency-Key header differ: send one of them',
    );
  }
  return { ...envelope, idempotency_key: key };
}
