// Real: the files that operators apply, the schemas of Kubernetes, promtool where the machine has it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { listFields } from '../../src/actions/fields.js';
import { NODE_FLAGS } from '../../src/config/node-flags.js';
import { PLATFORMS } from '../../src/platforms/platforms.js';
import { Settings } from '../../src/config/settings.js';
import { PREDECESSORS } from '../../src/predecessors/predecessors.js';
import { METRICS, quotaGauges } from '../../src/observability/metrics.js';
import { loadModel, type Manifest } from '../support/kubernetes.js';

const ROOT = join(import.meta.dirname, '../..');
const PROMTOOL = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const files = readdirSync(join(ROOT, 'k8s'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `k8s/${name.replaceAll('\\', '/')}`);
const manifests = files.flatMap((path) =>
  parseAllDocuments(read(path)).map((document) => ({
    path,
    manifest: document.toJS() as Manifest,
  })),
);

function find<T>(kind: string, name = 'action-gateway'): T {
  const found = manifests.find(
    ({ path, manifest }) =>
      path.startsWith('k8s/base/') && manifest.kind === kind && manifest.metadata?.name === name,
  );
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found.manifest as T;
}

interface PodSpec {
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly topologySpreadConstraints: readonly object[];
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: object;
    readonly resources: object;
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly [probe: `${string}Probe`]: object;
  }[];
}
interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}

const own = manifests.filter(({ manifest }) => manifest.kind !== 'Kustomization');

