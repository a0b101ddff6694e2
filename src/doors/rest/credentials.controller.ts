import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  CredentialReferences,
  type NamedCredential,
} from '../../accounts/credential-references.js';
import { refuse, WrongKeyRefusal } from '../../actions/door-refusal.js';
import { ActionFailure } from '../../actions/failures.js';
import { type FieldClass, listFields, parseFields } from '../../actions/fields.js';
import { isObject, type JsonObject } from '../../actions/json.js';
import type { Platform } from '../../actions/platform.js';
import { isSameSecret } from '../../callers/secrets.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import { type CredentialReply, showCredential } from '../credential-reply.js';
import { type Answer, json, type PublicRequest, Route } from '../door/route.js';
import { schemaOf } from '../door/schema.js';
import {
  CREDENTIAL,
  FIELD_FAULTS,
  type FieldFault,
  type FieldFaults,
  ResolveCredential,
  RESOLVED_CREDENTIAL,
  type ResolvedReply,
  TOKEN_UPDATE,
  UpdateToken,
  UpsertCredential,
} from './credential-schemas.js';

const HEADER = 'x-plant-internal-key';
/** The caller in the history of an account: the holder of CREDENTIAL_SERVING_KEY. */
const CALLER_ID = 'credential-serving';

const NAMED = { credential_ref: 'CRED-d2hvIHJlYWRz', customer_id: 'acme' };

/** What the routes here have in common. The handler reads the body itself: after the key. */
function serve<Value>(body: FieldClass, example: JsonObject, answer: Answer<Value>) {
  const content = { schema: schemaOf(body), example };
  return {
    method: 'POST',
    tag: 'Accounts',
    description:
      'For services, with CREDENTIAL_SERVING_KEY in the header `X-Plant-Internal-Key`. Without ' +
      'that setting the route is not there (404).',
    needs: 'public',
    security: [{ servingKey: [] }],
    rawBody: { required: true, content: { 'application/json': content } },
    answers: {
      200: answer,
      422: json('A field or the header is missing or wrong', FIELD_FAULTS) as Answer<
        Value | FieldFaults
      >,
    },
    refuses: [404],
  } as const;
}

/**
 * Credentials for services that act by themselves: the routes of the earlier credential service, in
 * its form, under a key of their own. The holder of the key acts for every customer.
 */
@Controller()
export class CredentialsController {
  constructor(
    private readonly references: CredentialReferences,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route({
    ...serve(ResolveCredential, NAMED, json('The credential', RESOLVED_CREDENTIAL)),
    path: '/api/internal/plant/credentials/resolve',
    summary: 'Give out the tokens behind a name',
  })
  async resolveCredential(asked: PublicRequest): Promise<ResolvedReply | FieldFaults> {
    const given = this.#read(ResolveCredential, asked);
    if ('detail' in given) return refuseDetails(asked.reply, given);
    const { named, platform } = await this.#find(given);
    const opened = await this.references.open(platform, named);
    if (!opened) throw refuseUnknown(given);
    return {
      ...showCredential(named),
      access_token: opened.accessToken,
      refresh_token: opened.refreshToken ?? null,
    };
  }

  @Route({
    ...serve(
      UpdateToken,
      { ...NAMED, new_access_token: 'the-new-access-token' },
      json('Taken', TOKEN_UPDATE, {
        example: { status: 'success', message: 'Access token updated' },
      }),
    ),
    path: '/api/internal/plant/credentials/update-token',
    summary: 'Take an access token that a service which resolved a name has renewed',
  })
  async updateCredentialToken(
    asked: PublicRequest,
  ): Promise<{ status: 'success'; message: string } | FieldFaults> {
    const given = this.#read(UpdateToken, asked);
    if ('detail' in given) return refuseDetails(asked.reply, given);
    const { named, platform } = await this.#find(given);
    try {
      const { new_access_token: token } = given;
      if (!(await this.references.update(platform, named, token, CALLER_ID)))
        throw refuseUnknown(given);
    } catch (error) {
      return refuseDetails(asked.reply, readViolations(error));
    }
    return { status: 'success', message: 'Access token updated' };
  }

  @Route({
    ...serve(
      UpsertCredential,
      {
        customer_id: 'acme',
        platform: 'youtube',
        access_token: 'the-access-token',
        refresh_token: 'the-refresh-token',
      },
      json('The credential by its name', CREDENTIAL),
    ),
    path: '/api/internal/plant/credentials/upsert',
    summary: 'Store tokens for a customer, and give them a name',
  })
  async upsertCredential(asked: PublicRequest): Promise<CredentialReply | FieldFaults> {
    const given = this.#read(UpsertCredential, asked);
    if ('detail' in given) return refuseDetails(asked.reply, given);
    const platform = this.catalogue.find(given.platform.toLowerCase());
    if (!platform)
      return refuseDetails(asked.reply, describeFault('platform', 'There is no such platform'));
    try {
      const named = await this.references.store(
        platform,
        given.customer_id,
        {
          ref: given.credential_ref,
          postingIdentity: given.posting_identity,
          accessToken: given.access_token,
          refreshToken: given.refresh_token,
          metadata: given.metadata,
        },
        CALLER_ID,
      );
      return showCredential(named);
    } catch (error) {
      return refuseDetails(asked.reply, readViolations(error));
    }
  }

  /** Checks the key before the body, so that a caller without it does not learn which body is right. */
  #read<T extends object>(type: FieldClass<T>, { request, body }: PublicRequest): T | FieldFaults {
    const key = request.headers[HEADER] as string | undefined;
    const { CREDENTIAL_SERVING_KEY: known } = this.config;
    if (known === undefined)
      throw refuse.notFound(
        'This gateway resolves no credentials for others: CREDENTIAL_SERVING_KEY is not set',
      );
    if (key !== undefined && !isSameSecret(key, known))
      throw new WrongKeyRefusal('Forbidden: Invalid internal API key');
    const parsed = parseFields(type, pickKnown(type, body ?? {}));
    const faults: FieldFault[] = parsed.ok
      ? []
      : parsed.violations.map(({ field, message }) => describeDetail(['body', field], message));
    if (key === undefined) faults.unshift(describeDetail(['header', HEADER], 'is missing'));
    return parsed.ok && faults.length === 0 ? parsed.value : { detail: faults };
  }

  /** @throws DoorRefusal 404, the same for an unknown name and for one of another customer */
  async #find(given: ResolveCredential): Promise<{ named: NamedCredential; platform: Platform }> {
    const { customer_id: customer, credential_ref: ref } = given;
    const named = await this.references.find({ customer, ref });
    const platform = named && this.catalogue.find(named.platform);
    if (named && platform) return { named, platform };
    throw refuseUnknown(given);
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

function describeDetail(loc: readonly string[], message: string): FieldFault {
  const isMissing = message.startsWith('is missing');
  return {
    type: isMissing ? 'missing' : 'value_error',
    loc: loc.filter((part) => part !== ''),
    msg: isMissing ? 'Field required' : `Value error, ${message}`,
    input: null,
  };
}

function describeFault(field: string, message: string): FieldFaults {
  return { detail: [describeDetail(['body', field], message)] };
}

/** What is wrong with the given tokens. @throws every other error */
function readViolations(error: unknown): FieldFaults {
  if (!(error instanceof ActionFailure) || error.code !== 'INVALID_INPUT') throw error;
  const { violations = [] } = error.details;
  return {
    detail: violations.map(({ field, message }) => describeDetail(['body', field], message)),
  };
}

function refuseDetails(reply: FastifyReply, details: FieldFaults): FieldFaults {
  void reply.status(422);
  return details;
}
