import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { ActionFailure } from '../actions/failures.js';
import type {
  Admission,
  Authorization,
  BotIdentity,
  Inviting,
  PlaceView,
  Platform,
} from '../actions/platform.js';
import { type PlatformAnswer, Transport, type WireRequest } from '../actions/wire.js';
import { describeEvent, INSERT_EVENT } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { Accounts } from './accounts.js';
import { BEGIN_AGAIN, ConnectFailure, describeAway } from './connect-failure.js';
import type { Consent } from './connections.js';
import {
  type AnsweredQuestion,
  type ConsentAnswer,
  ConsentStates,
  STATE_SECONDS,
} from './consent-states.js';

/** What a caller wants a person to be asked. */
export interface InviteRequest {
  readonly platform: Platform;
  readonly caller: Caller;
  /** The bot that is to be let in; undefined for the platform's default one. */
  readonly accountId: string | undefined;
  /** What the actions to be carried out need. */
  readonly permissions: readonly string[];
  /** The link by which the person came. */
  readonly linkId?: string | undefined;
}

/** A bot that a person let into a place just now. */
export interface Invited {
  readonly accountId: string;
  readonly bot: BotIdentity;
  readonly place: PlaceView;
  /** Asked for, and not granted. */
  readonly refusedPermissions: readonly string[];
  readonly person: Authorization['person'];
}

const PATIENCE_MS = 10_000;

/** Lets bots into places in the browser: a person is asked by the platform; the bot's token stays what it is. */
@Injectable()
export class Invitations {
  readonly #logger = new Logger(Invitations.name);

  constructor(
    private readonly states: ConsentStates,
    private readonly accounts: Accounts,
    private readonly database: Database,
    private readonly transport: Transport,
  ) {}

  /**
   * Makes the address at which the platform asks a person.
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED where the bot or the application is not known
   */
  async begin({
    platform,
    caller,
    accountId,
    permissions,
    linkId,
  }: InviteRequest): Promise<Consent> {
    const inviting = requireInviting(platform);
    await this.#findBotToken(platform, accountId);
    const wanted = inviting.completePermissions(permissions);
    const question = { platform, caller, accountId, wanted, usesPkce: false, linkId };
    const opened = await this.states.open(question);
    return {
      authorizationUrl: inviting.buildConsentUrl({ ...opened, permissions: wanted }),
      expiresIn: STATE_SECONDS,
    };
  }

