declare module 'pino-roll' {
  import type { SonicBoom, SonicBoomOpts } from 'sonic-boom';

  interface Options extends SonicBoomOpts {
    file: string;
    size?: string;
    frequency?: 'daily' | 'hourly' | number;
    extension?: string;
    dateFormat?: string;
    limit?: { count: number; removeOtherLogFiles?: boolean };
  }

  /** It ships no types of its own. */
  function openRollingFile(options: Options): Promise<SonicBoom>;
  export = openRollingFile;
}
