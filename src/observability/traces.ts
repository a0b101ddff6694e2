import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { Config } from '../config/config.js';
import { VERSION } from '../config/version.js';

/** Where an action belongs in the traces of its caller. */
export interface TraceOrigin {
  readonly traceId: string;
  /** The span of the caller that asked; undefined when it told none. */
  readonly parent?: { readonly spanId: string; readonly isSampled: boolean };
}

/** The span of one action, with one below it for each step. */
export interface ActionTrace {
  /** @param describe what is worth knowing of a result; never what was said, and no secret */
  step<T>(name: string, work: () => Promise<T>, describe?: (result: T) => Attributes): Promise<T>;
  step<T>(
    name: string,
    work: () => T | Promise<T>,
    describe?: (result: T) => Attributes,
  ): T | Promise<T>;
  /** @param name of the action, from the catalogue */
  end(name: string, attributes: Attributes, isFault: boolean): void;
}

/** Traces nothing, at the price of a call. */
export const UNTRACED: ActionTrace = {
  step: <T>(_name: string, work: () => Promise<T>) => work(),
  end: () => undefined,
};

type Settings = Pick<
  Config,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_TRACES_SAMPLER_ARG'
>;

const EXPORT_TIMEOUT_MS = 3_000;
const TELL_EVERY_MS = 60_000;

let open: ((origin: TraceOrigin) => ActionTrace) | undefined;

/** Opens the span of an action; nothing is traced where no collector is configured. */
export function traceAction(origin: TraceOrigin): ActionTrace {
  return open?.(origin) ?? UNTRACED;
}

/** Begins to trace, where a collector is configured. @returns what sends the last spans and ends it */
export async function startTracing(config: Settings): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  if (endpoint === undefined) return async () => undefined;
  // Loaded for those alone who trace: the libraries take memory.
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  tellFaults(api);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: readHeaders(config.OTEL_EXPORTER_OTLP_HEADERS),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  /** Read by the generator right after it is set: a trace of ours has the id that the log has. */
  let rootTraceId = '';
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': config.OTEL_SERVICE_NAME,
      'service.version': VERSION,
    }),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG),
    }),
    idGenerator: {
      generateTraceId: () => rootTraceId,
      generateSpanId: () => randomBytes(8).toString('hex'),
    },
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('action-gateway', VERSION);
  open = ({ traceId, parent }) => {
    rootTraceId = traceId;
    const above = parent
      ? api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId,
          spanId: parent.spanId,
          traceFlags: parent.isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
          isRemote: true,
        })
      : api.ROOT_CONTEXT;
    const span = tracer.startSpan('action', { kind: api.SpanKind.SERVER }, above);
    if (!span.isRecording()) return UNTRACED;
    return new SpannedTrace(tracer, span, api.trace.setSpan(above, span), api.SpanStatusCode.ERROR);
  };
  return async () => {
    open = undefined;
    await provider.shutdown().catch(() => undefined);
  };
}

class SpannedTrace implements ActionTrace {
  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly context: Context,
    private readonly errorCode: number,
  ) {}

  async step<T>(
    name: string,
    work: () => T | Promise<T>,
    describe?: (result: T) => Attributes,
  ): Promise<T> {
    const span = this.tracer.startSpan(name, {}, this.context);
    try {
      const result = await work();
      if (describe) span.setAttributes(describe(result));
      return result;
    } catch (error) {
      // The name alone: messages of platforms may quote what was said.
      span.setStatus({ code: this.errorCode });
      span.setAttribute('error.type', (error as Error).name);
      throw error;
    } finally {
      span.end();
    }
  }

  end(name: string, attributes: Attributes, isFault: boolean): void {
    this.span.updateName(name);
    this.span.setAttributes(attributes);
    if (isFault) this.span.setStatus({ code: this.errorCode });
    this.span.end();
  }
}

const silent = (): void => undefined;

/** A collector that is away is told of once in a while, and holds up nothing. */
function tellFaults({ diag, DiagLogLevel }: typeof import('@opentelemetry/api')): void {
  const logger = new Logger('Traces');
  let toldAt = -Infinity;
  const tell = (message: string): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    logger.warn(`spans are lost: ${message}`);
  };
  const outlet = { error: tell, warn: tell, info: silent, debug: silent, verbose: silent };
  diag.setLogger(outlet, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** `name=value` by commas, values encoded as in URLs. */
function readHeaders(text = ''): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split(/=(.*)/s));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value = '']) =>
      name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.trim())]],
    ),
  );
}
