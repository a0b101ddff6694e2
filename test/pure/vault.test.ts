// Real: the vault and the cipher of Node.js. Nothing is fake.
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vault } from '../../src/database/vault.js';

const K1 = { id: 'k1', key: randomBytes(32) };
const K2 = { id: 'k2', key: randomBytes(32) };
const PLACE = 'accounts/twitch/1001/access_token';

describe('Vault', () => {
  it('opens what it sealed, whatever the text', () => {
    const vault = new Vault([K1]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        expect(vault.decrypt(vault.encrypt(text, place), place)).toBe(text);
      }),
    );
  });

  it('says which key sealed a value and shows nothing of the text', () => {
    const sealed = new Vault([K1]).encrypt('very-secret', PLACE);
    expect(sealed).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]+$/);
    expect(sealed).not.toContain('very-secret');
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString()).not.toContain('secret');
  });

  it('seals the same text differently each time', () => {
    const vault = new Vault([K1]);
    expect(new Set(Array.from({ length: 100 }, () => vault.encrypt('a', PLACE))).size).toBe(100);
  });

  it.each([
    'accounts/twitch/1002/access_token',
    'accounts/twitch/1001/refresh_token',
    'accounts/youtube/1001/access_token',
    '',
  ])('does not open a value that was moved to "%s"', (place) => {
    const vault = new Vault([K1]);
    const sealed = vault.encrypt('a', PLACE);
    expect(() => vault.decrypt(sealed, place)).toThrow(/authenticate/);
  });

  it('does not open a value of which anything was changed', () => {
    const vault = new Vault([K1]);
    const [version, id, nonce, sealed = ''] = vault.encrypt('a secret', PLACE).split('.');
    const bytes = Buffer.from(sealed, 'base64url');
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const value = [version, id, nonce, changed.toString('base64url')].join('.');
      expect(() => vault.decrypt(value, PLACE)).toThrow(/authenticate/);
    }
    const other = randomBytes(12).toString('base64url');
    expect(() => vault.decrypt([version, id, other, sealed].join('.'), PLACE)).toThrow(
      /authenticate/,
    );
  });

  it('does not take a shortened tag for a whole one', () => {
    const vault = new Vault([K1]);
    const [version, id, nonce, sealed = ''] = vault.encrypt('', PLACE).split('.');
    for (const length of [0, 4, 8, 12, 15]) {
      const short = Buffer.from(sealed, 'base64url').subarray(0, length).toString('base64url');
      const value = [version, id, nonce, short].join('.');
      expect(() => vault.decrypt(value, PLACE)).toThrow(/authentication tag/);
    }
  });

  it('opens old values after a new key was put before the old one', () => {
    const old = new Vault([K1]).encrypt('a', PLACE);
    const rotated = new Vault([K2, K1]);
    expect(rotated.decrypt(old, PLACE)).toBe('a');
    const renewed = rotated.encrypt('a', PLACE);
    expect(renewed).toMatch(/^v1\.k2\./);
    expect(new Vault([K2]).decrypt(renewed, PLACE)).toBe('a');
  });

  it('says which key is missing, and where', () => {
    const old = new Vault([K1]).encrypt('a', PLACE);
    expect(() => new Vault([K2]).decrypt(old, PLACE)).toThrow(
      `No key "k1" in TOKEN_ENCRYPTION_KEYS opens the value at ${PLACE}`,
    );
  });

  it('does not open a value with another key of the same name', () => {
    const old = new Vault([K1]).encrypt('a', PLACE);
    expect(() => new Vault([{ id: 'k1', key: K2.key }]).decrypt(old, PLACE)).toThrow(
      /authenticate/,
    );
  });

  it.each(['', 'plain token', 'v2.k1.AAAA.AAAA', 'v1'])('refuses "%s"', (value) => {
    expect(() => new Vault([K1]).decrypt(value, PLACE)).toThrow(/opens the value|tag/);
  });

  it('needs a key', () => {
    expect(() => new Vault([])).toThrow('The vault needs a key');
  });
});
