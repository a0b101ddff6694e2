import type { GrpcLoad } from './clients.js';
import { costOf, type Measured, meanCost, type Meter, WARM_UP_MS } from './meter.js';
import { readFigures, sumRss } from './process-figures.js';
import { type Findings, type Ratio, showNumber, takeOnce } from './ratio.js';
import { askBy, banIn, CHANNELS, chatIn, CHATS, execute, type MakeEnvelope } from './scenarios.js';
import type { BenchedGateway } from './stand.js';

const FEW = 10;
const MANY = 10_000;
/** Of the points that bans cost. */
const LIMIT_WINDOW_MS = 60_000;
/** Between two readings of the memory over time. */
const SOAK_MS = 15_000;

/** What an action costs with more channels, and after many more actions. */
export async function measureGrowth(
  meter: Meter,
  gateway: BenchedGateway,
  load: GrpcLoad,
  actions: number,
): Promise<Findings> {
  const growth = new Growth(meter, gateway, load);
  const ratios = [await growth.compareChats(), await growth.compareAccounts()];
  return { ratios, figures: await growth.soak(actions) };
}

class Growth {
  constructor(
    private readonly meter: Meter,
    private readonly gateway: BenchedGateway,
    private readonly load: GrpcLoad,
  ) {}

  /** Messages in chats beside bans. */
  async compareChats(): Promise<Ratio> {
    const lastsMs = this.meter.roundMs * 2;
    const chats = await this.#measure(`chat messages, ${CHATS} chats`, chatIn, CHATS, lastsMs);
    const bans = await this.#measure('bans', banIn, CHANNELS, lastsMs);
    return takeOnce('chat_cost_vs_ban', costOf(chats) / costOf(bans));
  }

  /**
   * Many channels beside few. Every window of every channel's limit ends once meanwhile, and the few are
   * measured half before and half after the many, so that what drifts by itself is in both.
   */
  async compareAccounts(): Promise<Ratio> {
    await this.gateway.connectAccounts(CHATS + 1, MANY + 1);
    const bansIn = (channels: number, lastsMs: number): Promise<Measured> =>
      this.#measure(`bans in ${channels} channels`, banIn, channels, lastsMs);
    const before = await bansIn(FEW, LIMIT_WINDOW_MS / 2);
    const many = await bansIn(MANY, LIMIT_WINDOW_MS);
    const after = await bansIn(FEW, LIMIT_WINDOW_MS / 2);
    return takeOnce(`cost_${MANY}_vs_${FEW}_accounts`, costOf(many) / meanCost([before, after]));
  }

  /** Whether the memory of a gateway grows with what it has done. */
  async soak(actions: number): Promise<Findings['figures']> {
    const { run } = askBy(execute(this.load, banIn(CHANNELS)));
    const readings: number[] = [];
    const since = performance.now();
    let done = 0;
    while (done < actions) {
      const sample = await run(SOAK_MS);
      if (sample.actions === 0) throw new Error(`Nothing succeeds any more: ${sample.failure}`);
      done += sample.actions;
      const rss = sumRss(readFigures([this.gateway.pid])) ?? Number.NaN;
      readings.push(rss);
      const left = ((performance.now() - since) / done) * Math.max(0, actions - done);
      this.meter.log(
        `after ${done} of ${actions} actions: ${showNumber(rss)} MiB, ${showNumber(left / 60_000, 1)} minutes left`,
      );
    }
    return {
      soaked_actions: done,
      rss_mib_at_the_start: readings[0],
      rss_mib_at_the_end: readings.at(-1),
    };
  }

  /** One kind of action in so many channels, every one of which was met before. */
  async #measure(
    title: string,
    spread: (channels: number) => MakeEnvelope,
    channels: number,
    lastsMs: number,
  ): Promise<Measured> {
    const { run } = askBy(execute(this.load, spread(channels)));
    for (let met = 0; met < 1.5 * channels;) met += (await run(WARM_UP_MS)).actions;
    return this.meter.measure({ title, pids: [this.gateway.pid], run }, lastsMs);
  }
}
