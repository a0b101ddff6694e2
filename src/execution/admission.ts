import { Inject, Injectable } from '@nestjs/common';
import type { Action, ActionContext } from '../actions/action.js';
import { type Envelope, parseEnvelope } from '../actions/envelope.js';
import { ActionFailure, refuseInput } from '../actions/failures.js';
import { CredentialService } from '../accounts/credential-service.js';
import type { CredentialReference } from '../accounts/held-credential.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import type { Caller } from '../callers/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { Order } from '../safeguards/order.js';
import { Catalogue, type CataloguedAction } from './catalogue.js';
import { EgressGuard } from './egress.js';
import {
  findContext,
  readCredentialReference,
  refuseFile,
  requirePermission,
  requireSupportedFeatures,
} from './envelope-checks.js';
import { requirePolicy } from './permitted-actions.js';
import type { Run } from './run.js';

/** An envelope that was read and checked. */
export interface Admitted {
  readonly envelope: Envelope;
  readonly found: CataloguedAction;
  readonly context: ActionContext;
  readonly input: ReturnType<Action['parse']>;
  readonly isForLater: boolean;
  readonly line: string | undefined;
  /** The credential_ref of the envelope. */
  readonly reference?: CredentialReference;
  /** The credential behind the reference, once it is resolved. */
  readonly credential?: HeldCredential;
}

/** Reads and checks envelopes, and gives each action its place in line. */
@Injectable()
export class Admission {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly budgets: CallerBudgets,
    private readonly order: Order,
    private readonly egress: EgressGuard,
    private readonly credentialService: CredentialService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Counts the request against the budget of its caller; one from the queue was counted when it came. */
  spend({ waited, call: { caller } }: Run): Promise<void> | undefined {
    if (waited) return undefined;
    const spending = this.budgets.spend(caller.identity, caller.requestsPerMinute);
    // The recipe awaits it in any case, but perhaps only after another step has failed.
    spending?.catch(() => undefined);
    return spending;
  }

  /** Reads and checks an envelope without waiting for anything. @throws ActionFailure naming what is wrong */
  admit(run: Run, raw: unknown): Admitted {
    const { call } = run;
    const envelope = (run.envelope = parseEnvelope(raw));
    const found = (run.found = this.catalogue.get(envelope.platform, envelope.action_type));
    const { action } = found;
    const context = findContext(run, found, envelope);
    const input = action.parse(envelope.parameters, context);
    requireSupportedFeatures(envelope, action, {
      callbacks: this.config.callbackSecrets.length > 0,
      credentials: this.credentialService.isThere,
    });
    const isForLater = !run.waited && (envelope.run_async || envelope.run_at !== undefined);
    if (isForLater) refuseFile(call);
    requirePermission(call, envelope, context, action);
    requirePolicy(call.caller, action, envelope.dry_run);
    if (isPlainRead(run, action, envelope)) run.progress.note('read');
    const reference = readCredentialReference(call, envelope);
    // The place in line is taken before anything is awaited, so that it is in order of arrival.
    const line = reference
      ? `credential/${reference.customer}/${reference.ref}`
      : findLine(call.caller, action, context, input, isForLater);
    this.enterLine(run, line, isForLater);
    return { envelope, found, context, input, isForLater, reference, line };
  }

  /** Takes a place in a line. A dry run takes none. */
  enterLine(run: Run, line: string | undefined, isForLater: boolean): void {
    if (run.envelope?.dry_run) return;
    run.turn = this.order.enter(line && isForLater ? `later/${line}` : line);
  }

  /** Checks that the outcome may be sent to an address. @throws ActionFailure INVALID_INPUT */
  async requireCallbackUrl(url: string): Promise<void> {
    await this.egress.check(url).catch((error: unknown) => {
      if (!(error instanceof ActionFailure)) throw error;
      throw refuseInput([{ field: 'callback_url', message: error.message }]);
    });
  }
}

/** Whether it is a read that somebody waits for: one for later, or with a callback, has rows as a write has. */
function isPlainRead({ waited }: Run, { effect }: Action, envelope: Envelope): boolean {
  const { dry_run, run_async, run_at, callback_url } = envelope;
  if (effect !== 'read' || waited || dry_run) return false;
  return !run_async && run_at === undefined && callback_url === undefined;
}

/**
 * The line that an action stands in. Each tenant has its own lines, so that no tenant waits for the
 * actions of another. Callers without a tenant share their lines.
 */
export function findLine(
  { owner }: Caller,
  action: Action,
  context: ActionContext,
  input: object,
  isForLater: boolean,
): string | undefined {
  const line = isForLater ? action.queueKey(context, input) : action.orderKey(context, input);
  return line === undefined || owner === undefined
    ? line
    : `tenant/${encodeURIComponent(owner)}/${line}`;
}
