// Real: the lines of order keys. Nothing is fake.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Order } from '../../src/safeguards/order.js';

/** Steps into a line and notes when the turn comes. */
function enter(order: Order, key: string | undefined, name: string, came: string[]) {
  const turn = order.enter(key);
  void Promise.resolve(turn.comes).then(() => came.push(name));
  return turn;
}

describe('Order', () => {
  it('lets one through at a time, in order of arrival', async () => {
    const order = new Order();
    const came: string[] = [];
    const turns = ['a', 'b', 'c'].map((name) => enter(order, 'chat', name, came));
    await nextTurn();
    expect(came).toEqual(['a']);
    turns[0]?.end();
    await nextTurn();
    expect(came).toEqual(['a', 'b']);
    turns[1]?.end();
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c']);
  });

  it('keeps the order when one in the middle gives up early', async () => {
    const order = new Order();
    const came: string[] = [];
    const [first, second] = ['a', 'b', 'c'].map((name) => enter(order, 'chat', name, came));
    second?.end();
    await nextTurn();
    expect(came).toEqual(['a']);
    first?.end();
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c']);
  });

  it('lets keys pass each other, and actions without one', async () => {
    const order = new Order();
    const came: string[] = [];
    enter(order, 'chat', 'a', came);
    enter(order, 'chat', 'b', came);
    enter(order, 'poll', 'c', came);
    enter(order, undefined, 'd', came).end();
    enter(order, undefined, 'e', came);
    await nextTurn();
    expect(came.sort()).toEqual(['a', 'c', 'd', 'e']);
  });

  it('starts a new line after the old one has ended', async () => {
    const order = new Order();
    const came: string[] = [];
    enter(order, 'chat', 'a', came).end();
    await nextTurn();
    enter(order, 'chat', 'b', came);
    await nextTurn();
    expect(came).toEqual(['a', 'b']);
  });

  it('survives an end that comes twice', async () => {
    const order = new Order();
    const came: string[] = [];
    const first = enter(order, 'chat', 'a', came);
    const second = enter(order, 'chat', 'b', came);
    enter(order, 'chat', 'c', came);
    first.end();
    first.end();
    await nextTurn();
    expect(came).toEqual(['a', 'b']);
    second.end();
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c']);
  });
});
