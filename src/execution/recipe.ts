import { Injectable } from '@nestjs/common';
import { findMissingScopes } from '../accounts/account-view.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import type { Caller } from '../callers/caller.js';
import { Flags } from '../safeguards/flags.js';
import { AccountUse, requireScopes } from './account-use.js';
import { Admission, type Admitted } from './admission.js';
import { CredentialReferences } from './credential-references.js';
import { Deferral } from './deferral.js';
import { Dispatcher } from './dispatcher.js';
import { describeFlagTargets, requireTimeAhead } from './envelope-checks.js';
import { Preparation } from './preparation.js';
import { Reads } from './reads.js';
import { Repeats } from './repeats.js';
import type { Replay, Run, Success } from './run.js';
import type { UpstreamSession } from './upstream-session.js';

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
    private readonly reads: Reads,
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
    const { envelope, isForLater, reference } = admitted;
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
    const missing = findMissingScopes(action, credential, action.moreScopes(admitted.input));
    if (envelope.dry_run)
      return deadline.race(this.preparation.prepare(admitted, credential, missing));
    requireScopes(admitted, missing);
    if (run.turn?.comes) await deadline.race(run.turn.comes);
    if (isForLater) return this.deferral.lineUp(run, admitted);

    this.accounts.noteUse(admitted);
    const carryOut = (): Promise<object> => {
      const session = this.dispatcher.open(run, admitted, credential, subject, targets);
      return this.#carryOut(session, admitted, credential);
    };
    const about = { platform: platform.name, accountId: context.account.id };
    if (run.progress.stage !== 'reading') {
      try {
        return describe(await carryOut());
      } finally {
        if (action.effect !== 'read') this.reads.forget(about);
      }
    }
    const key = nameRead(call.caller, admitted, credential);
    const race = deadline.race.bind(deadline);
    return describe(await this.reads.answer(about, key, action.cacheSeconds, race, carryOut));
  }

  async #carryOut(
    session: UpstreamSession,
    admitted: Admitted,
    credential: HeldCredential,
  ): Promise<object> {
    const { found, input, context } = admitted;
    try {
      const result = await found.action.carryOut(input, context, session);
      this.accounts.noteSuccess(found.platform, credential);
      return result;
    } catch (error) {
      this.accounts.noteFailure(admitted, credential, error);
      session.noteFailure(error);
      throw error;
    } finally {
      session.end();
    }
  }
}

function describe(result: object): Success {
  return { status: 'SUCCEEDED', result: result as Success['result'] };
}

/** Everything that the answer to a read depends on. Tenants do not share answers. */
function nameRead(
  { owner }: Caller,
  { found: { platform, action }, input, context: { account, actor } }: Admitted,
  { accountId, reference }: HeldCredential,
): string {
  const names = [platform.name, action.type, owner, account.id, actor.id, accountId];
  return JSON.stringify([...names, reference?.customer, reference?.ref, input]);
}
