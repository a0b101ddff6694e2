import { eventually } from './eventually.js';
import type { GatewayProcess } from './gateway.js';

/** Reads one metric of a gateway as it is now, all its labels added up. */
export async function readMetric(
  { restUrl }: Pick<GatewayProcess, 'restUrl'>,
  name: string,
): Promise<number> {
  const answer = await fetch(`${restUrl}/metrics`);
  if (!answer.ok) throw new Error(`/metrics: ${answer.status} ${await answer.text()}`);
  const samples = (await answer.text()).matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'));
  return Array.from(samples, ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0);
}

/** Resolves when so many actions have arrived at a gateway and have not ended, those that wait for a turn included. */
export async function waitUntilRunning(
  gateway: Pick<GatewayProcess, 'restUrl'>,
  count: number,
): Promise<void> {
  await eventually(
    () => readMetric(gateway, 'gateway_actions_running'),
    (running) => running === count,
    { everyMs: 10 },
  );
}

/** Resolves when something has been the same for several looks: what can happen by itself has happened. */
export async function waitUntilStill<Seen>(look: () => Promise<Seen> | Seen): Promise<Seen> {
  let last: Seen | undefined;
  let looks = 0;
  return eventually(look, (seen) => {
    looks = seen === last ? looks + 1 : 0;
    last = seen;
    return looks >= STILL_LOOKS;
  });
}

const STILL_LOOKS = 6;
