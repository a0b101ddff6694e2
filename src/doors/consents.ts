import { Injectable } from '@nestjs/common';
import type { ConnectLink } from '../accounts/connect-links.js';
import { type Consent, Connections, requireConnecting } from '../accounts/connections.js';
import { Invitations, requireInviting } from '../accounts/invitations.js';
import { type Action, joinScopes } from '../actions/action.js';
import { refuse } from '../actions/door-refusal.js';
import type { Platform } from '../actions/platform.js';
import type { Caller } from '../callers/caller.js';
import { requireReach } from '../callers/permissions.js';
import { Catalogue } from '../execution/catalogue.js';
import { AccountAccess } from './account-access.js';
import type { Asked } from './pages/connect-page.js';

/** What a person is to be asked for. */
export interface ConsentRequest {
  readonly account_id?: string | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** Makes the addresses at which platforms ask people, within the reach of the caller that asks. */
@Injectable()
export class Consents {
  constructor(
    private readonly connections: Connections,
    private readonly invitations: Invitations,
    private readonly catalogue: Catalogue,
    private readonly access: AccountAccess,
  ) {}

  /** Looks whether a person could be asked. @throws DoorRefusal, ActionFailure as `begin` */
  async require(caller: Caller, platformName: string, given: ConsentRequest): Promise<Platform> {
    const platform = this.catalogue.platform(platformName);
    this.#chooseActions(platform, given);
    await this.#requireReach(caller, platform, given.account_id);
    if (platform.inviting) requireInviting(platform);
    else requireConnecting(platform, given.account_id);
    return platform;
  }

  /** What a link asks the owner of an account for. @throws as `require` */
  async describe(
    caller: Caller,
    { platform: name, accountId, groups }: Pick<ConnectLink, 'platform' | 'accountId' | 'groups'>,
  ): Promise<Asked> {
    const wanted = { account_id: accountId ?? undefined, groups: groups ?? undefined };
    const platform = await this.require(caller, name, wanted);
    const actions = this.#chooseActions(platform, wanted);
    const isBot = platform.inviting !== undefined;
    const grants = isBot ? actions.flatMap(({ permissions }) => permissions) : joinScopes(actions);
    return {
      platform: { title: platform.title, isBot },
      accountId,
      groups: Object.entries(platform.groups).flatMap(([group, summary]) => {
        const count = actions.filter((action) => action.group === group).length;
        return count === 0 ? [] : [{ summary, actions: count }];
      }),
      grants: [...new Set(grants)].toSorted(),
    };
  }

  /**
   * @param linkId the link that a person has opened for it
   * @throws DoorRefusal for what is out of reach; ActionFailure for a platform that is not set up
   */
  async begin(
    caller: Caller,
    platformName: string,
    given: ConsentRequest,
    linkId?: string,
  ): Promise<Consent> {
    const platform = this.catalogue.platform(platformName);
    const { account_id: accountId } = given;
    const actions = this.#chooseActions(platform, given);
    await this.#requireReach(caller, platform, accountId);
    if (platform.inviting) {
      const permissions = actions.flatMap((action) => action.permissions);
      return this.invitations.begin({ platform, caller, accountId, permissions, linkId });
    }
    const scopes = joinScopes(actions);
    return this.connections.begin({ platform, caller, accountId, scopes, linkId });
  }

  async #requireReach(
    caller: Caller,
    platform: Platform,
    accountId: string | undefined,
  ): Promise<void> {
    if (platform.inviting) {
      const botId = accountId ?? platform.defaultAccount;
      requireReach(caller, { platform: platform.name, accountId: botId });
      // A tenant lets its own bot into places, and no other tenant's.
      return this.access.requireOwn(caller, platform.name, botId ?? '');
    }
    requireReach(caller, { platform: platform.name, accountId });
    if (accountId !== undefined) await this.access.requireFree(caller, platform.name, accountId);
  }

  /** The actions that are to be carried out: those named, those of groups, or all. */
  #chooseActions(
    platform: Platform,
    { actions, group, groups = group === undefined ? undefined : [group] }: ConsentRequest,
  ): readonly Action[] {
    if (actions !== undefined && groups !== undefined)
      throw refuse.malformed('actions and group were both given: name one of them');
    const unknown = groups?.find((name) => !Object.hasOwn(platform.groups, name));
    if (unknown !== undefined) {
      throw refuse.malformed(
        `group must be one of ${Object.keys(platform.groups).join(', ')}, not "${unknown}"`,
      );
    }
    return (
      actions?.map((type) => this.catalogue.get(platform.name, type).action) ??
      platform.actions.filter((action) => groups === undefined || groups.includes(action.group))
    );
  }
}
