import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ActionFailure } from '../actions/failures.js';
import { CONFIG, type Config } from '../config/config.js';
import { METRICS } from '../observability/metrics.js';

/** Whose data a read is about: a write of the same account makes older answers worthless. */
export interface ReadSubject {
  readonly platform: string;
  readonly accountId: string;
}

interface Reading {
  readonly result: Promise<object>;
  /** A write of the account came meanwhile: the answer is for those who already wait, and is not kept. */
  isOutdated: boolean;
}

/** A reader whose own time is over says nothing about the platform: others ask for themselves. */
const OF_THE_CALLER = new Set(['CANCELLED', 'DEADLINE_TOO_SHORT']);
/** What an entry costs besides its text. */
const BYTES_OF_ENTRY = 500;

/**
 * The answers to reads, in the memory of this replica. Equal reads that are under way share one request. An
 * answer is given again for as long as its action declares, and until this replica writes for the account.
 */
@Injectable()
export class Reads {
  readonly #underWay = new Map<string, Reading>();
  readonly #answers: LRUCache<string, { readonly value: object; readonly subject: string }>;
  /** The keys of each subject, of what is kept and of what is under way. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(@Inject(CONFIG) { READ_CACHE_BYTES }: Pick<Config, 'READ_CACHE_BYTES'>) {
    this.#answers = new LRUCache({
      maxSize: READ_CACHE_BYTES,
      sizeCalculation: ({ value }, key) =>
        BYTES_OF_ENTRY + 2 * key.length + 2 * JSON.stringify(value).length,
      dispose: ({ subject }, key, reason) => {
        if (reason !== 'set') this.#unlist(subject, key);
      },
    });
  }

  /**
   * The answer to a read: one that is kept, that of an equal read under way, or its own.
   * @param key says everything that the answer depends on, with whose credentials are used
   * @param seconds for which the answer may be given again
   * @param race ends the wait for another reader's answer when the time of this one is over
   * @throws ActionFailure as the read
   */
  async answer(
    subject: ReadSubject,
    key: string,
    seconds: number,
    race: <Result>(work: Promise<Result>) => Promise<Result>,
    read: () => Promise<object>,
  ): Promise<object> {
    for (;;) {
      const kept = this.#answers.get(key);
      if (kept) {
        METRICS.reads.inc({ platform: subject.platform, from: 'memory' });
        return kept.value;
      }
      const reading = this.#underWay.get(key);
      if (!reading) return this.#read(subject, key, seconds, read);
      try {
        const value = await race(reading.result);
        METRICS.reads.inc({ platform: subject.platform, from: 'another read' });
        return value;
      } catch (error) {
        const isOwn = this.#underWay.get(key) === reading || !isOfTheCaller(error);
        if (isOwn) throw error;
      }
    }
  }

  /** Forgets what was read for an account, since something is being written there. */
  forget(subject: ReadSubject): void {
    const name = nameSubject(subject);
    for (const key of this.#keys.get(name) ?? []) {
      this.#answers.delete(key);
      const reading = this.#underWay.get(key);
      if (!reading) continue;
      reading.isOutdated = true;
      this.#underWay.delete(key);
    }
    this.#keys.delete(name);
  }

  /** A value that was kept under a key, such as the id behind a name. */
  recall(key: string): object | undefined {
    return this.#answers.get(key)?.value;
  }

  /** Keeps a value under a key, whatever is written. */
  keep(key: string, value: object, seconds: number): void {
    this.#answers.set(key, { value, subject: '' }, { ttl: seconds * 1_000 });
  }

  async #read(
    subject: ReadSubject,
    key: string,
    seconds: number,
    read: () => Promise<object>,
  ): Promise<object> {
    const name = nameSubject(subject);
    const reading: Reading = { result: read(), isOutdated: false };
    // Those who wait for it are told; without any of them its failure is told by its own action.
    reading.result.catch(() => undefined);
    this.#underWay.set(key, reading);
    this.#list(name, key);
    try {
      const value = await reading.result;
      METRICS.reads.inc({ platform: subject.platform, from: 'the platform' });
      if (seconds > 0 && !reading.isOutdated)
        this.#answers.set(key, { value, subject: name }, { ttl: seconds * 1_000 });
      return value;
    } finally {
      if (this.#underWay.get(key) === reading) this.#underWay.delete(key);
      if (!this.#answers.has(key)) this.#unlist(name, key);
    }
  }

  #list(subject: string, key: string): void {
    const keys = this.#keys.get(subject);
    if (keys) keys.add(key);
    else this.#keys.set(subject, new Set([key]));
  }

  #unlist(subject: string, key: string): void {
    const keys = this.#keys.get(subject);
    if (!keys || this.#underWay.has(key)) return;
    keys.delete(key);
    if (keys.size === 0) this.#keys.delete(subject);
  }
}

function isOfTheCaller(error: unknown): boolean {
  return error instanceof ActionFailure && OF_THE_CALLER.has(error.code);
}

function nameSubject({ platform, accountId }: ReadSubject): string {
  return `${platform}/${accountId}`;
}
