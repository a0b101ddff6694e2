import type { PlatformSettings } from '../actions/platform.js';
import type { Config, ConfiguredPlatform } from '../config/config.js';
import { isOnLoopback } from '../config/listen-address.js';

/**
 * The sandbox that a platform's address on loopback names, for several gateways that share one; undefined if
 * none does.
 */
export function findNamedSandbox({ platforms }: Config): string | undefined {
  const named = platforms.find(
    ({ declaration, settings }) => declaration.sandbox && isOnLoopback(new URL(settings.apiUrl)),
  );
  return named && new URL(named.settings.apiUrl).origin;
}

/**
 * Points the platforms of a configuration at a sandbox that this gateway or another one serves.
 * @param url of the sandbox, without a slash at its end
 */
export function aimAtSandbox(config: Config, url: string): Config {
  return aim(config, url, (_given, own) => own);
}

/** Points the platforms at a sandbox that the configuration names; what else it names there stays. */
export function aimAtNamedSandbox(config: Config, url: string): Config {
  return aim(config, url, (given, own) => {
    const isAddress = own.startsWith('http');
    if (isAddress) return isOnLoopback(new URL(given)) ? given : own;
    return given || own;
  });
}

function aim(config: Config, url: string, choose: (given: string, own: string) => string): Config {
  const platforms = config.platforms.map((platform): ConfiguredPlatform => {
    const { declaration, settings } = platform;
    if (!declaration.sandbox) return platform;
    const given = settings as unknown as Readonly<Record<string, string>>;
    const own = Object.entries(declaration.sandbox.describe(url)) as [string, string][];
    const chosen = own.map(([name, value]) => [name, choose(given[name] ?? '', value)]);
    return {
      declaration,
      settings: { ...settings, ...(Object.fromEntries(chosen) as Partial<PlatformSettings>) },
    };
  });
  return { ...config, platforms, sandboxUrl: url };
}
