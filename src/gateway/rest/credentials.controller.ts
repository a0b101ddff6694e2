import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  CredentialReferences,
  type NamedCredential,
} from '../../accounts/credential-references.js';
import { ActionFailure } from '../../actions/failures.js';
import { type FieldClass, listFields, parseFields } from '../../actions/fields.js';
import { isObject } from '../../actions/json.js';
import type { Platform } from '../../actions/platform.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Public } from '../caller.guard.js';
import { isSameSecret } from '../../callers/secrets.js';
import {
  ResolveCredential,
  UpdateToken,
  UpsertCredential,
} from '../contracts/credential-bodies.js';
import { type CredentialReply, showCredential } from '../credential-reply.js';
import { refuse, WrongKeyRefusal } from '../../actions/door-refusal.js';

const HEADER = 'x-plant-internal-key';
/** Who did it, in the history of an account: whoever holds CREDENTIAL_SERVING_KEY. */
const CALLER_ID = 'credential-serving';

/** A credential with its secrets, for whoever acts with it. */
export interface ResolvedReply extends CredentialReply {
  readonly access_token: string;
  readonly refresh_token: string | null;
}

/** One wrong field, as the framework of the earlier service names it. */
interface Detail {
  readonly type: 'missing' | 'value_error';
  readonly loc: readonly string[];
  readonly msg: string;
  /** Left empty: what came may be a secret. */
  readonly input: null;
}

interface Details {
  readonly detail: readonly Detail[];
}

/**
 * Credentials for services that act by themselves: the routes of the earlier credential service, in
 * its form, under a key of their own. Whoever holds it acts for every customer.
 */
@Public()
@Controller('api/internal/plant/credentials')
export class CredentialsController {
  constructor(
    private readonly references: CredentialReferences,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('resolve')
  @HttpCode(200)
  async resolve(
    @Headers(HEADER) key: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResolvedReply | Details> {
    const wish = this.#read(ResolveCredential, key, body);
    if ('detail' in wish) return refuseDetails(reply, wish);
    const { named, platform } = await this.#find(wish);
    const opened = await this.references.open(platform, named);
    if (!opened) throw refuseUnknown(wish);
    return {
      ...showCredential(named),
      access_token: opened.accessToken,
      refresh_token: opened.refreshToken ?? null,
    };
  }

  @Post('update-token')
  @HttpCode(200)
  async update(
    @Headers(HEADER) key: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: 'success'; message: string } | Details> {
    const wish = this.#read(UpdateToken, key, body);
    if ('detail' in wish) return refuseDetails(reply, wish);
    const { named, platform } = await this.#find(wish);
    try {
      const { new_access_token: token } = wish;
      if (!(await this.references.update(platform, named, token, CALLER_ID)))
        throw refuseUnknown(wish);
    } catch (error) {
      return refuseDetails(reply, readViolations(error));
    }
    return { status: 'success', message: 'Access token updated' };
  }

  @Post('upsert')
  @HttpCode(200)
  async upsert(
    @Headers(HEADER) key: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CredentialReply | Details> {
    const wish = this.#read(UpsertCredential, key, body);
    if ('detail' in wish) return refuseDetails(reply, wish);
    const platform = this.catalogue.find(wish.platform.toLowerCase());
    if (!platform)
      return refuseDetails(reply, describeFault('platform', 'There is no such platform'));
    try {
      const named = await this.references.store(
        platform,
        wish.customer_id,
        {
          ref: wish.credential_ref,
          postingIdentity: wish.posting_identity,
          accessToken: wish.access_token,
          refreshToken: wish.refresh_token,
          metadata: wish.metadata,
        },
        CALLER_ID,
      );
      return showCredential(named);
    } catch (error) {
      return refuseDetails(reply, readViolations(error));
    }
  }

  /** The key before the body, so that nobody without it learns what is right. */
  #read<T extends object>(
    type: FieldClass<T>,
    key: string | undefined,
    body: unknown,
  ): T | Details {
    const { CREDENTIAL_SERVING_KEY: known } = this.config;
    if (known === undefined)
      throw refuse.notFound(
        'This gateway resolves no credentials for others: CREDENTIAL_SERVING_KEY is not set',
      );
    if (key !== undefined && !isSameSecret(key, known))
      throw new WrongKeyRefusal('Forbidden: Invalid internal API key');
    const parsed = parseFields(type, pickKnown(type, body ?? {}));
    const faults: Detail[] = parsed.ok
      ? []
      : parsed.violations.map(({ field, message }) => describeDetail(['body', field], message));
    if (key === undefined) faults.unshift(describeDetail(['header', HEADER], 'is missing'));
    return parsed.ok && faults.length === 0 ? parsed.value : { detail: faults };
  }

  /** @throws DoorRefusal 404, the same for a name that nobody has and for one of another customer */
  async #find(wish: ResolveCredential): Promise<{ named: NamedCredential; platform: Platform }> {
    const { customer_id: customer, credential_ref: ref } = wish;
    const named = await this.references.find({ customer, ref });
    const platform = named && this.catalogue.find(named.platform);
    if (named && platform) return { named, platform };
    throw refuseUnknown(wish);
  }
}

function refuseUnknown({ customer_id, credential_ref }: ResolveCredential) {
  return refuse.notFound(`Credential not found: ${credential_ref} for customer ${customer_id}`);
}

/** What the earlier service does not know it ignores. */
function pickKnown(type: FieldClass, body: unknown): unknown {
  if (!isObject(body)) return body;
  const names = new Set(listFields(type).map(({ name }) => name));
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.has(name)));
}

function describeDetail(loc: readonly string[], message: string): Detail {
  const isMissing = message.startsWith('is missing');
  return {
    type: isMissing ? 'missing' : 'value_error',
    loc: loc.filter((part) => part !== ''),
    msg: isMissing ? 'Field required' : `Value error, ${message}`,
    input: null,
  };
}

function describeFault(field: string, message: string): Details {
  return { detail: [describeDetail(['body', field], message)] };
}

/** What is wrong with what was handed over. @throws whatever else was thrown */
function readViolations(error: unknown): Details {
  if (!(error instanceof ActionFailure) || error.code !== 'INVALID_INPUT') throw error;
  const { violations = [] } = error.details;
  return {
    detail: violations.map(({ field, message }) => describeDetail(['body', field], message)),
  };
}

function refuseDetails(reply: FastifyReply, details: Details): Details {
  void reply.status(422);
  return details;
}
