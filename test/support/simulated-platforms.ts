import type { BotSettings, GoogleSettings, PlatformSettings } from '../../src/actions/platform.js';
import { PLATFORMS } from '../../src/platforms/platforms.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.js';
import { loadSimulations } from '../../src/start/load-simulations.js';

/** A sandbox with every platform, and where each of them is. */
export interface SimulatedPlatforms extends Sandbox {
  readonly twitch: PlatformSettings;
  readonly discord: BotSettings;
  readonly youtube: GoogleSettings;
}

/** Starts a sandbox with every platform of the gateway. */
export async function startSimulatedPlatforms(
  options: Omit<SandboxOptions, 'simulations'> = {},
): Promise<SimulatedPlatforms> {
  const simulations = await loadSimulations(PLATFORMS);
  const sandbox = await startSandbox({ simulations, ...options });
  const describe = (wanted: string) =>
    PLATFORMS.find(({ name }) => name === wanted)?.sandbox?.describe(sandbox.url);
  return {
    ...sandbox,
    twitch: describe('twitch') as PlatformSettings,
    discord: describe('discord') as BotSettings,
    youtube: describe('youtube') as GoogleSettings,
  };
}
