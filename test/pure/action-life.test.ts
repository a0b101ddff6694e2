// Real: fast-check. Fake: a model of the tables of an action's life and of the replicas that write them, which
// test/room/action-life.test.ts holds against PostgreSQL. Two replicas, crashes, pauses, cut connections, late
// statements and clocks that are set; fast-check says what happens next.
import { array, assert, check, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault } from '../support/action-tables.js';
import { ActionWorld } from '../support/action-world.js';

const isLong = process.env['CHAOS'] === 'long';
const INTERLEAVINGS = isLong ? 200_000 : 6_000;
/** The search ends with the first that is found; from this seed that takes some thousands. */
const INTERLEAVINGS_WITH_FAULT = 1_000_000;
const SEED = 7;
const CHOICES = array(nat(), { minLength: 8, maxLength: 90, size: 'max' });

/** @throws Error with the property that did not hold, and what led to it */
function play(choices: readonly number[], fault?: PlantedFault): void {
  const world = new ActionWorld(fault);
  for (const choice of choices) if (world.broken === undefined) world.move(choice);
  if (world.broken === undefined) world.finish();
  if (world.broken !== undefined) throw new Error([world.broken, ...world.history].join('\n'));
}

const holds = (fault?: PlantedFault) => property(CHOICES, (choices) => play(choices, fault));

describe('the life of an action', () => {
  it(`is final, sent once, and over at last, in ${INTERLEAVINGS} interleavings`, () => {
    assert(holds(), { numRuns: INTERLEAVINGS });
  }, 600_000);

  it.each(PLANTED_FAULTS)(
    'is found to be broken where %s',
    (fault) => {
      const found = check(holds(fault), {
        numRuns: INTERLEAVINGS_WITH_FAULT,
        endOnFailure: true,
        seed: SEED,
      });
      expect(found.failed).toBe(true);
    },
    120_000,
  );
});