describe('the manifests', () => {
  it('are held against schemas that refuse what is wrong', async () => {
    const Model = await loadModel({ apiVersion: 'apps/v1', kind: 'Deployment' });
    const wrong = { ...find<Manifest>('Deployment'), spec: { replicas: 'three' } };
    expect(() => new Model(wrong).validate()).toThrow(/replicas|required/);
  });

  it.each(own.map(({ path, manifest }) => [`${manifest.kind} of ${path}`, manifest] as const))(
    'are what Kubernetes takes: %s',
    async (_name, manifest) => {
      const Model = await loadModel(manifest);
      expect(() => new Model(manifest).validate()).not.toThrow();
    },
  );

  it('are all applied, and no file is named that is not there', () => {
    const { resources } = parse(read('k8s/base/kustomization.yaml')) as { resources: string[] };
    const there = readdirSync(join(ROOT, 'k8s/base')).filter(
      (name) => name !== 'kustomization.yaml',
    );
    expect(resources.toSorted()).toEqual(there.toSorted());
  });

  it('run the server and the migration with no more than they need', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    for (const [kind, name] of [
      ['Deployment', 'action-gateway'],
      ['Job', 'action-gateway-migration'],
    ] as const) {
      const { spec } = find<Workload>(kind, name).spec.template;
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.containers).toHaveLength(1);
      expect(spec.containers[0]).toMatchObject({
        image: `action-gateway:${version}`,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      });
    }
  });

  it('have every name and port of the earlier services lead to the two doors', () => {
    interface Service {
      readonly spec: {
        readonly selector: object;
        readonly ports: readonly { name: string; port: number; targetPort: string }[];
      };
    }
    const { selector } = find<Manifest & Service>('Service').spec;
    const earlier = manifests.filter(({ path }) => path.endsWith('predecessors/services.yaml'));
    const shown = earlier.map(({ manifest }) => {
      const { spec } = manifest as unknown as Service;
      expect(spec.selector).toEqual(selector);
      for (const { name, targetPort } of spec.ports) expect(targetPort).toBe(name);
      return { name: manifest.metadata?.name, ports: spec.ports.map(({ port }) => port) };
    });
    const both = Object.values(PREDECESSORS).flatMap(({ name, ports }) =>
      [`${name}-action`, `action-${name}`].map((host) => ({
        name: host,
        ports: [ports.rest, ports.grpc],
      })),
    );
    const { rest, grpc } = PREDECESSORS.discord.ports;
    expect(shown).toEqual([
      ...both,
      { name: 'discord-action-grpc', ports: [grpc] },
      { name: 'discord-action-rest', ports: [rest] },
      { name: 'router-service', ports: [8000] },
    ]);
  });

  it('keep three to ten replicas apart, and two at least', () => {
    const { replicas, template } = find<Workload>('Deployment').spec;
    const [container] = template.spec.containers;
    expect(replicas).toBe(3);
    expect(template.spec.topologySpreadConstraints).toHaveLength(2);
    expect(container?.resources).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '500m', memory: '512Mi' },
    });
    for (const probe of ['startup', 'liveness', 'readiness'] as const)
      expect(container?.[`${probe}Probe`]).toMatchObject({
        httpGet: { path: expect.stringMatching(/^\/health\//), port: 'rest' },
      });
    expect(find<Manifest>('HorizontalPodAutoscaler').spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [
        { resource: { name: 'cpu', target: { averageUtilization: 70 } } },
        { resource: { name: 'memory', target: { averageUtilization: 80 } } },
      ],
    });
    expect(find<Manifest>('PodDisruptionBudget').spec).toMatchObject({ minAvailable: 2 });
    expect(find<Manifest>('Service', 'action-gateway-grpc').spec).toMatchObject({
      clusterIP: 'None',
    });
  });

  it('select the pods of the server, and lead to its ports', () => {
    const { template } = find<Workload>('Deployment').spec;
    const { labels } = template.metadata;
    const ports = template.spec.containers[0]?.ports.map(({ name }) => name);
    for (const name of ['action-gateway', 'action-gateway-grpc']) {
      const { spec } = find<{ spec: { selector: object; ports: { targetPort: string }[] } }>(
        'Service',
        name,
      );
      expect(labels).toMatchObject(spec.selector);
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    }
    const server = find<{ spec: { selector: { matchLabels: object } } }>('Deployment');
    const budget = find<{ spec: { selector: { matchLabels: object } } }>('PodDisruptionBudget');
    const policy = find<{ spec: { podSelector: { matchLabels: object } } }>('NetworkPolicy');
    const selectors = [server.spec.selector, budget.spec.selector, policy.spec.podSelector];
    for (const { matchLabels } of selectors) expect(labels).toMatchObject(matchLabels);
  });

  it('give settings that exist, and time enough to stop', () => {
    const { data } = find<{ data: Record<string, string> }>('ConfigMap');
    const types = [Settings, ...PLATFORMS.map(({ variables }) => variables)];
    const names = types.flatMap((type) => listFields(type)).map(({ name }) => name);
    for (const name of Object.keys(data)) expect(names).toContain(name);
    const { terminationGracePeriodSeconds } = find<Workload>('Deployment').spec.template.spec;
    const needed = Number(data['SHUTDOWN_DELAY']) + Number(data['SHUTDOWN_GRACE']) + 15;
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed);
  });

  it('let nothing out but names, the database and https to public addresses', () => {
    const { egress } = find<{
      spec: { egress: { to: { ipBlock?: { except?: string[] } }[]; ports: { port: number }[] }[] };
    }>('NetworkPolicy').spec;
    expect(egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
      [53, 53],
      [5432],
      [443],
    ]);
    expect(egress[2]?.to[0]?.ipBlock?.except).toEqual(
      expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
    );
  });
});

