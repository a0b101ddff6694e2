import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from './eventually.js';
import type { GatewayProcess } from './gateway.js';

const MEBIBYTE = 1_048_576;

/** The memory of a gateway, as Linux counts it. In MiB. */
export class GatewayMemory {
  readonly before: number;

  constructor(private readonly gateway: GatewayProcess) {
    this.before = this.now();
    // From here on VmHWM is the peak since now.
    writeFileSync(`/proc/${this.gateway.process.pid}/clear_refs`, '5');
  }

  /** Resident memory. */
  now(): number {
    return this.#read('VmRSS');
  }

  /** The most since the beginning. */
  peak(): number {
    return this.#read('VmHWM');
  }

  /** Waits, for a minute at most, until there is hardly more than before. */
  async returnToCalm(factor = 1.3): Promise<number> {
    return eventually(
      () => this.now(),
      (now) => now <= this.before * factor,
      { withinMs: 60_000 },
    );
  }

  #read(name: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.gateway.process.pid}/status`, 'utf8');
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return Math.round((Number(kibibytes) * 1_024) / MEBIBYTE);
  }
}
