// Real: every action of the catalogue, the way to the platforms, the simulations over HTTP, and the platforms'
// published contracts. Nothing here names an action.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAnswer, contractOf, type GivenAnswer } from '../support/contract/answers.js';
import { AcceptedFaults, describeFaults } from '../support/contract/exceptions.js';
import { type Input, listCombinations, merge } from '../support/contract/inputs.js';
import { parseInput } from '../support/contract/recording.js';
import { SimulatedPlatform } from '../support/contract/simulated.js';
import { listActions, listPlatforms } from '../support/contract/tried-actions.js';

/** Combinations of optional fields that are tried beside the example. */
const MORE_INPUTS = 8;

const actions = await listActions();

describe.each(listPlatforms(actions).platforms)('the simulation of %s', (platform) => {
  const accepted = AcceptedFaults.load(platform, 'answers');
  const offered = actions.filter(
    (tried) => tried.platform === platform && tried.action.unsupported === undefined,
  );
  let simulated: SimulatedPlatform;

  beforeAll(async () => {
    simulated = await SimulatedPlatform.open(platform);
  });

  afterAll(() => simulated.close());

  it.each(offered.map((tried) => ({ name: `${platform}.${tried.action.type}`, tried })))(
    '$name is answered as the contract says',
    async ({ tried }) => {
      const { action } = tried;
      const example = action.example.input as Input;
      const others = listCombinations(tried).map((input) => merge(example, input));
      const taken = others.filter((input) => parseInput(tried, input) !== undefined);
      const judge = (answers: readonly GivenAnswer[]): string[] =>
        describeFaults(
          accepted.reject(answers.flatMap((one) => checkAnswer(platform, one, action.type))),
        );
      await simulated.reset();
      const { told, answers } = await simulated.carryOut(action, example);
      expect(told.failure).toBeUndefined();
      expect(answers.length).toBeGreaterThan(0);
      const found = judge(answers);
      for (const input of taken.slice(1, 1 + MORE_INPUTS)) {
        await simulated.reset();
        found.push(...judge((await simulated.carryOut(action, input)).answers));
      }
      expect([...new Set(found)]).toEqual([]);
    },
  );

  it('has no exception that is not used', () => {
    expect(accepted.listUnused()).toEqual([]);
    expect(contractOf(platform).staleAdditions).toEqual([]);
  });
});