describe('alerts and dashboard', () => {
  const names = new Set(
    [...Object.values(METRICS), ...Object.values(quotaGauges('youtube', 'YouTube'))].flatMap(
      (metric) => {
        const { name } = metric as unknown as { name: string };
        return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
      },
    ),
  );
  const dashboard = JSON.parse(read('ops/grafana/dashboards/action-gateway.json')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };

  it('ask for metrics that there are', () => {
    const text = `${read('ops/prometheus/alerts.yml')} ${JSON.stringify(dashboard)}`;
    const used = new Set([...text.matchAll(/\bgateway_[a-z_]+/g)].map(([name]) => name));
    expect(used.size).toBeGreaterThan(12);
    for (const name of used) expect(names).toContain(name);
  });

  it('have an alert for the quota of YouTube, and a sentence for each', () => {
    const { groups } = parse(read('ops/prometheus/alerts.yml')) as {
      groups: { rules: { alert: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.map(({ alert }) => alert)).toContain('YouTubeQuotaNearlySpent');
    for (const { annotations } of rules) expect(annotations.summary).toMatch(/\w/);
  });

  it.skipIf(!PROMTOOL)(
    'are what Prometheus takes (skipped where the Debian package prometheus is not installed)',
    () => {
      for (const [what, path] of [
        ['rules', 'ops/prometheus/alerts.yml'],
        ['config', 'ops/prometheus/prometheus.yml'],
      ] as const) {
        const { status, stderr } = spawnSync(PROMTOOL ?? '', ['check', what, join(ROOT, path)], {
          encoding: 'utf8',
        });
        expect(`${status} ${stderr}`.trim()).toMatch(/^0/);
      }
    },
  );
});

it('docker compose and the proxy are YAML, and lead to the doors', () => {
  const { services } = parse(read('docker-compose.yml')) as {
    services: Record<string, { deploy?: { replicas: number }; stop_grace_period?: string }>;
  };
  expect(Object.keys(services)).toEqual(['gateway', 'proxy', 'postgres', 'prometheus', 'grafana']);
  expect(services['gateway']?.deploy?.replicas).toBe(2);
  const { static_resources } = parse(read('ops/envoy/envoy.yaml')) as {
    static_resources: { listeners: { name: string }[]; clusters: { name: string }[] };
  };
  expect(static_resources.listeners.map(({ name }) => name)).toEqual(['rest', 'grpc']);
  expect(static_resources.clusters.map(({ name }) => name)).toEqual(['rest', 'grpc']);
});

it('gRPC-Web has a listener that leads to the gRPC door, with its filters in the order that Envoy needs', () => {
  interface Listener {
    filter_chains: {
      filters: {
        typed_config: {
          http_filters: { name: string }[];
          route_config: { virtual_hosts: { routes: { route: { cluster: string } }[] }[] };
        };
      }[];
    }[];
  }
  const listener = parse(read('ops/envoy/grpc-web.yaml')) as Listener;
  const { http_filters, route_config } = listener.filter_chains[0]?.filters[0]?.typed_config ?? {};
  expect(http_filters?.map(({ name }) => name)).toEqual(
    ['grpc_web', 'cors', 'router'].map((name) => `envoy.filters.http.${name}`),
  );
  const { static_resources } = parse(read('ops/envoy/envoy.yaml')) as {
    static_resources: { clusters: { name: string }[] };
  };
  const clusters = static_resources.clusters.map(({ name }) => name);
  const routes = route_config?.virtual_hosts.flatMap((host) => host.routes) ?? [];
  expect(routes.length).toBeGreaterThan(0);
  for (const { route } of routes) expect(clusters).toContain(route.cluster);
});

it('npm run sbom lists what production needs, and nothing of development', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  expect(status).toBe(0);
  const bom = JSON.parse(stdout) as {
    bomFormat: string;
    components: { purl: string }[];
  };
  expect(bom.bomFormat).toBe('CycloneDX');
  const found = new Set(
    bom.components.map(({ purl }) => decodeURIComponent(purl.split('?', 1)[0] ?? '')),
  );
  for (const [name, version] of Object.entries(dependencies))
    expect(found).toContain(`pkg:npm/${name}@${version}`);
  for (const name of ['vitest', 'knip', 'kubernetes-models'])
    expect(found).not.toContain(`pkg:npm/${name}@${devDependencies[name]}`);
});

it('runs the image with the flags of Node.js that npm start has', () => {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(read('Dockerfile')) ?? [];
  expect(JSON.parse(command)).toEqual(['node', ...NODE_FLAGS, 'dist/main.js']);
  expect(NODE_FLAGS.length).toBeGreaterThan(0);
});
