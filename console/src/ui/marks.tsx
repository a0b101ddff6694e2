import { type ReactNode, useSyncExternalStore } from 'react';
import { showDistance, showMoment, showName } from '../lib/format';

const TONES = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  plain: 'bg-sunken text-soft',
  accent: 'bg-accent-soft text-accent',
} as const;
export type Tone = keyof typeof TONES;

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-block rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}

const STATUS_TONES: Readonly<Record<string, Tone>> = {
  SUCCEEDED: 'good',
  PREPARED: 'info',
  QUEUED: 'info',
  SCHEDULED: 'info',
  RUNNING: 'accent',
  UNKNOWN: 'warn',
  REFUSED: 'bad',
  FAILED: 'bad',
  CANCELLED: 'plain',
};

const toneOfStatus = (status: string): Tone => STATUS_TONES[status] ?? 'plain';

export function StatusMark({ status }: { status: string }) {
  return <Badge tone={toneOfStatus(status)}>{showName(status.toLowerCase())}</Badge>;
}

const STATE_TONES: Readonly<Record<string, Tone>> = {
  connected: 'good',
  unverified: 'warn',
  reconnect: 'bad',
};

export function AccountMark({ state }: { state: string }) {
  return <Badge tone={STATE_TONES[state] ?? 'plain'}>{showName(state)}</Badge>;
}

const EFFECT_TONES: Readonly<Record<string, Tone>> = {
  read: 'info',
  create: 'good',
  update: 'warn',
  delete: 'bad',
};

export function EffectMark({ effect }: { effect: string }) {
  return <Badge tone={EFFECT_TONES[effect] ?? 'plain'}>{effect}</Badge>;
}

const PLATFORM_COLOURS: Readonly<Record<string, string>> = {
  twitch: 'bg-twitch',
  youtube: 'bg-youtube',
  discord: 'bg-discord',
};
const PLATFORM_TITLES: Readonly<Record<string, string>> = { youtube: 'YouTube' };

export const titleOfPlatform = (platform: string): string =>
  PLATFORM_TITLES[platform] ?? showName(platform);

export function PlatformMark({ platform }: { platform: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span
        aria-hidden="true"
        className={`size-2.5 rounded-full ${PLATFORM_COLOURS[platform] ?? 'bg-strong'}`}
      />
      {titleOfPlatform(platform)}
    </span>
  );
}

// One clock for all that shows how long ago something was.
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 5_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How long ago or in how long; the moment itself for the pointer and for screen readers. */
export function Ago({ moment }: { moment: string | null | undefined }) {
  const current = useSyncExternalStore(subscribe, () => now);
  if (!moment) return <span className="text-soft">–</span>;
  return (
    <time dateTime={moment} title={showMoment(moment)} className="whitespace-nowrap">
      {showDistance(moment, Math.max(current, now))}
    </time>
  );
}
