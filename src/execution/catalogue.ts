import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Action, ActionContext } from '../actions/action.js';
import { ActionFailure } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import { findNearestName, suggestName } from '../actions/nearest-name.js';
import { type Choices, isPlatformAdapter, type Platform } from '../actions/platform.js';
import { Flags, type FlagSubject, nameSwitches } from '../safeguards/flags.js';
import { findChoiceFaults, offerChoices } from './choices.js';
import { rehearse } from './rehearsal.js';

/** An action together with the platform it belongs to. */
export interface CataloguedAction {
  readonly platform: Platform;
  readonly action: Action;
}

/** The description of an action for tools, forms and readers. */
export interface ActionDescription {
  readonly platform: string;
  readonly action_type: string;
  readonly group: string;
  readonly summary: string;
  readonly docs_url: string;
  readonly effect: string;
  /** Whether it takes away or changes what is there, rather than only adding to it. */
  readonly destructive: boolean;
  readonly repeatable: boolean;
  /** Whether another account than the owner of the channel may act. */
  readonly takes_actor: boolean;
  readonly scopes: readonly string[];
  /** Permissions that the account needs at the platform, beside scopes. */
  readonly permissions: readonly string[];
  readonly enabled: boolean;
  readonly input_schema: Readonly<Record<string, unknown>>;
  readonly output_schema: Readonly<Record<string, unknown>>;
  readonly example: { readonly input: object; readonly output: object };
  /** Reads whose items a person may choose the values of parameters from, by parameter. */
  readonly choices: Readonly<Record<string, Choices>>;
}

