// Real: the platforms' published contracts. Fake: the answers, which are made of their schemas.
import { describe, expect, it } from 'vitest';
import { AnswerMaker, checkAnswer, contractOf } from '../support/contract/answers.js';
import { listContracts, readSpec } from '../support/contract/contract.js';
import { describeFaults } from '../support/contract/exceptions.js';

/** Parameters are texts, numbers and lists, and no body is a number. */
const makeWrong = (part: string): unknown => (part === 'body' ? 7 : {});

describe.each(listContracts())('the contract of %s', (platform) => {
  const contract = contractOf(platform);

  it('names its source and its date', () => {
    expect(readSpec(`${platform}.json`)).toMatchObject({
      source: expect.stringMatching(/.{10}/),
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
  });

  it('can be read in every part', () => {
    const parts: (readonly [key: string, part: string])[] = [];
    for (const [key, { path = {}, query = {}, body }] of contract.operations) {
      for (const name of Object.keys(path)) parts.push([key, `path/${name}`]);
      for (const name of Object.keys(query)) parts.push([key, `query/${name}`]);
      if (body) parts.push([key, 'body']);
    }
    expect(parts.length).toBeGreaterThan(100);
    expect(
      parts.filter(([key, part]) => contract.findFaults(key, part, makeWrong(part)).length === 0),
    ).toEqual([]);
  });

  it('takes the answers that are made of it', () => {
    const answers = new AnswerMaker(contract);
    const faults = [...contract.operations].flatMap(([key, { answers: known }]) => {
      const [method = '', template = ''] = key.split(' ');
      const path = template.replaceAll(/\{\w+\}/g, '700000000000000001');
      const found = contract.find(method, path);
      const body = answers.answer({ method: method as 'GET', path });
      const status = Object.keys(known).find((one) => known[one] !== null);
      // A word in the place of an id may make it another endpoint.
      if (found?.key !== key || status === undefined || body === undefined) return [];
      return checkAnswer(platform, { method, path, status: Number(status), body });
    });
    expect(describeFaults(faults)).toEqual([]);
  });
});
