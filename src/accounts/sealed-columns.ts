import type { SealedColumn } from '../database/key-rotation.js';
import { placeOfRecord } from './account-records.js';
import { placeOfVerifier } from './consent-states.js';
import { placeOfRenewal } from './resolved-credentials.js';
import { placeOf } from './stored-tokens.js';

const inAccounts = (column: string): SealedColumn => ({
  table: 'accounts',
  column,
  key: ['platform', 'account_id'],
  locate: ({ platform = '', account_id = '' }) => placeOf(platform, account_id, column),
});

const inRenewals = (column: string): SealedColumn => ({
  table: 'resolved_credentials',
  column,
  key: ['customer', 'credential_ref'],
  locate: ({ customer = '', credential_ref = '' }) =>
    placeOfRenewal({ customer, ref: credential_ref }, column),
});

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_ACCOUNTS: readonly SealedColumn[] = [
  inAccounts('access_token'),
  inAccounts('refresh_token'),
  inAccounts('client_secret'),
  inRenewals('access_token'),
  inRenewals('refresh_token'),
  {
    table: 'oauth_states',
    column: 'code_verifier',
    key: ['state_hash'],
    locate: ({ state_hash = '' }) => placeOfVerifier(state_hash),
  },
  {
    table: 'account_records',
    column: 'value',
    key: ['platform', 'account_id', 'name'],
    locate: ({ platform = '', account_id = '', name = '' }) =>
      placeOfRecord(platform, account_id, name),
  },
];
