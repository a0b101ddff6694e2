import { readSpec } from './contract.js';

/** A difference between a request or an answer and the contract. */
export interface ContractFault {
  /** The action, without its platform; empty for an answer that no action asked for. */
  readonly action: string;
  /** `METHOD /path` of the contract; for an endpoint that is not in it, of the request. */
  readonly operation: string;
  /** Such as `query.first`, `body.choices[].title`, `scopes`, `answer.data[].id`. */
  readonly place: string;
  readonly rule: string;
  readonly says: string;
}

/** A fault that is accepted. What is left out fits all. */
interface AcceptedFault {
  readonly action?: string;
  readonly operation?: string;
  readonly place: string;
  readonly rule?: string;
  /** The documented reason, with its source. */
  readonly why: string;
}

interface ExceptionData {
  /** Endpoints that no action calls by their nature, with the reason. */
  readonly writes: Readonly<Record<string, string>>;
  readonly requests: readonly AcceptedFault[];
  readonly answers: readonly AcceptedFault[];
}

/** The accepted faults of one kind, and which of them were met. */
export class AcceptedFaults {
  readonly #used = new Set<AcceptedFault>();

  constructor(private readonly accepted: readonly AcceptedFault[]) {}

  static load(platform: string, kind: 'requests' | 'answers'): AcceptedFaults {
    return new AcceptedFaults(readExceptions(platform)[kind]);
  }

  /** The faults that no entry accepts. */
  reject(faults: readonly ContractFault[]): readonly ContractFault[] {
    return faults.filter((fault) => {
      const fitting = this.accepted.filter((entry) => fits(entry, fault));
      for (const entry of fitting) this.#used.add(entry);
      return fitting.length === 0;
    });
  }

  listUnused(): readonly AcceptedFault[] {
    return this.accepted.filter((entry) => !this.#used.has(entry));
  }
}

/** The file `<platform>-exceptions.json`. */
export function readExceptions(platform: string): ExceptionData {
  return readSpec<ExceptionData>(`${platform}-exceptions.json`);
}

function fits(entry: AcceptedFault, fault: ContractFault): boolean {
  return (
    entry.place === fault.place &&
    (entry.action === undefined || entry.action === fault.action) &&
    (entry.operation === undefined || entry.operation === fault.operation) &&
    (entry.rule === undefined || entry.rule === fault.rule)
  );
}

/** One line for each fault, as a failing test shows it. */
export function describeFaults(faults: readonly ContractFault[]): string[] {
  return [
    ...new Set(
      faults.map(
        ({ action, operation, place, rule, says }) =>
          `${action}: ${operation} ${place} [${rule}] ${says}`,
      ),
    ),
  ];
}