/** All actions of the gateway, found by discovery and checked before it accepts requests. */
@Injectable()
export class Catalogue implements OnModuleInit {
  readonly #logger = new Logger(Catalogue.name);
  readonly #platforms = new Map<string, Platform>();
  readonly #actions = new Map<string, CataloguedAction>();
  /** Types on any platform: for most envelopes a look at the type is enough. */
  readonly #longTypes = new Set<unknown>();
  readonly #settlingTypes = new Set<unknown>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly flags: Flags,
  ) {}

  async onModuleInit(): Promise<void> {
    const found = this.discovery
      .getProviders()
      .filter(
        ({ instance, metatype }) =>
          instance && isPlatformAdapter((instance as object).constructor ?? metatype),
      )
      .map(({ instance }) => instance as Platform);
    await this.take([...new Set(found)]);
    const subjects = this.list().map(({ platform, action }) => aboutFlag(platform, action));
    this.flags.learn(subjects);
    const known = subjects.flatMap(nameSwitches);
    for (const name of this.flags.listUnknown(subjects)) {
      this.#logger.warn(`${name} switches nothing.${suggestName(name, known)}`);
    }
  }

  /** All platforms. */
  get platforms(): readonly Platform[] {
    return [...this.#platforms.values()];
  }

  /** Registers platforms. @throws Error with every fault and how to mend it */
  async take(platforms: readonly Platform[]): Promise<void> {
    const faults: string[] = [];
    for (const platform of platforms) {
      if (this.#platforms.has(platform.name)) {
        faults.push(`Two platforms are called "${platform.name}": rename one of them`);
        continue;
      }
      this.#platforms.set(platform.name, platform);
      for (const action of platform.actions) {
        const name = nameOf({ platform, action });
        if (this.#actions.has(name)) {
          faults.push(`Two actions are called "${name}": give one of them another type`);
          continue;
        }
        this.#actions.set(name, { platform, action });
        if (action.takesLong) this.#longTypes.add(action.type);
        if (action.settlesForMs > 0) this.#settlingTypes.add(action.type);
        faults.push(...(await findFaults(platform, action)));
      }
      faults.push(...findChoiceFaults(platform));
    }
    if (faults.length > 0) {
      throw new Error(
        `The catalogue cannot open:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
      );
    }
  }

  /** @throws ActionFailure UNKNOWN_ACTION with the nearest name */
  get(platformName: string, type: string): CataloguedAction {
    const platform = this.platform(platformName);
    const found = this.#actions.get(`${platformName}.${type}`);
    if (found) return found;
    const types = platform.actions.map((action) => action.type);
    const nearest = findNearestName(type, types);
    throw new ActionFailure(
      'UNKNOWN_ACTION',
      `Unknown action type: ${cut(type)}.${nearest ? ` Did you mean "${nearest}"?` : ` ${platform.title} has: ${types.join(', ')}`}`,
    );
  }

  /** @throws ActionFailure UNKNOWN_ACTION with the nearest name */
  platform(name: string): Platform {
    const platform = this.#platforms.get(name);
    if (platform) return platform;
    const names = [...this.#platforms.keys()];
    throw new ActionFailure(
      'UNKNOWN_ACTION',
      `Unknown platform: ${cut(name)}.${suggestName(name, names) || ` Known: ${names.join(', ')}`}`,
    );
  }

  findAction(platformName: unknown, type: unknown): Action | undefined {
    return this.#actions.get(`${String(platformName)}.${String(type)}`)?.action;
  }

  find(platformName: string): Platform | undefined {
    return this.#platforms.get(platformName);
  }

  /** Milliseconds after the caller's time in which the action of an envelope may look for its effect. */
  findSettlingMs(raw: unknown): number {
    if (!isObject(raw) || !this.#settlingTypes.has(raw['action_type'])) return 0;
    return this.findAction(raw['platform'], raw['action_type'])?.settlesForMs ?? 0;
  }

  /** Whether the action of an envelope takes long. The envelope is not validated yet. */
  takesLong(raw: unknown): boolean {
    if (!isObject(raw) || !this.#longTypes.has(raw['action_type'])) return false;
    return this.findAction(raw['platform'], raw['action_type'])?.takesLong ?? false;
  }

  list(): readonly CataloguedAction[] {
    return [...this.#actions.values()];
  }

  /** Expands names of platforms, groups and actions to the names of actions. */
  expandActions(names: ReadonlySet<string>): ReadonlySet<string> {
    return new Set(
      this.list().flatMap(({ platform: { name }, action: { group, type } }) =>
        [name, `${name}.${group}`, `${name}.${type}`].some((known) => names.has(known))
          ? [`${name}.${type}`]
          : [],
      ),
    );
  }

  /** Descriptions of all actions, of one platform's, or of one. @throws ActionFailure UNKNOWN_ACTION */
  describe(platformName?: string, type?: string): ActionDescription[] {
    if (platformName && type) return [this.#describeOne(this.get(platformName, type))];
    const platform = platformName ? this.platform(platformName) : undefined;
    return this.list()
      .filter((entry) => platform === undefined || entry.platform === platform)
      .map((entry) => this.#describeOne(entry));
  }

  #describeOne({ platform, action }: CataloguedAction): ActionDescription {
    return {
      platform: platform.name,
      action_type: action.type,
      group: action.group,
      summary: action.summary,
      docs_url: action.docs,
      effect: action.effect,
      destructive: action.destructive,
      repeatable: action.repeatable,
      takes_actor: action.actsAs === 'actor',
      scopes: action.scopes,
      permissions: action.permissions,
      enabled: this.flags.isOn(aboutFlag(platform, action)),
      input_schema: action.inputSchema,
      output_schema: action.outputSchema,
      example: { input: action.example.input, output: action.example.output },
      choices: offerChoices(platform, action),
    };
  }
}

function cut(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name || '(empty)';
}

function aboutFlag({ name }: Platform, { group, type }: Action): FlagSubject {
  return { platform: name, group, type };
}

/** The full name of an action, such as `twitch.chat_message`. */
export function nameOf({ platform, action }: CataloguedAction): string {
  return `${platform.name}.${action.type}`;
}

const EXAMPLE: ActionContext = { actionId: '1', account: { id: '1' }, actor: { id: '1' } };

/** The faults of a declaration, as sentences that say how to mend them. */
async function findFaults(platform: Platform, action: Action): Promise<string[]> {
  const name = nameOf({ platform, action });
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9_]*$/.test(action.type)) {
    faults.push(`${name}: the type must be snake_case, such as chat_message`);
  }
  if (!Object.hasOwn(platform.groups, action.group)) {
    const groups = Object.keys(platform.groups);
    faults.push(
      `${name}: unknown group "${action.group}".${suggestName(action.group, groups)} Take one of ${groups.join(', ')}, or add it to the platform's groups`,
    );
  }
  if (Object.keys((action.outputSchema['properties'] as object | undefined) ?? {}).length === 0) {
    faults.push(
      `${name}: the output class declares no field; say with field decorators what a caller gets back`,
    );
  }
  if (Object.hasOwn(platform.groups, action.type)) {
    faults.push(
      `${name}: a group is called the same, and one flag would mean both; rename one of them`,
    );
  }
  let input: object | undefined;
  try {
    input = action.parse(action.example.input, EXAMPLE);
  } catch (error) {
    faults.push(
      `${name}: its own example is refused (${(error as Error).message}); mend the example or the fields`,
    );
  }
  for (const { field, message } of action.findOutputFaults(action.example.output)) {
    faults.push(
      `${name}: the output of its example does not fit, ${field} ${message}; mend the example or the output class`,
    );
  }
  if (input && !action.unsupported) {
    try {
      await rehearse(platform, action, input, EXAMPLE);
    } catch (error) {
      faults.push(`${name}: its example cannot be rehearsed (${(error as Error).message})`);
    }
  }
  return faults;
}
