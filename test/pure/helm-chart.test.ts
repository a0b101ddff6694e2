// Real: helm, the chart, the manifests of kustomize, and the schemas of Kubernetes and of the Prometheus
// operator. Without helm on the machine, what renders the chart is skipped by name.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isMap,
  isScalar,
  type Node,
  parse,
  parseAllDocuments,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { listFields } from '../../src/actions/fields.js';
import { Settings } from '../../src/config/settings.js';
import { loadModel, type Manifest } from '../support/kubernetes.js';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'charts/action-gateway');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const HELM = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'helm'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Runs helm; without a version, it takes itself to render for a Kubernetes that is long gone. */
function helm(command: 'template' | 'lint', values: object): { status: number; output: string } {
  const target = command === 'template' ? ['action-gateway', CHART] : [CHART, '--strict'];
  const { status, stdout, stderr } = spawnSync(
    HELM ?? '',
    [command, ...target, '--kube-version', '1.32.0', '--values', '-'],
    { encoding: 'utf8', input: JSON.stringify(values) },
  );
  return { status: status ?? -1, output: status === 0 ? stdout : stderr };
}

function render(values: object): Manifest[] {
  const { status, output } = helm('template', values);
  if (status !== 0) throw new Error(output);
  return parseAllDocuments(output).flatMap((document) => {
    const manifest = document.toJS() as Manifest | null;
    return manifest ? [manifest] : [];
  });
}

const CI = {
  ingress: { enabled: true },
  metrics: { serviceMonitor: { enabled: true } },
};

const COMBINATIONS: Readonly<Record<string, object>> = {
  default: {},
  'the objects of kustomize': CI,
  'an external secret': { existingSecret: 'from-vault' },
  'all of monitoring': {
    metrics: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    },
  },
  'no autoscaling': { autoscaling: { enabled: false }, replicas: 1 },
  'scaling by the age of the queue': { autoscaling: { memory: 0, queueAge: 30 } },
  media: { media: { enabled: true } },
  'the earlier names': { predecessors: { enabled: true } },
  'TLS at both doors': { tls: { restSecret: 'a', grpcSecret: 'b' }, ...CI },
  'an Ingress without TLS and gRPC': {
    ingress: { enabled: true, tlsSecret: '', grpc: { enabled: false } },
  },
  'nothing that can be left out': {
    autoscaling: { enabled: false },
    podDisruptionBudget: { enabled: false },
    migration: { enabled: false },
    networkPolicy: { enabled: false },
    serviceAccount: { create: false },
  },
  'everything of a pod': {
    image: { tag: '1.2.3', pullPolicy: 'Always', pullSecrets: [{ name: 'registry' }] },
    extraEnv: [{ name: 'X', value: 'y' }],
    extraVolumes: [{ name: 'ca', secret: { secretName: 'ca' } }],
    extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca' }],
    podAnnotations: { a: 'b' },
    podLabels: { team: 'chat' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'high',
    networkPolicy: { extraEgress: [{ ports: [{ port: 6432 }] }] },
  },
};

/** What helm adds, and what is of the release. */
const OF_HELM = new Set([
  'app.kubernetes.io/instance',
  'app.kubernetes.io/version',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'helm.sh/hook',
  'helm.sh/hook-delete-policy',
  'checksum/config',
]);

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The object without what helm adds; kustomize's labels of an object itself are dropped as well. */
function strip(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !OF_HELM.has(name))
    .filter(([name]) => !(key === 'metadata' && name === 'labels' && 'name' in value))
    .map(([name, item]) => [name, strip(item, name)] as const)
    .filter(([name, item]) => !(name === 'annotations' && isEmpty(item)));
  return Object.fromEntries(entries);
}

