import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { refuse } from '../actions/door-refusal.js';

const UUID_BYTES = 16;
const MARK_BYTES = 16;

/**
 * Where a list goes on, as callers hand it back: an id with a mark by which the gateway knows that it
 * wrote it, for this very list. A cursor has no end; its row may be gone.
 */
@Injectable()
export class PageCursors {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'signingKeys'>) {}

  /** @param list what is listed, with its filters: a cursor is good for nothing else */
  write(id: string, list: string): string {
    const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
    return Buffer.concat([bytes, mark(this.config.signingKeys[0] ?? '', bytes, list)]).toString(
      'base64url',
    );
  }

  /** @throws DoorRefusal for a cursor that no answer gave, or one of another list */
  read(cursor: string, list: string): string {
    const given = Buffer.from(cursor, 'base64url');
    const bytes = given.subarray(0, UUID_BYTES);
    const isOurs =
      given.length === UUID_BYTES + MARK_BYTES &&
      this.config.signingKeys.some((key) =>
        timingSafeEqual(mark(key, bytes, list), given.subarray(UUID_BYTES)),
      );
    if (!isOurs)
      throw refuse.malformed(
        'cursor is none that an answer to this very question gave; begin again without',
      );
    const hex = bytes.toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function mark(key: string, id: Buffer, list: string): Buffer {
  return createHmac('sha256', key)
    .update('page cursor\n')
    .update(id)
    .update(list)
    .digest()
    .subarray(0, MARK_BYTES);
}
