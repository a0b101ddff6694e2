import * as fc from 'fast-check';
import type { PlatformRequest } from '../../../src/actions/wire.js';
import { AnswerMaker, findPlaceholderFaults } from './answers.js';
import type { Contract } from './contract.js';
import type { ContractFault } from './exceptions.js';
import { type Input, listCombinations, makeInputs, SEED } from './inputs.js';
import { parseInput, record, type Recorded, type TriedAction } from './recording.js';
import { findTakenAgainstContract } from './refusals.js';
import {
  findIdleScopes,
  findOperation,
  findRequestFaults,
  findUploadFaults,
} from './request-faults.js';

export const RANDOM_INPUTS = 200;

/** Decides which faults count, and words them. */
export type Judge = (faults: readonly ContractFault[]) => readonly string[];

/** One action, tried against the contract of its platform. */
export class Trial {
  readonly combinations: readonly Input[];
  /** Every request of the trial, one of each method and path. */
  readonly #seen = new Map<string, PlatformRequest>();
  readonly #answers: AnswerMaker;

  constructor(
    readonly tried: TriedAction,
    readonly contract: Contract,
    answers?: AnswerMaker,
  ) {
    this.#answers = answers ?? new AnswerMaker(contract);
    this.combinations = listCombinations(tried);
  }

  get requests(): readonly PlatformRequest[] {
    return [...this.#seen.values()];
  }

  /** The endpoints that were called, as the contract names them. */
  get endpoints(): ReadonlySet<string> {
    const found = this.requests.map((request) => findOperation(this.contract, request));
    return new Set(found.flatMap((one) => (one ? [one.key] : [])));
  }

  /** Every combination of optional fields. */
  async holdCombinations(): Promise<ContractFault[]> {
    const faults: ContractFault[] = [];
    for (const input of this.combinations) faults.push(...(await this.#hold(input)));
    return faults;
  }

  /** Random valid inputs. @returns how many @throws Error with the smallest input that goes wrong */
  async holdRandom(judge: Judge): Promise<number> {
    let held = 0;
    await fc.assert(
      fc.asyncProperty(makeInputs(this.tried), async (input) => {
        fc.pre(parseInput(this.tried, input) !== undefined);
        held += 1;
        const faults = judge(await this.#hold(input));
        if (faults.length > 0) throw new Error(faults.join('\n'));
      }),
      { numRuns: RANDOM_INPUTS, seed: SEED, maxSkipsPerRun: 200 },
    );
    return held;
  }

  /** Inputs that the contract refuses and the action takes. */
  findTaken(): ReturnType<typeof findTakenAgainstContract> {
    return findTakenAgainstContract(this.tried, this.combinations, this.contract, this.#answers);
  }

  /** Scopes that no request needed so far. */
  findIdleScopes(): ContractFault[] {
    return findIdleScopes(this.contract, this.tried.action, this.requests);
  }

  carryOutExample(): Promise<Recorded> {
    return record(this.tried, this.tried.action.example.input, this.#answers);
  }

  async #hold(input: Input): Promise<ContractFault[]> {
    const { requests, uploads } = await record(this.tried, input, this.#answers);
    for (const request of requests) this.#seen.set(`${request.method} ${request.path}`, request);
    const { action } = this.tried;
    return [
      ...requests.flatMap((request) => findRequestFaults(this.contract, action, request)),
      ...requests.flatMap((request) =>
        findPlaceholderFaults(this.contract, action.type, request, this.#answers),
      ),
      ...uploads.flatMap((upload) => findUploadFaults(this.contract, action, upload)),
    ];
  }
}
