/** An object of Kubernetes, as it is applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name: string };
  readonly spec?: Record<string, unknown>;
  readonly [more: string]: unknown;
}

type Model = new (data: object) => { validate(): void };

/** Loads what validates an object of this kind by the schema that Kubernetes or the Prometheus operator publishes. */
export async function loadModel({
  apiVersion,
  kind,
}: Pick<Manifest, 'apiVersion' | 'kind'>): Promise<Model> {
  const project = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  const path = `${project}/${apiVersion}/${kind}`;
  const found = ((await import(/* @vite-ignore */ path)) as Record<string, Model>)[kind];
  if (!found) throw new Error(`no schema of ${kind}`);
  return found;
}
