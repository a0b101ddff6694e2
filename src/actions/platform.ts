import { SetMetadata } from '@nestjs/common';
import type { Action } from './action.js';
import type { Limit, LimitNews } from './limit.js';
import type { PlatformAnswer, PlatformRequest, Refusal, WireRequest } from './wire.js';

const PLATFORM_MARK = 'action-gateway:platform';

/** Marks an injectable class as a platform; the catalogue finds it wherever its module is imported. */
export const PlatformAdapter = (): ClassDecorator => SetMetadata(PLATFORM_MARK, true);

/** Whether a class is marked as a platform. */
export function isPlatformAdapter(type: unknown): boolean {
  return typeof type === 'function' && Reflect.getMetadata(PLATFORM_MARK, type) === true;
}

/** The configuration of a platform: its addresses and the OAuth client of the gateway. */
export interface PlatformSettings {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The redirect URI; defaults to PUBLIC_URL with /oauth/<platform>/callback. */
  readonly redirectUri?: string;
}

/** The same for Google, whose consent page and token server have two addresses. */
export interface GoogleSettings extends PlatformSettings {
  readonly tokenUrl: string;
  readonly quota: QuotaSettings;
}

/** A daily quota. */
export interface QuotaSettings {
  /** Units of the project in a day. */
  readonly daily: number;
  /** The units of it that only priority HIGH may spend. */
  readonly reserve: number;
  /** Units that one account may spend in a day; 0 for no limit. */
  readonly perAccount: number;
}

/** The same for a platform of bots: the token of the default bot, empty without one. */
export interface BotSettings extends PlatformSettings {
  readonly botToken: string;
  /** Refusals in ten minutes after which nothing more is sent for a while. */
  readonly mostNoes: number;
  /** The version of the gateway, for the User-Agent. */
  readonly version: string;
  /** The address in the User-Agent where the operator can be found. */
  readonly homepage: string;
}

/** The credential of an account for one request. */
export interface Credential {
  readonly accountId: string;
  readonly accessToken: string;
  readonly scopes: readonly string[];
  /** The OAuth client of its grant; defaults to the one of the configuration. */
  readonly clientId?: string;
}

/** The OAuth client of an account, instead of the one of the configuration. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}

/** Variables without which an account cannot act. */
export interface MissingSettings {
  readonly missing: readonly string[];
}

/** A set of tokens from an OAuth server. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Seconds from now; undefined if the platform does not say. */
  readonly expiresIn: number | undefined;
  /** Undefined if the answer does not list them: the known scopes remain. */
  readonly scopes: readonly string[] | undefined;
}

/** The account of a token and its scopes, by the platform. */
export interface TokenIdentity {
  readonly accountId: string;
  readonly login: string;
  readonly scopes: readonly string[];
  readonly expiresIn: number | undefined;
}

/** The parameters of a consent page on which a person connects an account. */
export interface ConsentRequest {
  /** Returned by the redirect; binds the answer to the request. */
  readonly state: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** PKCE, S256; set if the platform supports it. */
  readonly codeChallenge?: string;
}

/** How an account is connected in the browser: builds requests and reads answers, without I/O. */
export interface Connecting {
  readonly usesPkce: boolean;
  /** Scopes in addition to those of the actions, such as the one for reading the account's own id. */
  readonly identityScopes: readonly string[];
  buildConsentUrl(wish: ConsentRequest): string;
  /** Exchanges the code for a grant, which `readRefresh` reads. */
  buildExchange(wish: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier?: string;
  }): WireRequest;
  /** Revokes a grant at the platform, as the client that it was issued to. */
  buildRevocation(token: string, client?: OAuthClient): WireRequest;
  /** Asks which account a new token belongs to. */
  buildIdentification(accessToken: string): WireRequest;
  /** 'no account' if the platform says that the token is valid but belongs to no account. */
  readIdentification(answer: PlatformAnswer): TokenReading;
}

/** The account of a token; 'unclear' if the answer does not say. */
export type TokenReading = TokenIdentity | 'invalid' | 'no account' | 'unclear';

/** The parameters of a page on which a person adds a bot to a place, such as a server. */
export interface InviteQuestion {
  readonly state: string;
  readonly redirectUri: string;
  readonly permissions: readonly string[];
}

/** The result of exchanging the code of a person who added a bot. */
export interface Admission {
  /** The person's token, for reading their identity; it is revoked at once. */
  readonly accessToken: string;
  /** Undefined if the platform names no place. */
  readonly placeId: string | undefined;
}

/** The person who added a bot, and the application of the bot. */
export interface Authorization {
  readonly applicationId: string;
  readonly person: { readonly id: string; readonly name: string };
}

/** A bot, found by its token. */
export interface BotIdentity {
  readonly applicationId: string;
  readonly botId: string;
  readonly name: string;
}

/** A place, as a bot in it sees it. */
export interface PlaceView {
  readonly id: string;
  readonly name: string;
  /** The permissions of the bot there. */
  readonly permissions: readonly string[];
}

