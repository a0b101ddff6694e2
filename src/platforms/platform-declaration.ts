import type { FieldClass } from '../actions/fields.js';
import type { Platform, PlatformSettings } from '../actions/platform.js';
import type { Clock, PlatformSimulation } from '../sandbox/exchange.js';
import type { Revocations } from '../sandbox/revocations.js';

/** What a platform may tell others about this gateway, such as in a User-Agent header. */
interface GatewayIdentity {
  readonly version: string;
  /** PUBLIC_URL, or an address that leads nowhere. */
  readonly homepage: string;
}

/** The stored tokens of an account, for a sandbox that was started again. */
interface GrantToRestore {
  readonly accountId: string;
  /** Name of the account, for people; empty if unknown. */
  readonly login: string;
  /** Members of the request: `access_token`, `refresh_token`, `scopes`, `expires_in` (seconds). */
  readonly tokens: Readonly<Record<string, unknown>>;
}

/** A call of the sandbox's control API. */
export interface ControlCall {
  /** Below `/sandbox/<platform>/`, such as `grants`. */
  readonly name: string;
  readonly body: object;
}

/** How a platform is simulated, and who is there from the start. */
export interface SandboxDeclaration<Settings> {
  /** Loads the simulation, which production never needs. */
  loadSimulation(): Promise<(now: Clock, revocations: Revocations) => PlatformSimulation>;
  /**
   * The addresses and credentials of the simulation.
   * @param url of the sandbox, without a slash at its end
   */
  describe(url: string): Partial<Settings>;
  /** Accounts that are connected at the start: the control call `grants` gets the body. */
  readonly demoAccounts: readonly { readonly id: string; readonly grant: object }[];
  /** The account that `npm run call` takes if none is named. */
  readonly exampleAccount?: string;
  /** What a first start suggests to try. */
  readonly firstAction: { readonly type: string; readonly parameters: object };
  /** Lets the default bot into a server again, after the simulation was started again. */
  restoreInvite?(invite: {
    readonly guild_id: string;
    readonly permissions: readonly string[];
  }): ControlCall;
  /** Gives a grant back to a simulation that was started again. */
  restore(grant: GrantToRestore): ControlCall | undefined;
}

/**
 * Everything about a platform that the gateway has to know before it loads the platform's actions. A new
 * platform is a folder with such a declaration, and one line in `platforms.ts`.
 */
export interface PlatformDeclaration<
  Variables extends object = object,
  Settings extends PlatformSettings = PlatformSettings,
> {
  /** Lower case, as in envelopes. */
  readonly name: string;
  readonly title: string;
  /** Its environment variables: each field is one. */
  readonly variables: FieldClass<Variables>;
  /** The variables without which it cannot be used; with some of them and not all, the start is refused. */
  readonly credentials: readonly (keyof Variables & string)[];
  /** What to do about missing ones, such as "register an application with Twitch". */
  readonly howToGetCredentials: string;
  /** Faults of the variables beyond those of each by itself; not asked in the sandbox. */
  findFaults?(variables: Variables): readonly string[];
  readSettings(variables: Variables, gateway: GatewayIdentity): Settings;
  /** Loads the adapter with its actions. */
  load(settings: Settings): Promise<Platform>;
  readonly sandbox?: SandboxDeclaration<Settings>;
}

/** Checks the types of a declaration, and forgets them for the list of all platforms. */
export function declarePlatform<Variables extends object, Settings extends PlatformSettings>(
  declaration: PlatformDeclaration<Variables, Settings>,
): PlatformDeclaration {
  return declaration as unknown as PlatformDeclaration;
}
