import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's lines about every module and route at every start: useful only for debugging. */
const CHATTER = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestMicroservice',
  'NestApplication',
]);

/** Nest's own lines and ours through the same logger. Handlers may pass an object with `err` and ids. */
export class PinoLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write(CHATTER.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  /** Nest hands the context over as the last argument, and a stack before it. */
  #write(
    level: 'info' | 'warn' | 'error' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const texts = rest.filter((part): part is string => typeof part === 'string');
    const context = texts.at(-1);
    const detail = texts.slice(0, -1).join('\n');
    const fields = typeof message === 'object' && message !== null ? message : {};
    const line = typeof message === 'string' ? message : detail;
    this.logger[level](
      { ...fields, context, ...(typeof message === 'string' && detail && { detail }) },
      line,
    );
  }
}