const byName = (manifests: readonly Manifest[]): Record<string, unknown> =>
  Object.fromEntries(
    manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata?.name}`, strip(manifest)]),
  );

/** The objects of a folder of kustomize that has no patches. */
function readKustomize(path: string): Manifest[] {
  const { resources } = parse(read(`${path}/kustomization.yaml`)) as { resources: string[] };
  return resources
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) =>
      parseAllDocuments(read(`${path}/${name}`)).map((document) => document.toJS() as Manifest),
    );
}

interface Workload {
  spec: {
    replicas?: number;
    template: {
      spec: {
        serviceAccountName?: string;
        containers: { envFrom: object[]; env?: { name: string; value: string }[] }[];
      };
    };
  };
}

describe.skipIf(!HELM)(
  'the chart, rendered by helm (skipped where helm is not on the PATH)',
  () => {
    it.each(Object.entries(COMBINATIONS))('is what Kubernetes takes: %s', async (_name, values) => {
      const manifests = render(values);
      expect(manifests.length).toBeGreaterThanOrEqual(4);
      for (const manifest of manifests) {
        const Model = await loadModel(manifest);
        expect(() => new Model(manifest).validate()).not.toThrow();
      }
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
      expect(new Set(names).size).toBe(names.length);
    });

    it('passes the lint of helm', () => {
      expect(helm('lint', {}).output).toContain('0 chart(s) failed');
    });

    it('makes the objects that kustomize makes', () => {
      const made = byName(render(CI));
      const wanted = byName(readKustomize('k8s/base'));
      // The autoscaler sets the number of replicas.
      delete (wanted['Deployment action-gateway'] as Workload).spec.replicas;
      // A hook runs before the ConfigMap and the ServiceAccount exist: its settings are its own variables.
      const { spec } = (wanted['Job action-gateway-migration'] as Workload).spec.template;
      delete spec.serviceAccountName;
      const { data } = wanted['ConfigMap action-gateway'] as { data: Record<string, string> };
      const env = Object.entries(data).map(([name, value]) => ({ name, value }));
      for (const container of spec.containers) {
        container.envFrom = container.envFrom.filter((source) => 'secretRef' in source);
        container.env = env.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      }
      expect(made).toEqual(wanted);
      const without = Object.keys(made).filter((name) => !/Ingress|ServiceMonitor/.test(name));
      expect(Object.keys(byName(render({}))).toSorted()).toEqual(without.toSorted());
    });

    it('makes what the overlays of kustomize make', () => {
      const scaled = byName(render({ autoscaling: { memory: 0, queueAge: 30 } }));
      const overlay = byName([parse(read('k8s/overlays/queue-age/hpa.yaml')) as Manifest]);
      expect(scaled).toMatchObject(overlay);
      const named = byName(render({ predecessors: { enabled: true } }));
      expect(named).toMatchObject(byName(readKustomize('k8s/overlays/predecessors')));
    });

    it('puts the alerts and the dashboard in as they are', () => {
      const made = byName(
        render({ metrics: { prometheusRule: { enabled: true }, dashboard: { enabled: true } } }),
      );
      expect(made['PrometheusRule action-gateway']).toMatchObject({
        spec: parse(read('ops/prometheus/alerts.yml')) as object,
      });
      const { data } = made['ConfigMap action-gateway-dashboard'] as {
        data: Record<string, string>;
      };
      expect(JSON.parse(data['action-gateway.json'] ?? '')).toEqual(
        JSON.parse(read('ops/grafana/dashboards/action-gateway.json')),
      );
    });

    it('turns media and TLS on by settings that exist', () => {
      const made = byName(
        render({ media: { enabled: true }, tls: { restSecret: 'a', grpcSecret: 'b' } }),
      );
      const { data } = made['ConfigMap action-gateway'] as { data: Record<string, string> };
      expect(data).toMatchObject({
        ENABLE_MEDIA: 'true',
        REST_TLS_CERT: '/etc/action-gateway/tls/rest/tls.crt',
        GRPC_TLS_KEY: '/etc/action-gateway/tls/grpc/tls.key',
      });
      const names = listFields(Settings).map(({ name }) => name);
      for (const name of Object.keys(data)) expect(names).toContain(name);
      expect(made['Deployment action-gateway']).toMatchObject({
        spec: {
          template: {
            spec: {
              containers: [
                {
                  readinessProbe: { httpGet: { scheme: 'HTTPS' } },
                  volumeMounts: [{ name: 'rest-tls' }, { name: 'grpc-tls' }],
                },
              ],
              volumes: [{ secret: { secretName: 'a' } }, { secret: { secretName: 'b' } }],
            },
          },
        },
      });
    });

    it.each([
      [{ replicas: 'three' }, /\/replicas.*got string, want integer/],
      [{ ingres: {} }, /additional properties 'ingres' not allowed/],
      [{ ingress: { paths: [{ path: 'api', pathType: 'Prefix' }] } }, /\/ingress\/paths\/0\/path/],
      [{ config: { SHUTDOWN_DELAY: 10 } }, /\/config\/SHUTDOWN_DELAY.*got number, want string/],
      [
        { config: { DATABASE_URL: 'x' } },
        /config\.DATABASE_URL is a secret: put it into the Secret/,
      ],
      [
        { autoscaling: { minReplicas: 11 } },
        /minReplicas is greater than autoscaling\.maxReplicas/,
      ],
    ])('refuses wrong values: %j', (values, message) => {
      const { status, output } = helm('template', values);
      expect(status).not.toBe(0);
      expect(output).toMatch(message);
    });
  },
);

interface Row {
  readonly value: string;
  readonly default: string;
  readonly meaning: string;
}

/** Every value that has a description ("# -- …") in values.yaml, with what it is by default. */
function listValues(map: YAMLMap, above = ''): Row[] {
  return map.items.flatMap((pair, index) => {
    if (!isScalar(pair.key)) return [];
    const value = `${above}${String(pair.key.value)}`;
    const comment = [pair.key.commentBefore, index === 0 ? map.commentBefore : undefined]
      .filter((text) => typeof text === 'string')
      .join('\n');
    const [, meaning] = /^ ?-- (.+)/m.exec(comment) ?? [];
    if (meaning !== undefined) {
      const js = (pair.value as Node).toJSON() as unknown;
      const isLong = JSON.stringify(js).length > 60;
      return [{ value, default: isLong ? 'see values.yaml' : JSON.stringify(js), meaning }];
    }
    return isMap(pair.value) ? listValues(pair.value, `${value}.`) : [];
  });
}

describe('the files of the chart', () => {
  const values = parseDocument(read('charts/action-gateway/values.yaml'));
  const rows = listValues(values.contents as YAMLMap);

  it('describe every value, in values.yaml and in the same words in the README', () => {
    const table = read('charts/action-gateway/README.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(/ *(?<!\\)\| */).slice(1, 4));
    expect(rows.length).toBeGreaterThan(40);
    expect(table).toEqual(
      rows.map((row) => [`\`${row.value}\``, `\`${row.default}\``, row.meaning]),
    );
    const described = new Set(rows.map(({ value }) => value.split('.')[0]));
    for (const name of Object.keys(values.toJS() as object)) expect(described).toContain(name);
  });

  it('have a version of the application that is the one of this repository', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(parse(read('charts/action-gateway/Chart.yaml'))).toMatchObject({ appVersion: version });
  });
});
