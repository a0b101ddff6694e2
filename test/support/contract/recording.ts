import type { Action, ActionContext, FetchedFile, Upstream } from '../../../src/actions/action.js';
import { ActionFailure } from '../../../src/actions/failures.js';
import { isObject } from '../../../src/actions/json.js';
import type { Upload } from '../../../src/actions/upload.js';
import type { PlatformRequest } from '../../../src/actions/wire.js';
import { PLATFORMS } from '../../../src/platforms/platforms.js';
import type { AnswerMaker } from './answers.js';

/** A PNG of one pixel: what takes images takes it. */
const PIXEL = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
    'base64',
  ),
);

/** What was kept by earlier actions: an id of every platform. */
const KEPT = '700000000000000001';

/** Records every request, and answers each as the contract says. */
class RecordingUpstream implements Upstream {
  readonly requests: PlatformRequest[] = [];
  readonly uploads: Upload[] = [];

  constructor(private readonly answers: AnswerMaker) {}

  async send<Answer>(request: PlatformRequest): Promise<Answer> {
    this.requests.push(request);
    return this.answers.answer(request) as Answer;
  }

  look<Answer>(request: PlatformRequest): Promise<Answer> {
    return this.send(request);
  }

  async fetch(): Promise<FetchedFile> {
    return { bytes: PIXEL, type: 'image/png', isKnown: true };
  }

  async upload<Answer>(upload: Upload): Promise<Answer> {
    this.uploads.push(upload);
    return this.send<Answer>(upload.session);
  }

  async recall(_name: string, placeholder?: string): Promise<string | undefined> {
    return placeholder === undefined ? undefined : KEPT;
  }

  async reserveFiles(): Promise<void> {}
  goOnAfter(): void {}
  beginPart(): void {}
  async wait(): Promise<boolean> {
    return true;
  }
  async renew(): Promise<number | undefined> {
    return undefined;
  }
  async changeRecord(
    _name: string,
    change: (now: string | undefined) => string | undefined,
    placeholder?: string,
  ): Promise<string | undefined> {
    // What an earlier action has recorded holds ids where a dry run shows what they are.
    return change(placeholder?.replaceAll(/<[^<>]+>/g, KEPT));
  }
  async remember(): Promise<void> {}
  async forget(): Promise<void> {}
}

/** What an action sent, and how it ended. */
export interface Recorded {
  readonly requests: readonly PlatformRequest[];
  readonly uploads: readonly Upload[];
  readonly failure?: ActionFailure;
}

/** An action of a platform, and how it is tried. */
export interface TriedAction {
  readonly platform: string;
  readonly action: Action;
}

/** The context of an action: a file comes with the request where the input names none. */
function makeContext({ platform, action }: TriedAction, input: unknown): ActionContext {
  const declared = PLATFORMS.find(({ name }) => name === platform)?.sandbox;
  const [account, actor = account] = declared?.demoAccounts.map(({ id }) => id) ?? [];
  const id = declared?.exampleAccount ?? account ?? '700000000000000001';
  const given = [action.takesFile, action.takesContent].filter((field) => field !== undefined);
  return {
    actionId: 'action-1',
    account: { id },
    actor: { id: action.actsAs === 'actor' ? (actor ?? id) : id },
    hasFile:
      given.length > 0 &&
      !given.some(
        (field) => isObject(input) && input[field] !== undefined && input[field] !== null,
      ),
  };
}

/** The input as the action reads it; undefined where the action refuses it. */
export function parseInput(tried: TriedAction, input: unknown): object | undefined {
  try {
    return tried.action.parse(input, makeContext(tried, input));
  } catch (error) {
    if (error instanceof ActionFailure) return undefined;
    throw error;
  }
}

/** Carries out an action with an input that it takes. @throws what is no ActionFailure */
export async function record(
  tried: TriedAction,
  input: object,
  answers: AnswerMaker,
): Promise<Recorded> {
  const parsed = tried.action.parse(input, makeContext(tried, input));
  const upstream = new RecordingUpstream(answers);
  try {
    await tried.action.carryOut(parsed, makeContext(tried, input), upstream);
    return upstream;
  } catch (failure) {
    if (failure instanceof ActionFailure)
      return { requests: upstream.requests, uploads: upstream.uploads, failure };
    throw failure;
  }
}
