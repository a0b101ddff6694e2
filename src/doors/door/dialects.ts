import type { FactoryProvider } from '@nestjs/common';
import { StartFault } from '../../config/start-fault.js';
import type { AccessRules } from './access-rules.js';
import type {
  Dialect,
  DialectDeclaration,
  EnvelopeForm,
  GrpcContract,
  RequestHead,
} from './dialect.js';
import type { Route } from './route.js';

/** A declaration, and the dialect that was made of it. */
export type RegisteredDialect = DialectDeclaration & { readonly dialect: Dialect };

/** A dialect whose gRPC service a call is for, and the method of that service. */
export interface AddressedRpc {
  readonly dialect: Dialect;
  readonly method: string;
}

/** The dialects that the doors speak besides our own form. */
export class Dialects {
  readonly #byName: ReadonlyMap<string, Dialect>;
  readonly #byService: ReadonlyMap<string, Dialect>;
  readonly #withEnvelopes: readonly Dialect[];

  constructor(readonly registered: readonly RegisteredDialect[]) {
    this.#byName = new Map(registered.map(({ name, dialect }) => [name, dialect]));
    this.#byService = new Map(
      registered.flatMap(({ grpc, dialect }) => (grpc ? [[nameService(grpc), dialect]] : [])),
    );
    this.#withEnvelopes = registered.flatMap(({ dialect }) => (dialect.envelopes ? [dialect] : []));
  }

  /** The dialect of a gRPC service, by the path of a method; undefined for a service of ours. */
  findByRpc(path: string): AddressedRpc | undefined {
    const [, service = '', method = ''] = path.split('/');
    const dialect = this.#byService.get(service);
    return dialect && { dialect, method };
  }

  /**
   * The dialect of a request to a route or method: the declared one, or the one in whose form every envelope
   * of the body is. Undefined for our own form.
   */
  find(
    { dialect, readEnvelopes }: AccessRules,
    body: unknown,
    head?: RequestHead,
  ): Dialect | undefined {
    if (dialect !== undefined) return this.#byName.get(dialect);
    return readEnvelopes && this.#findByEnvelopes(readEnvelopes(body), head);
  }

  /** The dialects that a request to a route may turn out to be in, before its body has been read. */
  listPossible({ dialect, readEnvelopes }: AccessRules): readonly Dialect[] {
    const declared = dialect === undefined ? undefined : this.#byName.get(dialect);
    if (declared) return [declared];
    return readEnvelopes ? this.#withEnvelopes : [];
  }

  /** The dialect in whose form a route refuses; undefined for our own form. */
  findRefusing({ refusesAs }: Pick<Route, 'refusesAs'>): Dialect | undefined {
    return refusesAs === undefined ? undefined : this.#byName.get(refusesAs);
  }

  /** The form of each envelope of a request; undefined for our own form. */
  findForms(
    envelopes: readonly unknown[],
    head?: RequestHead,
  ): readonly (EnvelopeForm | undefined)[] {
    const found = this.#recognise(envelopes, head);
    return found.map((dialect) => dialect?.envelopes);
  }

  /** The dialect of the service that a request was addressed to, by its host name or port. */
  findAddressed(head: RequestHead): Dialect | undefined {
    return this.registered.find(({ dialect }) => dialect.isAddressed?.(head))?.dialect;
  }

  /**
   * Requires that declarations name registered dialects.
   * @throws StartFault naming the handler
   */
  requireRegistered(
    declared: readonly (Pick<AccessRules, 'dialect'> &
      Pick<Route, 'type' | 'handler'> &
      Partial<Pick<Route, 'refusesAs'>>)[],
  ): void {
    for (const { dialect, refusesAs, type, handler } of declared)
      for (const name of [dialect, refusesAs])
        if (name !== undefined && !this.#byName.has(name))
          throw new StartFault(
            `${type.name}.${handler} names the dialect "${name}", which is not registered: add its declaration to the list in src/app.module.ts`,
          );
  }

  #findByEnvelopes(values: readonly unknown[], head?: RequestHead): Dialect | undefined {
    const [first, ...others] = this.#recognise(values, head);
    return others.every((dialect) => dialect === first) ? first : undefined;
  }

  /** The dialect of each envelope; undefined for our own form. */
  #recognise(values: readonly unknown[], head?: RequestHead): (Dialect | undefined)[] {
    const addressed = head && this.findAddressed(head);
    const isExpected = (dialect: Dialect): boolean =>
      dialect === addressed || isAmongSiblings(dialect.envelopes, values);
    const candidates = this.#withEnvelopes.map(
      (dialect) => [dialect, isExpected(dialect)] as const,
    );
    return values.map(
      (value) =>
        candidates.find(([{ envelopes }, expected]) => envelopes?.recognise(value, expected))?.[0],
    );
  }
}

/** Whether one of the values is surely in a form, and the others may be. */
function isAmongSiblings(form: EnvelopeForm | undefined, values: readonly unknown[]): boolean {
  if (!form) return false;
  return (
    values.some((value) => form.recognise(value, false)) &&
    values.every((value) => form.recognise(value, true))
  );
}

/** Makes the registry of what the declarations make. */
export function provideDialects(declarations: readonly DialectDeclaration[]): FactoryProvider[] {
  const tokens = declarations.map(({ name }) => Symbol(name));
  const made = declarations.map(({ make }, index) => ({
    provide: tokens[index] as symbol,
    ...make,
  }));
  const useFactory = (...dialects: readonly Dialect[]): Dialects =>
    new Dialects(
      declarations.map((declaration, index) => ({
        ...declaration,
        dialect: dialects[index] as Dialect,
      })),
    );
  return [...made, { provide: Dialects, inject: tokens, useFactory }];
}

/** The name of a gRPC service with its package. */
export function nameService(grpc: GrpcContract): string {
  return `${grpc.package}.${grpc.service}`;
}