/** How a person adds a bot to a place in the browser: builds requests and reads answers, without I/O. */
export interface Inviting {
  /** Variables that must be set for it. */
  readonly missing: readonly string[];
  /** The application of the bot. */
  readonly applicationId: string;
  /** Permissions in addition to those of the actions. */
  completePermissions(permissions: readonly string[]): readonly string[];
  buildConsentUrl(question: InviteQuestion): string;
  buildExchange(answer: { readonly code: string; readonly redirectUri: string }): WireRequest;
  readExchange(answer: PlatformAnswer): Admission | 'dead' | 'unclear';
  buildAuthorization(accessToken: string): WireRequest;
  readAuthorization(answer: PlatformAnswer): Authorization | 'unclear';
  buildBot(botToken: string): WireRequest;
  readBot(answer: PlatformAnswer): BotIdentity | 'invalid' | 'unclear';
  buildPlace(placeId: string, botToken: string): WireRequest;
  /** 'absent' if the bot is not in the place. */
  readPlace(answer: PlatformAnswer, bot: BotIdentity): PlaceView | 'absent' | 'unclear';
  buildRevocation(accessToken: string): WireRequest;
}

/** How a platform issues and checks tokens: builds requests and reads answers, without I/O. */
export interface OAuth {
  /** As the client that the grant was issued to: no other client can renew it. */
  buildRefresh(refreshToken: string, client?: OAuthClient): WireRequest;
  /** 'dead' only if the platform says that this grant will never work again. */
  readRefresh(answer: PlatformAnswer): Grant | 'dead' | 'unclear';
  /** The request that validates a token, if the platform requires it. */
  buildValidation?(accessToken: string): WireRequest;
  readValidation?(answer: PlatformAnswer): TokenIdentity | 'invalid' | 'unclear';
  /** Reads the scopes of a token, if the answer about its account does not list them. */
  buildScopes?(accessToken: string): WireRequest;
  readScopes?(answer: PlatformAnswer): readonly string[] | 'unclear';
  /** Milliseconds between two validations of an account in use. */
  readonly validateEveryMs?: number;
  /**
   * Asks for a token of the gateway's own application, which belongs to no account; `readRefresh` reads
   * the answer. Absent if the platform has no such tokens.
   */
  buildAppGrant?(): WireRequest;
  /** Absent if accounts cannot be connected in the browser. */
  readonly connecting?: Connecting;
}

/** A read whose items a person may choose the value of a parameter from. */
export interface Choices {
  /** The type of the action that reads; its result has `items`. */
  readonly read: string;
  /** The member of an item that is taken, and the one that people know it by. */
  readonly value: string;
  readonly label: string;
  /** Parameters that the read needs as well; a form takes them from its fields of the same name. */
  readonly needs?: readonly string[];
  /** The parameter of the read that takes what a person has typed so far. */
  readonly search?: string;
}

/** What one call of a platform takes of a budget of a day, and where that is published. */
export interface CallCost {
  /** The platform's name of the call, such as `videos.list`. */
  readonly method: string;
  readonly units: number;
  /** The limit that it counts against: one of the platform's `limitNames`. */
  readonly budget: string;
  /** What publishes the cost, its address, and the day on which it was read last. */
  readonly source: string;
  readonly address: string;
  readonly readOn: string;
  /** False if the cost is assumed. */
  readonly isPublished: boolean;
}

/** One platform as the gateway uses it: data and pure functions, without I/O. */
export interface Platform {
  /** In lower case, as in envelopes. */
  readonly name: string;
  readonly title: string;
  /** Feature flag groups and what they hold. */
  readonly groups: Readonly<Record<string, string>>;
  readonly actions: readonly Action[];
  readonly apiUrl: string;
  /** Absent if tokens never change, such as those of bots. */
  readonly oauth?: OAuth;
  /** Set if accounts are bots, which people add to places. */
  readonly inviting?: Inviting;
  /** The User-Agent, if the platform requires a certain form. */
  readonly userAgent?: string;
  /** The name of the unit of cost, such as points. */
  readonly costUnit: string;
  /** What its calls take of the budgets of a day, and the version of its contract that they are of. */
  readonly callCosts?: { readonly version: string; readonly costs: readonly CallCost[] };
  /** Names of its limits: the second part of their buckets, as in `twitch:chat:…`. */
  readonly limitNames?: readonly string[];
  /** Where people choose the values of parameters from, by the name of the parameter. */
  readonly choices?: Readonly<Record<string, Choices>>;
  /** The daily units of a project, and the prefix of their bucket's name. */
  readonly dailyQuota?: { readonly bucketPrefix: string; readonly units: number };
  /** The account if an envelope names none; undefined if it must name one. */
  readonly defaultAccount?: string;
  /** The account id of examples, if the usual one does not fit the platform. */
  readonly exampleAccount?: string;
  /**
   * The credential of an account whose token is configured, or the variables that are missing for it.
   * Undefined for an account whose tokens are stored.
   */
  ownCredential?(accountId: string): Credential | MissingSettings | undefined;
  /** Headers that sign a request. */
  authorize(credential: Credential): Readonly<Record<string, string>>;
  /**
   * The limits that a request counts against.
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
  /** What to do about a refusal, from what the action needs; undefined where the refusal says enough. */
  adviseOn?(
    refusal: Refusal,
    action: { readonly type: string; readonly permissions: readonly string[] },
  ): string | undefined;
}
