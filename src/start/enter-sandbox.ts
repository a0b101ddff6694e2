import type { Config } from '../config/config.js';
import { aimAtNamedSandbox, aimAtSandbox, findNamedSandbox } from './aim-at-sandbox.js';
import { connectSandboxAccounts, type SandboxRooms } from './demo-accounts.js';
import { loadSimulations } from './load-simulations.js';
import { shareSandbox } from './shared-sandbox.js';

/** A gateway whose platforms are simulated. */
export interface SandboxMode {
  /** With the platforms of the sandbox in the place of the real ones. */
  readonly config: Config;
  /** Connects the accounts if this gateway serves the sandbox, now and after each restart of it. */
  connectAccounts(rooms: SandboxRooms): Promise<void>;
  close(): Promise<void>;
}

/** Enters the sandbox that the address of a platform names, or the one that all gateways on the database share. */
export async function enterSandbox(
  config: Config,
  databaseUrl: string,
  log: (line: string) => void,
): Promise<SandboxMode> {
  const named = findNamedSandbox(config);
  if (named !== undefined)
    return {
      config: aimAtNamedSandbox(config, named),
      connectAccounts: connectSandboxAccounts,
      close: async () => undefined,
    };
  let connect: (() => Promise<void>) | undefined;
  const shared = await shareSandbox({
    databaseUrl,
    log,
    simulations: await loadSimulations(config.platforms.map(({ declaration }) => declaration)),
    onTakenOver: async () => connect?.(),
  });
  return {
    config: aimAtSandbox(config, shared.url),
    async connectAccounts(rooms) {
      connect = () => connectSandboxAccounts(rooms);
      if (shared.isServed) await connect();
    },
    close: () => shared.close(),
  };
}
