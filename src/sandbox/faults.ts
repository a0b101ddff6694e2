import { isRecord } from './exchange.js';

/**
 * What may go wrong on purpose; all but `status`, `hang before` and `reset before` let the simulation act,
 * or begin to.
 */
export type Fault =
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'reset'; when: 'before' | 'after' }
  /** In the middle of a body that is taken as it comes, when this much of it is. */
  | { kind: 'cut-request'; after_bytes: number }
  | { kind: 'cut-body' }
  | { kind: 'garbage' };

export interface FaultRule {
  match: { method?: string; path?: string };
  /** How many more requests it hits. */
  times: number;
  fault: Fault;
}

interface ArmedRule extends FaultRule {
  readonly pattern: RegExp | undefined;
}

/** Rules are tried in the order they came; a rule that is used up is gone. */
export class Faults {
  #rules: ArmedRule[] = [];

  /** Adds a rule read from JSON; answers what is wrong with it instead, if something is. */
  add(value: unknown): FaultRule | string {
    if (!isRecord(value)) return 'the body must be {match, times, fault}';
    const fault = readFault(value['fault']);
    if (typeof fault === 'string') return fault;
    const times = value['times'] ?? 1;
    if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
      return 'times must be a whole number from 1';
    const match = value['match'] ?? {};
    if (!isRecord(match)) return 'match must be {method?, path?}';
    const { method, path } = match;
    if (method !== undefined && typeof method !== 'string') return 'match.method must be text';
    if (path !== undefined && typeof path !== 'string') return 'match.path must be text';
    const pattern = path === undefined ? undefined : compilePattern(path);
    if (pattern === null) return 'match.path is neither a prefix nor a regular expression';
    const rule: ArmedRule = {
      match: {
        ...(method === undefined ? {} : { method: method.toUpperCase() }),
        ...(path === undefined ? {} : { path }),
      },
      times,
      fault,
      pattern,
    };
    this.#rules.push(rule);
    return showRule(rule);
  }

  /** The fault this request has to suffer, counted as used. */
  take(method: string, path: string): Fault | undefined {
    if (this.#rules.length === 0) return undefined;
    const index = this.#rules.findIndex(
      ({ match, pattern }) =>
        (match.method === undefined || match.method === method) &&
        (match.path === undefined || path.startsWith(match.path) || pattern?.test(path) === true),
    );
    const rule = this.#rules[index];
    if (rule === undefined) return undefined;
    rule.times -= 1;
    if (rule.times === 0) this.#rules.splice(index, 1);
    return rule.fault;
  }

  list(): FaultRule[] {
    return this.#rules.map(showRule);
  }

  clear(): void {
    this.#rules = [];
  }
}

function showRule({ match, times, fault }: FaultRule): FaultRule {
  return { match, times, fault };
}

function compilePattern(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch {
    return source.startsWith('/') ? /(?!)/ : null;
  }
}

function readFault(value: unknown): Fault | string {
  if (!isRecord(value)) return 'fault must be an object with a kind';
  switch (value['kind']) {
    case 'status':
      return readStatusFault(value);
    case 'delay': {
      const ms = value['ms'];
      if (typeof ms !== 'number' || !(ms >= 0)) return 'fault.ms must be a number from 0';
      return { kind: 'delay', ms };
    }
    case 'hang': {
      const when = value['when'] ?? 'after';
      if (when !== 'before' && when !== 'after') return 'fault.when must be before or after';
      return { kind: 'hang', when };
    }
    case 'reset': {
      const when = value['when'];
      if (when !== 'before' && when !== 'after') return 'fault.when must be before or after';
      return { kind: 'reset', when };
    }
    case 'cut-request': {
      const after_bytes = value['after_bytes'];
      if (typeof after_bytes !== 'number' || !Number.isInteger(after_bytes) || after_bytes < 0)
        return 'fault.after_bytes must be a whole number from 0';
      return { kind: 'cut-request', after_bytes };
    }
    case 'cut-body':
    case 'garbage':
      return { kind: value['kind'] };
    default:
      return 'fault.kind must be status, delay, hang, reset, cut-request, cut-body or garbage';
  }
}

function readStatusFault(value: Record<string, unknown>): Fault | string {
  const { status, body, headers } = value;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    return 'fault.status must be an HTTP status from 200 to 599';
  if (headers !== undefined && !isRecord(headers)) return 'fault.headers must be an object';
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(headers ?? {})) {
    if (!/^[\w-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(String(text)))
      return `fault.headers.${name} is not a header`;
    texts[name.toLowerCase()] = String(text);
  }
  return {
    kind: 'status',
    status,
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers: texts }),
  };
}
