import type { BucketView } from './bucket.js';

const MINUTE_MS = 60_000;

/** What replicas have taken together of a caller's requests in a minute. */
export interface AllowanceState {
  readonly kind: 'allowance';
  readonly perMinute: number;
  readonly minute: number;
  readonly used: number;
}

/** Takes up to so many requests for a replica, of those that are left in the minute. */
export function grantAllowance(
  state: AllowanceState | undefined,
  { perMinute, wanted }: { readonly perMinute: number; readonly wanted: number },
  now: number,
): { state: AllowanceState; granted: number; left: number; endsInMs: number } {
  const minute = Math.floor(now / MINUTE_MS);
  const used = state?.minute === minute ? state.used : 0;
  const granted = Math.max(0, Math.min(wanted, perMinute - used));
  return {
    state: { kind: 'allowance', perMinute, minute, used: used + granted },
    granted,
    left: Math.max(0, perMinute - used - granted),
    endsInMs: (minute + 1) * MINUTE_MS - now,
  };
}

export function describeAllowance(
  { perMinute, minute, used }: AllowanceState,
  now: number,
): BucketView {
  const endsAt = (minute + 1) * MINUTE_MS;
  const counted = now < endsAt ? Math.min(used, perMinute) : 0;
  return {
    limit: perMinute,
    used: counted,
    left: perMinute - counted,
    resetInMs: Math.max(0, endsAt - now),
  };
}

export function countAllowanceUntil({ minute }: AllowanceState): number {
  return (minute + 1) * MINUTE_MS;
}
