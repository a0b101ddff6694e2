import { Controller, Inject } from '@nestjs/common';
import { ConnectLinks, type ConnectLink, LINK_STATES } from '../../accounts/connect-links.js';
import { refuse } from '../../actions/door-refusal.js';
import { Id, Integer, List, Text } from '../../actions/fields.js';
import type { Caller } from '../../callers/caller.js';
import { CONFIG, type Config, readPublicUrl } from '../../config/config.js';
import { Consents } from '../consents.js';
import { Uuid } from '../door/fields.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, MOMENT, TEXT, TIME, UUID_TEXT } from '../door/schema.js';
import { PageCursors } from '../page-cursors.js';
import { ReturnAddresses } from '../return-addresses.js';

const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 30 * 86_400;
const ONE_DAY = 86_400;
const CURSOR_LIST = 'invitations';

class InvitationPath {
  @Uuid('As the answer that made it gave it')
  id!: string;
}

class ListInvitations {
  @Text('Goes on where a list ended, with its `next_cursor`', { optional: true, max: 64 })
  cursor?: string;

  @Integer('How many at most', { min: 1, max: 100, default: 50 })
  limit!: number;
}

class CreateInvitation {
  @Text('Name of the platform', { max: 64, example: 'twitch' })
  platform!: string;

  @Id('The account that is expected; left out, whichever the person chooses', { optional: true })
  account_id?: string;

  @List('Groups of actions that it is to carry out; left out, all of the platform', {
    optional: true,
    minItems: 1,
    maxItems: 50,
    maxLength: 64,
  })
  groups?: string[];

  @Integer('Seconds for which the link is good', {
    min: SHORTEST_SECONDS,
    max: LONGEST_SECONDS,
    default: ONE_DAY,
  })
  expires_in!: number;

  @Text(
    'Where the person is sent in the end, with `invitation` and `state` behind it: a path of this gateway, or an address at an origin of CONNECT_RETURN_ORIGINS',
    { optional: true, max: 2_048, example: '/console/accounts' },
  )
  return_to?: string;
}

/** An invitation as callers see it. */
interface Invitation {
  readonly id: string;
  readonly platform: string;
  readonly account_id: string | null;
  readonly groups: readonly string[] | null;
  readonly url: string | null;
  readonly state: ConnectLink['state'];
  readonly error: string;
  readonly return_to: string | null;
  readonly created_at: Date;
  readonly opened_at: Date | null;
  readonly settled_at: Date | null;
  readonly expires_at: Date;
}

interface InvitationPage {
  readonly invitations: readonly Invitation[];
  readonly next_cursor: string;
}

const INVITATION = defineObject<Invitation>(
  'Invitation',
  {
    id: UUID_TEXT,
    platform: TEXT,
    account_id: {
      type: ['string', 'null'],
      description: 'The account that is connected, or the one that is expected',
    },
    groups: { type: ['array', 'null'], items: TEXT },
    url: {
      type: ['string', 'null'],
      format: 'uri',
      description: 'What the person opens; told once, when it is made',
    },
    state: {
      type: 'string',
      enum: [...LINK_STATES],
      description: 'A `failed` one may be opened again until it expires',
    },
    error: { ...TEXT, description: 'Why it failed, for people' },
    return_to: { type: ['string', 'null'] },
    created_at: TIME,
    opened_at: MOMENT,
    settled_at: MOMENT,
    expires_at: TIME,
  },
  [],
  'A link by which the owner of an account connects it, without a login at the gateway',
);

const INVITATION_PAGE = defineObject<InvitationPage>('Invitations', {
  invitations: { type: 'array', items: INVITATION },
  next_cursor: { ...TEXT, description: 'Empty at the end' },
});

type OneInvitation = RouteRequest<{ params: InvitationPath }>;

