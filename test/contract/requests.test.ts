// Real: every action of the catalogue, and the platforms' published contracts. Fake: the platforms, which
// answer as their contracts say. Nothing here names an action.
import { beforeAll, describe, expect, it } from 'vitest';
import { isTheAction } from '../../src/actions/action.js';
import { AnswerMaker, contractOf } from '../support/contract/answers.js';
import {
  AcceptedFaults,
  type ContractFault,
  describeFaults,
} from '../support/contract/exceptions.js';
import { RANDOM_INPUTS, Trial } from '../support/contract/trial.js';
import { listActions, listPlatforms } from '../support/contract/tried-actions.js';

const actions = await listActions();
const { platforms, lacking } = listPlatforms(actions);

it('has a contract of every platform in test/specs', () => {
  expect(lacking, 'add test/specs/<platform>.json, as its README describes').toEqual([]);
});

describe.each(platforms)('%s', (platform) => {
  const contract = contractOf(platform);
  const answers = new AnswerMaker(contract);
  const accepted = AcceptedFaults.load(platform, 'requests');
  const judge = (faults: readonly ContractFault[]): string[] =>
    describeFaults(accepted.reject(faults));
  const offered = actions
    .filter((tried) => tried.platform === platform && tried.action.unsupported === undefined)
    .map((tried) => ({ name: `${platform}.${tried.action.type}`, tried }));

  describe.each(offered)('$name', ({ tried }) => {
    let trial: Trial;

    beforeAll(() => {
      trial = new Trial(tried, contract, answers);
    });

    it('sends what the contract takes, with every combination of optional fields', async () => {
      expect(judge(await trial.holdCombinations())).toEqual([]);
      const done = trial.requests.filter((request) => isTheAction(tried.action, request));
      expect(done.length, 'requests that carry out the action').toBeGreaterThan(0);
    });

    it('sends what the contract takes, with random valid inputs', async () => {
      expect(await trial.holdRandom(judge)).toBe(RANDOM_INPUTS);
    });

    it('refuses what the contract refuses', async () => {
      const { faults } = await trial.findTaken();
      expect(judge(faults)).toEqual([]);
    });

    it('asks for no scope that it does not need, and succeeds with its example', async () => {
      expect(judge(trial.findIdleScopes())).toEqual([]);
      expect((await trial.carryOutExample()).failure).toBeUndefined();
    });
  });

  it('has no exception that is not used, and no addition that the contract holds', () => {
    expect(accepted.listUnused()).toEqual([]);
    expect(contract.staleAdditions).toEqual([]);
  });
});
