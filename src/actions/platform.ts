import { SetMetadata } from '@nestjs/common';
import type { Action } from './action.js';
import type { Limit, LimitNews } from './limit.js';
import type { PlatformAnswer, PlatformRequest, Refusal, WireRequest } from './wire.js';

const PLATFORM_MARK = 'action-gateway:platform';

/** Marks an injectable class as a platform; the catalogue finds it wherever its module is imported. */
export const PlatformAdapter = (): ClassDecorator => SetMetadata(PLATFORM_MARK, true);

/** Whether a class carries the mark of a platform. */
export function isPlatformAdapter(type: unknown): boolean {
  return typeof type === 'function' && Reflect.getMetadata(PLATFORM_MARK, type) === true;
}

/** What configuration gives a platform: where it is, and as which OAuth client we come. */
export interface PlatformSettings {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where people are sent back to, if it is not PUBLIC_URL with /oauth/<platform>/callback. */
  readonly redirectUri?: string;
}

/** The same for Google, whose consent page and token server live at two addresses. */
export interface GoogleSettings extends PlatformSettings {
  readonly tokenUrl: string;
  readonly quota: QuotaSettings;
}

/** What may be spent of a day's quota. */
export interface QuotaSettings {
  /** Units of the project in a day. */
  readonly daily: number;
  /** Those of them that only priority HIGH may spend. */
  readonly reserve: number;
  /** Units that one account may spend in a day; 0 for as many as there are. */
  readonly perAccount: number;
}

/** The same for a platform of bots: the token of the default bot, empty without one. */
export interface BotSettings extends PlatformSettings {
  readonly botToken: string;
  /** Noes in ten minutes after which nothing more is sent for a while. */
  readonly mostNoes: number;
  /** Ours, for introducing ourselves. */
  readonly version: string;
  /** Where more is to be learned of whoever runs this. */
  readonly homepage: string;
}

/** An account's right to act, ready for one request. */
export interface Credential {
  readonly accountId: string;
  readonly accessToken: string;
  readonly scopes: readonly string[];
  /** The OAuth client that its grant was given to; left out for the one of the configuration. */
  readonly clientId?: string;
}

/** An OAuth client of an account's own, in place of the one of the configuration. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}

/** Variables without which an account cannot act. */
export interface MissingSettings {
  readonly missing: readonly string[];
}

/** A fresh set of tokens as an OAuth server gives it. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Seconds from now; undefined when the platform does not say. */
  readonly expiresIn: number | undefined;
  /** Undefined when the answer does not list them: the known ones go on. */
  readonly scopes: readonly string[] | undefined;
}

/** Who a token belongs to and what it may do, as the platform sees it. */
export interface TokenIdentity {
  readonly accountId: string;
  readonly login: string;
  readonly scopes: readonly string[];
  readonly expiresIn: number | undefined;
}

/** What a person is sent to the platform with, to let the gateway act as their account. */
export interface ConsentRequest {
  /** Comes back with the person; binds the answer to the question. */
  readonly state: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** PKCE, S256; given where the platform has it. */
  readonly codeChallenge?: string;
}

/** How an account is connected in the browser: requests and readings, no I/O. */
export interface Connecting {
  readonly usesPkce: boolean;
  /** Scopes asked for beside those of the actions, such as what reading one's own id takes. */
  readonly identityScopes: readonly string[];
  buildConsentUrl(wish: ConsentRequest): string;
  /** Exchanges the code for a grant, which `readRefresh` reads. */
  buildExchange(wish: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier?: string;
  }): WireRequest;
  /** Ends a grant at the platform itself, as the client that it was given to. */
  buildRevocation(token: string, client?: OAuthClient): WireRequest;
  /** Asks whose a fresh token is. */
  buildIdentification(accessToken: string): WireRequest;
  /** 'no account' where the platform says that the token is fine, and belongs to no account of it. */
  readIdentification(answer: PlatformAnswer): TokenReading;
}

/** What a platform says about the owner of a token; 'unclear' when its answer does not tell. */
export type TokenReading = TokenIdentity | 'invalid' | 'no account' | 'unclear';

/** What a person is sent to the platform with, to let a bot into a place of theirs. */
export interface InviteQuestion {
  readonly state: string;
  readonly redirectUri: string;
  readonly permissions: readonly string[];
}

/** What the code of a person who let a bot in was worth. */
export interface Admission {
  /** The person's own, for asking who they are; it is given back at once. */
  readonly accessToken: string;
  /** Undefined when the platform names no place. */
  readonly placeId: string | undefined;
}

/** Who let a bot in, and which application's. */
export interface Authorization {
  readonly applicationId: string;
  readonly person: { readonly id: string; readonly name: string };
}

