import type { Schemas } from '../api/client';

/** Of what is spent: from here a limit is shown as nearly spent. */
export const NEARLY = 0.8;

export const isNearlySpent = ({ used, limit }: Schemas['Limit']): boolean =>
  limit > 0 && used / limit >= NEARLY;
