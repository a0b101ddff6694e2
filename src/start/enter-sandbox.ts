import type { Config } from '../config/config.js';
import {
  aimAtSandbox,
  connectSandboxAccounts,
  isSandboxNamed,
  type SandboxRooms,
} from './first-steps.js';
import { shareSandbox } from './shared-sandbox.js';

/** A gateway whose platforms are simulated. */
export interface SandboxMode {
  /** With the platforms of the sandbox in the place of the real ones. */
  readonly config: Config;
  /** Connects the accounts, where this gateway serves the sandbox, now and whenever it begins anew. */
  connectAccounts(rooms: SandboxRooms): Promise<void>;
  close(): Promise<void>;
}

/** Enters the sandbox that TWITCH_API_URL names, or the one that all gateways on the database share. */
export async function enterSandbox(
  config: Config,
  databaseUrl: string,
  log: (line: string) => void,
): Promise<SandboxMode> {
  if (isSandboxNamed(config))
    return {
      config: aimAtSandbox(config),
      connectAccounts: connectSandboxAccounts,
      close: async () => undefined,
    };
  let connect: (() => Promise<void>) | undefined;
  const shared = await shareSandbox({ databaseUrl, log, onTakenOver: async () => connect?.() });
  return {
    config: aimAtSandbox(config, shared.url),
    async connectAccounts(rooms) {
      connect = () => connectSandboxAccounts(rooms);
      if (shared.isServed) await connect();
    },
    close: () => shared.close(),
  };
}
