import { Controller, Inject } from '@nestjs/common';
import { joinScopes } from '../../actions/action.js';
import type { Platform } from '../../actions/platform.js';
import { CONFIG, type Config, readRedirectUri } from '../../config/config.js';
import { BREAKER_STATES, Breakers, type BreakerState } from '../../execution/breakers.js';
import { Catalogue } from '../../execution/catalogue.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, defineSchema, describeList, TEXT, TEXTS, WHOLE } from '../door/schema.js';

/** A group of actions of a platform, as a person chooses what an account shall do. */
interface GroupReport {
  readonly name: string;
  readonly summary: string;
  readonly actions: number;
  /** What the platform asks a person for, so that all its actions can be carried out. */
  readonly scopes: readonly string[];
  /** The same for bots. */
  readonly permissions: readonly string[];
}

/** A platform as an admin sets it up. */
interface PlatformReport {
  readonly platform: string;
  readonly title: string;
  readonly state: 'ready' | 'off';
  /** Variables of the environment that have to be set. */
  readonly missing: readonly string[];
  readonly what_to_do: string;
  readonly connects: 'account' | 'bot' | null;
  /** Further variables, without which people connect nothing in the browser. */
  readonly missing_to_connect: readonly string[];
  readonly redirect_uri: string | null;
  readonly default_account: string | null;
  readonly cost_unit: string;
  readonly breaker: BreakerState;
  readonly groups: readonly GroupReport[];
}

const GROUP = defineObject<GroupReport>('PlatformGroup', {
  name: TEXT,
  summary: { ...TEXT, description: 'What is in it, for people' },
  actions: { ...WHOLE, description: 'How many' },
  scopes: { ...TEXTS, description: 'OAuth scopes that its actions need together' },
  permissions: { ...TEXTS, description: 'Permissions of a bot that its actions need together' },
});

const PLATFORM = defineObject<PlatformReport>('Platform', {
  platform: TEXT,
  title: { ...TEXT, description: 'Its name, for people' },
  state: {
    type: 'string',
    enum: ['ready', 'off'],
    description: '`off`: variables of the environment are missing',
  },
  missing: { ...TEXTS, description: 'Those variables' },
  what_to_do: { ...TEXT, description: 'How to get them; empty where none is missing' },
  connects: {
    type: ['string', 'null'],
    enum: ['account', 'bot', null],
    description: 'What a person connects in the browser: an account, or a bot to a server',
  },
  missing_to_connect: {
    ...TEXTS,
    description: 'Further variables, without which people connect nothing in the browser',
  },
  redirect_uri: {
    type: ['string', 'null'],
    description: 'The address to register with the platform; null where people connect nothing',
  },
  default_account: {
    type: ['string', 'null'],
    description: 'The account that acts when an envelope names none',
  },
  cost_unit: { ...TEXT, description: 'What its calls cost, such as points' },
  breaker: {
    type: 'string',
    enum: [...BREAKER_STATES],
    description:
      'Of the replica that answers. `open`: nothing is sent; `half_open`: one request at a time tries whether it is back',
  },
  groups: { type: 'array', items: GROUP },
});

const PLATFORM_LIST = defineSchema<{ platforms: PlatformReport[] }>(
  'PlatformList',
  describeList('platforms', PLATFORM),
);

/** The platforms, as an admin sets them up and connects accounts. */
@Controller()
export class PlatformsController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly breakers: Breakers,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/platforms',
    tag: 'Catalogue',
    summary: 'List the platforms within reach: what is missing, what to register, what to ask for',
    needs: 'caller',
    answers: { 200: json('The platforms', PLATFORM_LIST) },
  })
  listPlatforms({ caller }: RouteRequest): { platforms: PlatformReport[] } {
    const platforms = this.catalogue.platforms
      .filter(({ name }) => caller.reachesAccount({ platform: name }))
      .map((platform) => this.#report(platform));
    return { platforms };
  }

  #report(platform: Platform): PlatformReport {
    const { name, title, defaultAccount, costUnit, inviting, oauth } = platform;
    const own = platform.ownCredential?.(defaultAccount ?? '');
    const missing = own && 'missing' in own ? own.missing : [];
    const found = this.config.platforms.find(({ declaration }) => declaration.name === name);
    const account = oauth?.connecting ? 'account' : null;
    const connects = inviting ? 'bot' : account;
    return {
      platform: name,
      title,
      state: missing.length > 0 ? 'off' : 'ready',
      missing,
      what_to_do: missing.length > 0 ? (found?.declaration.howToGetCredentials ?? '') : '',
      connects,
      missing_to_connect: inviting?.missing.filter((variable) => !missing.includes(variable)) ?? [],
      redirect_uri: connects === null ? null : readRedirectUri(this.config, name),
      default_account: defaultAccount ?? null,
      cost_unit: costUnit,
      breaker: this.breakers.readState(name),
      groups: listGroups(platform),
    };
  }
}

function listGroups({ groups, actions }: Platform): GroupReport[] {
  return Object.entries(groups).map(([name, summary]) => {
    const own = actions.filter(({ group }) => group === name);
    return {
      name,
      summary,
      actions: own.length,
      scopes: [...joinScopes(own)].sort(),
      permissions: [...new Set(own.flatMap(({ permissions }) => permissions))].sort(),
    };
  });
}