/** Links that are sent to the owners of accounts. */
@Controller()
export class InvitationsController {
  constructor(
    private readonly links: ConnectLinks,
    private readonly consents: Consents,
    private readonly addresses: ReturnAddresses,
    private readonly cursors: PageCursors,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route({
    method: 'POST',
    path: '/api/v1/oauth/invitations',
    tag: 'Accounts',
    summary: 'Make a link by which the owner of an account connects it',
    description:
      'The owner needs no login at the gateway. The link is good for one account, and may be opened again until then. It connects within the bounds that the caller has when it is used.',
    needs: ['manage_accounts'],
    body: CreateInvitation,
    example: { platform: 'twitch', groups: ['chat'], expires_in: 86_400 },
    answers: { 201: json('The link', INVITATION) },
    refuses: [404],
  })
  async createInvitation({
    caller,
    body: { platform: name, account_id, groups, expires_in, return_to },
  }: RouteRequest<{ body: CreateInvitation }>): Promise<Invitation> {
    const platform = await this.consents.require(caller, name, { account_id, groups });
    const returnTo = return_to === undefined ? undefined : this.addresses.require(return_to);
    const { link, secret } = await this.links.create(
      { platform: platform.name, accountId: account_id, groups, expiresIn: expires_in, returnTo },
      caller,
    );
    return describeLink(link, `${readPublicUrl(this.config)}/oauth/invitations/${secret}`);
  }

  @Route({
    method: 'GET',
    path: '/api/v1/oauth/invitations',
    tag: 'Accounts',
    summary: 'List the links within reach, the latest first',
    needs: ['manage_accounts'],
    query: ListInvitations,
    answers: { 200: json('The links', INVITATION_PAGE) },
  })
  async listInvitations({
    caller,
    query: { cursor, limit },
  }: RouteRequest<{ query: ListInvitations }>): Promise<InvitationPage> {
    const before = cursor && this.cursors.read(cursor, CURSOR_LIST);
    const links = await this.links.list(caller, before, limit);
    const last = links.length < limit ? undefined : links.at(-1);
    return {
      invitations: links.map((link) => describeLink(link)),
      next_cursor: last ? this.cursors.write(last.id, CURSOR_LIST) : '',
    };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/oauth/invitations/:id',
    tag: 'Accounts',
    summary: 'Tell what became of a link',
    needs: ['manage_accounts'],
    params: InvitationPath,
    answers: { 200: json('The link', INVITATION) },
  })
  async getInvitation({ caller, params: { id } }: OneInvitation): Promise<Invitation> {
    return describeLink(await this.#require(id, caller));
  }

  @Route({
    method: 'DELETE',
    path: '/api/v1/oauth/invitations/:id',
    tag: 'Accounts',
    summary: 'Revoke a link',
    needs: ['manage_accounts'],
    params: InvitationPath,
    answers: { 200: json('The link as it is now', INVITATION) },
    refuses: [409],
  })
  async revokeInvitation({ caller, params: { id } }: OneInvitation): Promise<Invitation> {
    await this.#require(id, caller);
    const isRevoked = await this.links.revoke(id, caller);
    const link = await this.#require(id, caller);
    if (isRevoked || link.state === 'revoked') return describeLink(link);
    throw refuse.conflict(
      `Only a link that is not used yet can be revoked; this one is ${link.state}, or is being used at this moment`,
    );
  }

  async #require(id: string, caller: Caller): Promise<ConnectLink> {
    const link = await this.links.find(id, caller);
    if (link) return link;
    throw refuse.notFound(`No invitation ${id} within the reach of this caller is known`);
  }
}

function describeLink(link: ConnectLink, url: string | null = null): Invitation {
  return {
    id: link.id,
    platform: link.platform,
    account_id: link.accountId,
    groups: link.groups,
    url,
    state: link.state,
    error: link.error,
    return_to: link.returnTo,
    created_at: link.createdAt,
    opened_at: link.openedAt,
    settled_at: link.settledAt,
    expires_at: link.expiresAt,
  };
}