  /**
   * Takes a person's answer, and looks whether the bot is where it was let in. The person's token is
   * given back at once: nothing is ever done in their name.
   * @param callerId the identity of the caller that brings the answer, where that is known
   * @throws ConnectFailure
   */
  async complete(platform: Platform, answer: ConsentAnswer, callerId?: string): Promise<Invited> {
    const inviting = requireInviting(platform);
    const wish = await this.states.take(platform, answer, callerId);
    const accountId = wish.accountId ?? platform.defaultAccount ?? '';
    await this.#requireReach(platform, accountId, wish.caller);
    const botToken = await this.#findBotToken(platform, wish.accountId ?? undefined);
    const admission = await this.#exchange(platform, inviting, wish);
    try {
      const { person, applicationId } = await this.#ask(
        platform,
        inviting.buildAuthorization(admission.accessToken),
        (reply) => inviting.readAuthorization(reply),
      );
      const bot = await this.#requireSameBot(platform, inviting, applicationId, botToken);
      const place = await this.#requirePlace(platform, inviting, admission, bot, botToken);
      const invited: Invited = {
        accountId,
        bot,
        place,
        person,
        refusedPermissions: wish.wanted.filter((name) => !place.permissions.includes(name)),
      };
      await this.#note(platform, wish, invited);
      return invited;
    } finally {
      await this.#giveBack(platform, inviting, admission);
    }
  }

  /** The bot has to be within the caller's reach still. @throws ConnectFailure ACCOUNT_OUT_OF_REACH */
  async #requireReach(platform: Platform, accountId: string, caller: Caller): Promise<void> {
    const known =
      caller.owner === undefined ? undefined : await this.accounts.find(platform.name, accountId);
    // A tenant invites its own bots alone, so one that is not there is out of its reach as well.
    const owner = caller.owner === undefined ? undefined : (known?.owner ?? '');
    if (caller.reachesAccount({ platform: platform.name, accountId, owner })) return;
    throw new ConnectFailure(
      'ACCOUNT_OUT_OF_REACH',
      `Caller "${caller.name}" may not let ${platform.title} bot ${accountId} into servers any more`,
      'Have the bot let in by a caller whose token reaches it.',
    );
  }

  async #exchange(
    platform: Platform,
    inviting: Inviting,
    wish: AnsweredQuestion,
  ): Promise<Admission> {
    const admission = await this.#ask(platform, inviting.buildExchange(wish), (reply) =>
      inviting.readExchange(reply),
    );
    if (admission !== 'dead') return admission;
    throw new ConnectFailure(
      'CODE_REFUSED',
      `${platform.title} does not take its own code back: it was used, is too old, or was given for another address than ${wish.redirectUri}`,
      BEGIN_AGAIN,
    );
  }

  /** The bot whose token is held is the one that was let in, and no other application's. */
  async #requireSameBot(
    platform: Platform,
    inviting: Inviting,
    applicationId: string,
    botToken: string,
  ): Promise<BotIdentity> {
    const bot = await this.#ask(platform, inviting.buildBot(botToken), (reply) =>
      inviting.readBot(reply),
    );
    if (bot === 'invalid') {
      throw new ConnectFailure(
        'BOT_REFUSED',
        `${platform.title} does not accept the bot's own token`,
        'The operator of this gateway has to replace that token.',
      );
    }
    if (applicationId === inviting.applicationId && bot.applicationId === applicationId) return bot;
    throw new ConnectFailure(
      'ACCOUNT_DIFFERS',
      `Application ${applicationId} was let in, the configuration names ${inviting.applicationId}, and the bot that is to act belongs to ${bot.applicationId}`,
      'The operator of this gateway has to configure the client id and the bot token of one application.',
    );
  }

  /** Asked as the bot itself, so that what is said of it is true. */
  async #requirePlace(
    platform: Platform,
    inviting: Inviting,
    { placeId }: Admission,
    bot: BotIdentity,
    botToken: string,
  ): Promise<PlaceView> {
    const place =
      placeId === undefined
        ? 'absent'
        : await this.#ask(platform, inviting.buildPlace(placeId, botToken), (reply) =>
            inviting.readPlace(reply, bot),
          );
    if (place !== 'absent') return place;
    throw new ConnectFailure(
      'BOT_NOT_ADDED',
      `${platform.title} says that you agreed, and ${bot.name} is in no server of yours`,
      BEGIN_AGAIN,
    );
  }

  async #ask<Reading>(
    platform: Platform,
    request: WireRequest,
    read: (reply: PlatformAnswer) => Reading | 'unclear',
  ): Promise<Exclude<Reading, 'unclear'>> {
    const delivery = await this.transport.deliver(request, PATIENCE_MS);
    if (delivery.kind !== 'answered') throw describeAway(platform, delivery.reason);
    const reading = read(delivery.answer);
    if (reading !== 'unclear') return reading as Exclude<Reading, 'unclear'>;
    throw describeAway(platform, `it answered ${delivery.answer.status}`);
  }

  async #note(platform: Platform, wish: AnsweredQuestion, invited: Invited): Promise<void> {
    const { accountId, bot, place, person, refusedPermissions } = invited;
    await this.database.change(INSERT_EVENT, [
      describeEvent({
        kind: 'account.connected',
        callerId: wish.caller.identity,
        platform: platform.name,
        accountId,
        details: {
          login: bot.name,
          guild_id: place.id,
          guild_name: place.name,
          permissions: place.permissions,
          refused_permissions: refusedPermissions,
          authorized_by: { id: person.id, name: person.name },
        },
      }),
    ]);
    this.#logger.log(
      `caller "${wish.caller.name}" had ${platform.name} bot ${accountId} let into ${place.id}`,
    );
  }

  async #giveBack(platform: Platform, inviting: Inviting, admission: Admission): Promise<void> {
    const request = inviting.buildRevocation(admission.accessToken);
    const delivery = await this.transport.deliver(request, PATIENCE_MS);
    if (delivery.kind === 'answered' && delivery.answer.status < 300) return;
    this.#logger.warn(
      `a person's token of ${platform.name} was not wanted, and could not be ended`,
    );
  }

  /** @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT for a bot without a stored token */
  async #findBotToken(platform: Platform, accountId: string | undefined): Promise<string> {
    const id = accountId ?? platform.defaultAccount ?? '';
    return (await this.accounts.use(platform, id, false)).accessToken;
  }
}

/** @throws ActionFailure naming the variables that are missing */
export function requireInviting({ title, inviting }: Platform): Inviting {
  if (!inviting) throw new Error(`${title} has no bots to invite`);
  if (inviting.missing.length === 0) return inviting;
  throw new ActionFailure(
    'ACCOUNT_NOT_CONNECTED',
    `${title} bots cannot be let into a server yet: set ${inviting.missing.join(' and ')} and start the gateway again`,
  );
}
