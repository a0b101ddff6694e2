// Real: the table of endings and the stages of an action.
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/actions/failures.js';
import { type EndedBy, ENDINGS } from '../../src/execution/endings.js';
import { factsOf, type Stage } from '../../src/execution/progress.js';

const STAGES = Object.keys(ENDINGS) as Stage[];
const ENDED_BY: readonly EndedBy[] = ['result', 'replay', 'budget', 'refusal', 'failure'];
const happened = STAGES.filter((stage) => factsOf(stage).mayHaveHappened);
const didNotHappen = STAGES.filter((stage) => !factsOf(stage).mayHaveHappened);

describe('the table of endings', () => {
  it.each(happened)('keeps the key of what may have happened, however it ends: %s', (stage) => {
    for (const by of ENDED_BY.filter((one) => one !== 'replay'))
      expect(ENDINGS[stage][by]).toEqual({ row: 'update', key: 'kept' });
    expect(FAILURES[ENDINGS[stage].faultCode].status).toBe('UNKNOWN');
  });

  it.each(didNotHappen)(
    'frees the key of what did not happen and may succeed later: %s',
    (stage) => {
      expect(ENDINGS[stage].failure.key).not.toBe('kept');
      expect(FAILURES[ENDINGS[stage].faultCode].status).toBe('FAILED');
    },
  );

  it.each(STAGES)('never writes a row for a replay: %s', (stage) => {
    expect(ENDINGS[stage].replay).toEqual({ row: 'none', key: 'none' });
  });

  it.each(STAGES)('touches a key only together with a row that exists: %s', (stage) => {
    for (const by of ENDED_BY) {
      const { row, key } = ENDINGS[stage][by];
      expect(key === 'none').toBe(row === 'none' || row === 'insert' || row === 'audit');
    }
  });

  it('writes no row for a caller over its budget', () => {
    expect(ENDINGS.received.budget.row).toBe('none');
  });

  it('leaves to the queue what the queue has', () => {
    expect(ENDED_BY.map((by) => ENDINGS.queued[by].row)).toEqual(ENDED_BY.map(() => 'none'));
  });

  it('answers before the row is written only where it is unknown whether the row exists', () => {
    expect(STAGES.filter((stage) => ENDINGS[stage].answersFirst)).toEqual([
      'perhaps started',
      'perhaps resumed',
      'perhaps resumed in doubt',
    ]);
  });

  it.each(STAGES)('claims that nothing was sent only where nothing was started: %s', (stage) => {
    const isStarted = [
      'started',
      'started in doubt',
      'dispatched',
      'in doubt',
      'done',
      'done, next in doubt',
    ];
    expect(ENDINGS[stage].unrecordedCode).toBe(
      isStarted.includes(stage) ? 'OUTCOME_UNKNOWN' : 'GATEWAY_UNAVAILABLE',
    );
  });
});
