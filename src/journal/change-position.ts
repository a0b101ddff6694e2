/**
 * A place in the order in which changes of actions are told: after the change of an action in a
 * transaction. Its text is the `id` of an event.
 */
export interface ChangePosition {
  /** As `pg_current_xact_id()` has it. */
  readonly transaction: number;
  readonly actionId: string;
}

const FORM = /^(\d{1,15})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
/** Lower than the id of any action. */
const NO_ACTION = '00000000-0000-0000-0000-000000000000';

/** The place before everything that a transaction, or one after it, has changed. */
export function beforeTransaction(transaction: number): ChangePosition {
  return { transaction, actionId: NO_ACTION };
}

/** @returns undefined for a text that is no position */
export function readPosition(text: string): ChangePosition | undefined {
  const [, transaction, actionId] = FORM.exec(text) ?? [];
  if (transaction === undefined || actionId === undefined) return undefined;
  return { transaction: Number(transaction), actionId };
}

export function writePosition({ transaction, actionId }: ChangePosition): string {
  return `${transaction}-${actionId}`;
}

/** Below zero where the first is earlier. */
export function comparePositions(one: ChangePosition, other: ChangePosition): number {
  if (one.transaction !== other.transaction) return one.transaction - other.transaction;
  if (one.actionId === other.actionId) return 0;
  return one.actionId < other.actionId ? -1 : 1;
}
