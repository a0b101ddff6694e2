import type { SealedColumn } from '../../database/key-rotation.js';

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_WEBHOOKS: SealedColumn = {
  table: 'media_jobs',
  column: 'webhook_url',
  key: ['id'],
  locate: ({ id = '' }) => placeOfWebhook(id),
};

export function placeOfWebhook(id: string): string {
  return `media_jobs/${id}/webhook_url`;
}
