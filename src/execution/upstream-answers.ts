import type { Action } from '../actions/action.js';
import { BLOCKED_MS } from '../actions/address-block.js';
import { ActionFailure, ADVICE_MARK } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Platform } from '../actions/platform.js';
import type { Delivery, PlatformAnswer, PlatformRequest, Refusal, Yes } from '../actions/wire.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import type { Breakers } from './breakers.js';
import type { Progress } from './progress.js';

const NO_CONTENT = 204;
const REQUEST_TIMEOUT = 408;

export type Answered = Extract<Delivery, { readonly kind: 'answered' }>;

export function isSuccessful(delivery: Delivery): delivery is Answered {
  return (
    delivery.kind === 'answered' && delivery.answer.status >= 200 && delivery.answer.status < 300
  );
}

export function isUnauthorized(delivery: Delivery): delivery is Answered {
  return delivery.kind === 'answered' && delivery.answer.status === 401;
}

/** The HTTP status of a delivery; undefined when no answer came. */
export function statusOf(delivery: Delivery): number | undefined {
  return delivery.kind === 'answered' ? delivery.answer.status : undefined;
}

/** Whether a failure may pass by itself, so that a repeat may succeed. */
export function isTransient({ code, repeatable }: Refusal): boolean {
  return repeatable === true || code === 'RATE_LIMITED' || code === 'PLATFORM_DOWN';
}

/** Classifies a delivery that is no success. */
function readRefusal(platform: Platform, action: Action, delivery: Delivery): Refusal {
  if (delivery.kind !== 'answered')
    return {
      code: 'PLATFORM_DOWN',
      message: delivery.reason,
      happened: delivery.kind === 'unsent' ? 'no' : 'maybe',
    };
  const { status } = delivery.answer;
  // Neither a success nor a refusal: the request may have been carried out before the answer was given.
  if (status < 400 || status === REQUEST_TIMEOUT)
    return {
      code: 'PLATFORM_DOWN',
      message: `${platform.title} answered ${status}, which is neither a yes nor a no`,
      happened: 'maybe',
    };
  const refusal = platform.readRefusal(delivery.answer, Date.now());
  const explained = action.explain(refusal.platformCode ?? '');
  const advice = platform.adviseOn?.(refusal, action);
  const message = explained
    ? `${refusal.message}; ${explained.field} ${explained.message}`
    : refusal.message;
  return {
    ...refusal,
    message: advice === undefined ? message : message + ADVICE_MARK + advice,
    repeatable: refusal.repeatable === true || action.passes(status),
    ...(explained && { violations: [explained] }),
  };
}

/** The same. A block of the address of the gateway rests the whole platform. */
export function judge(
  platform: Platform,
  action: Action,
  breakers: Breakers,
  delivery: Delivery,
): Refusal {
  const refusal = readRefusal(platform, action, delivery);
  if (refusal.blocksAddress) {
    const { name: service, title } = platform;
    breakers.rest(
      { service, title },
      refusal.retryAfterMs ?? BLOCKED_MS,
      `${title} blocks the address of the gateway`,
    );
  }
  return refusal;
}

/** A later failure does not undo what may have happened: then the outcome is unknown. */
export function toUnknownOutcome(
  error: unknown,
  { mayHaveHappened, isInDoubt }: Pick<Progress, 'mayHaveHappened' | 'isInDoubt'>,
): unknown {
  if (!(error instanceof ActionFailure) || !mayHaveHappened) return error;
  const refusedStep = isInDoubt ? undefined : error;
  return unknownOutcome(`A later step failed: ${error.message}`, undefined, refusedStep);
}

/**
 * The failure of an action that may have happened.
 * @param status of the last answer, if there was one
 * @param refusedStep the failure of the last request, if that surely had no effect
 */
export function unknownOutcome(
  message: string,
  status: number | undefined,
  refusedStep?: ActionFailure,
): ActionFailure {
  return new ActionFailure('OUTCOME_UNKNOWN', message, {
    platformStatus: status,
    ...(refusedStep && { refusedStep }),
  });
}

/**
 * The failure of an action whose request was refused.
 * @param waitMs until a rejected token may be renewed again
 */
export function toFailure(
  refusal: Refusal,
  status: number | undefined,
  { renewable }: HeldCredential,
  { withoutCredentials = false }: PlatformRequest,
  waitMs: number,
): ActionFailure {
  const isAboutAccount = status === 401 && !renewable && !withoutCredentials;
  const code = isAboutAccount ? 'RECONNECT_ACCOUNT' : refusal.code;
  // A token that was renewed and is rejected again and again says nothing about the action.
  if (refusal.rejectsToken && code === 'REFUSED' && !withoutCredentials) {
    return new ActionFailure('PLATFORM_DOWN', `${refusal.message}; it was renewed in vain`, {
      retryAfterMs: waitMs || undefined,
      platformStatus: status,
      platformCode: refusal.platformCode,
    });
  }
  // A request without credentials cannot be refused because of the account.
  const shown = code === 'RECONNECT_ACCOUNT' && withoutCredentials ? 'REFUSED' : code;
  return new ActionFailure(shown, refusal.message, {
    retryAfterMs: refusal.retryAfterMs,
    platformStatus: status,
    platformCode: refusal.platformCode,
    violations: refusal.violations,
  });
}

/** @throws ActionFailure for a 2xx answer of another form than the platform documents */
export function readBody<Answer>(
  { title }: Platform,
  { body, status }: PlatformAnswer,
  yes: Yes = 'body',
  mayHaveHappened: boolean,
): Answer {
  const mayBeNone = yes === 'no body' || yes === 'body or none';
  if (body === undefined && status === NO_CONTENT && mayBeNone) return undefined as Answer;
  if (isOfForm(body, yes)) return body as Answer;
  const form =
    yes === 'no body'
      ? 'something else than 204 without a body'
      : body === undefined
        ? 'no body'
        : `something that is not ${FORMS[yes]}`;
  // An unreadable answer to a read leaves no outcome in doubt: a read changes nothing.
  throw new ActionFailure(
    mayHaveHappened ? 'UNREADABLE_ANSWER' : 'PLATFORM_DOWN',
    `${title} answered ${status} with ${form}`,
    { platformStatus: status },
  );
}

const FORMS: Readonly<Record<Exclude<Yes, 'no body'>, string>> = {
  body: 'a JSON object',
  'body or none': 'a JSON object',
  list: 'a JSON list',
  text: 'a text',
};

function isOfForm(body: unknown, yes: Yes): boolean {
  if (yes === 'list') return Array.isArray(body);
  if (yes === 'text') return typeof body === 'string' && body !== '';
  return yes !== 'no body' && isObject(body);
}
