import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Outcome = Schemas['Outcome'];
export type AuditEntry = Schemas['AuditEntry'];
export type Account = Schemas['Account'];

/** A refusal or a fault of the gateway, in the words that it gave. */
export class ApiProblem extends Error {
  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    message: string,
    readonly violations: readonly Schemas['FieldViolation'][] = [],
  ) {
    super(message);
  }
}

interface SessionHooks {
  /** The token that every change has to carry; undefined while nobody is signed in. */
  csrfToken: () => string | undefined;
  /** Asks the person to sign in again; resolves once they did, rejects if they will not. */
  signInAgain: () => Promise<void>;
}

let hooks: SessionHooks = {
  csrfToken: () => undefined,
  signInAgain: () => Promise.reject(new ApiProblem(401, 'Not signed in')),
};

/** The session tells the client how to prove it, and what to do when it has ended. */
export function useSessionHooks(next: SessionHooks): void {
  hooks = next;
}

const SESSION_PATH = '/api/v1/session';
const resends = new WeakMap<Request, Request>();

function prove(request: Request): Request {
  const token = hooks.csrfToken();
  if (token !== undefined && request.method !== 'GET') request.headers.set('X-CSRF-Token', token);
  return request;
}

/**
 * A session that ends in the middle of a form loses nothing: the request waits for the person to sign in
 * again, and is then sent as it was.
 */
const session: Middleware = {
  onRequest({ request }) {
    resends.set(request, request.clone());
    return prove(request);
  },
  async onResponse({ request, response }) {
    const again = resends.get(request);
    if (response.status !== 401 || !again || new URL(request.url).pathname === SESSION_PATH)
      return undefined;
    await hooks.signInAgain();
    return fetch(prove(again));
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(session);

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * The data of an answer.
 * @throws ApiProblem for every other answer, and where none came
 */
export async function take<Data>(request: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await request.catch((fault: unknown) => {
    if (fault instanceof ApiProblem) throw fault;
    throw new ApiProblem(0, 'The gateway does not answer. Is it running?');
  });
  if (response.ok) return (data ?? {}) as NonNullable<Data>;
  throw readProblem(response.status, error);
}

/** An outcome is an answer whatever its HTTP status says; a refusal of the door is thrown. */
export async function takeOutcome(request: Promise<Answer<Outcome>>): Promise<Outcome> {
  const { data, error, response } = await request.catch((fault: unknown) => {
    if (fault instanceof ApiProblem) throw fault;
    throw new ApiProblem(0, 'The gateway does not answer. Send again: the same key acts once.');
  });
  const body = data ?? error;
  if (isOutcome(body)) return body;
  throw readProblem(response.status, body);
}

function isOutcome(body: unknown): body is Outcome {
  return typeof body === 'object' && body !== null && 'action_id' in body && 'status' in body;
}

function readProblem(status: number, body: unknown): ApiProblem {
  const { error, detail, failure } = (typeof body === 'object' && body !== null ? body : {}) as {
    error?: string;
    detail?: string;
    failure?: Schemas['Failure'];
  };
  return new ApiProblem(
    status,
    detail ?? error ?? `The gateway answered with HTTP ${status}`,
    failure?.violations,
  );
}