/** A bot, as the platform knows it by its token. */
export interface BotIdentity {
  readonly applicationId: string;
  readonly botId: string;
  readonly name: string;
}

/** A place as a bot inside of it sees it. */
export interface PlaceSight {
  readonly id: string;
  readonly name: string;
  /** What the bot was granted there. */
  readonly permissions: readonly string[];
}

/** How a person lets a bot into a place in the browser: requests and readings, no I/O. */
export interface Inviting {
  /** Variables without which nobody can be asked. */
  readonly missing: readonly string[];
  /** The application that is let in. */
  readonly applicationId: string;
  /** What is asked for beside what the actions need. */
  completePermissions(permissions: readonly string[]): readonly string[];
  buildConsentUrl(question: InviteQuestion): string;
  buildExchange(answer: { readonly code: string; readonly redirectUri: string }): WireRequest;
  readExchange(answer: PlatformAnswer): Admission | 'dead' | 'unclear';
  buildAuthorization(accessToken: string): WireRequest;
  readAuthorization(answer: PlatformAnswer): Authorization | 'unclear';
  buildBot(botToken: string): WireRequest;
  readBot(answer: PlatformAnswer): BotIdentity | 'invalid' | 'unclear';
  buildPlace(placeId: string, botToken: string): WireRequest;
  /** 'absent' when the bot is not let in there. */
  readPlace(answer: PlatformAnswer, bot: BotIdentity): PlaceSight | 'absent' | 'unclear';
  buildRevocation(accessToken: string): WireRequest;
}

/** How a platform hands out and checks tokens: requests and readings, no I/O. */
export interface OAuth {
  /** As the client that the grant was given to: no other may renew it. */
  buildRefresh(refreshToken: string, client?: OAuthClient): WireRequest;
  /** 'dead' only when the platform says that this grant will never work again. */
  readRefresh(answer: PlatformAnswer): Grant | 'dead' | 'unclear';
  /** Where the platform asks for it: the request that proves a token still valid. */
  buildValidation?(accessToken: string): WireRequest;
  readValidation?(answer: PlatformAnswer): TokenIdentity | 'invalid' | 'unclear';
  /** Which scopes a token has, where the answer to whose it is leaves that out. */
  buildScopes?(accessToken: string): WireRequest;
  readScopes?(answer: PlatformAnswer): readonly string[] | 'unclear';
  /** Milliseconds between two validations of an account in use. */
  readonly validateEveryMs?: number;
  /** Absent where accounts cannot be connected in the browser. */
  readonly connecting?: Connecting;
}

/** Everything the gateway knows of one platform: data and pure functions, no I/O. */
export interface Platform {
  /** Lower case, as in envelopes. */
  readonly name: string;
  readonly title: string;
  /** Feature flag groups and what they hold. */
  readonly groups: Readonly<Record<string, string>>;
  readonly actions: readonly Action[];
  readonly apiUrl: string;
  /** Left out where tokens never change, as those of bots. */
  readonly oauth?: OAuth;
  /** Where accounts are bots, which people let into places of theirs. */
  readonly inviting?: Inviting;
  /** How we introduce ourselves, where the platform asks for a form of its own. */
  readonly userAgent?: string;
  /** What the unit of cost is called, such as points. */
  readonly costUnit: string;
  /** Names of its limits: the second part of their buckets, as in `twitch:chat:…`. */
  readonly limitNames?: readonly string[];
  /** The units that a project has in a day, and how their bucket's name begins. */
  readonly dailyQuota?: { readonly bucketPrefix: string; readonly units: number };
  /** Account taken when an envelope names none; undefined where one must be named. */
  readonly defaultAccount?: string;
  /** An account id as examples show it, where the ordinary one would look foreign. */
  readonly exampleAccount?: string;
  /**
   * The credential of an account whose token is configuration, or the variables that are missing for
   * it. Undefined for an account whose tokens are stored.
   */
  ownCredential?(accountId: string): Credential | MissingSettings | undefined;
  /** Headers that sign a request. */
  authorize(credential: Credential): Readonly<Record<string, string>>;
  /**
   * What a request counts against.
   * @param cost its price in units of cost
   * @param now Unix milliseconds
   */
  limitRequest(
    request: PlatformRequest,
    credential: Pick<Credential, 'accountId' | 'clientId'>,
    cost: number,
    now: number,
  ): readonly Limit[];
  /** What an answer says about these limits of its request. */
  readLimits?(answer: PlatformAnswer, limits: readonly Limit[]): readonly LimitNews[];
  /** Reads an answer that is not 2xx. */
  readRefusal(answer: PlatformAnswer, now: number): Refusal;
}
