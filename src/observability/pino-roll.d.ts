declare module 'pino-roll' {
  import type { destination } from 'pino';

  interface Options {
    file: string;
    mkdir?: boolean;
    sync?: boolean;
    size?: string;
    frequency?: 'daily' | 'hourly' | number;
    extension?: string;
    dateFormat?: string;
    limit?: { count: number; removeOtherLogFiles?: boolean };
  }

  /** It ships no types of its own. */
  function openRollingFile(options: Options): Promise<ReturnType<typeof destination>>;
  export = openRollingFile;
}
