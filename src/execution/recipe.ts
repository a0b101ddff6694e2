import { Injectable } from '@nestjs/common';
import { findMissingScopes } from '../accounts/account-view.js';
import { Flags } from '../safeguards/flags.js';
import { AccountUse, requireScopes } from './account-use.js';
import { Admission, type Admitted } from './admission.js';
import { CredentialReferences } from './credential-references.js';
import { Deferral } from './deferral.js';
import { Dispatcher } from './dispatcher.js';
import { describeFlagTargets, requireTimeAhead } from './envelope-checks.js';
import { Preparation } from './preparation.js';
import { Repeats } from './repeats.js';
import type { Replay, Run, Success } from './run.js';

/** The steps of an action in their order. */
@Injectable()
export class Recipe {
  constructor(
    private readonly admission: Admission,
    private readonly repeats: Repeats,
    private readonly references: CredentialReferences,
    private readonly flags: Flags,
    private readonly accounts: AccountUse,
    private readonly preparation: Preparation,
    private readonly deferral: Deferral,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @throws ActionFailure, and any error of an action that cannot read its answer */
  async follow(run: Run, raw: unknown): Promise<Success | Replay> {
    const { call, deadline } = run;
    // Counted before the envelope is read: a refused request costs its caller as much as any other.
    const spending = this.admission.spend(run);
    let admitted: Admitted;
    try {
      admitted = this.admission.admit(run, raw);
    } catch (error) {
      if (spending) await deadline.race(spending);
      throw error;
    }
    const { envelope, input, isForLater, reference } = admitted;
    if (spending) await deadline.race(spending);
    const finding = run.trace.step('find', () => this.repeats.find(run, envelope, isForLater));
    const stored = finding instanceof Promise ? await finding : finding;
    if (stored) return { status: 'REPLAYED', outcome: stored };
    // After the key: a repeat of a scheduled action is answered even when run_at has passed.
    if (!run.waited) requireTimeAhead(envelope);
    if (reference) admitted = await this.references.resolve(run, admitted, reference);

    const { context } = admitted;
    const { platform, action } = admitted.found;
    const targets = describeFlagTargets(call, context);
    const subject = { platform: platform.name, type: action.type, group: action.group };
    this.flags.require(subject, targets);
    if (!run.waited && envelope.callback_url !== undefined)
      await deadline.race(this.admission.requireCallbackUrl(envelope.callback_url));
    const using = this.accounts.use(run, admitted);
    const credential = using instanceof Promise ? await using : using;
    const missing = findMissingScopes(action.scopes, credential);
    if (envelope.dry_run)
      return deadline.race(this.preparation.prepare(admitted, credential, missing));
    requireScopes(admitted, missing);
    if (run.turn?.comes) await deadline.race(run.turn.comes);
    if (isForLater) return this.deferral.lineUp(run, admitted);

    this.accounts.noteUse(admitted);
    const session = this.dispatcher.open(run, admitted, credential, subject, targets);
    try {
      const result = await action.carryOut(input, context, session);
      this.accounts.noteSuccess(platform, credential);
      return { status: 'SUCCEEDED', result: result as Success['result'] };
    } catch (error) {
      this.accounts.noteFailure(admitted, credential, error);
      session.noteFailure(error);
      throw error;
    } finally {
      session.end();
    }
  }
}
