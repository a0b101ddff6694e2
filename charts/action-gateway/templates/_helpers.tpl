{{/* The name of the objects: 63 characters at most, with room for "-migration". */}}
{{- define "gateway.name" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- end -}}
{{- $name | trunc 53 | trimSuffix "-" -}}
{{- end }}

{{/* Which pods are this release's. */}}
{{- define "gateway.podLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Which pods serve. */}}
{{- define "gateway.selector" -}}
{{ include "gateway.podLabels" . }}
app.kubernetes.io/component: server
{{- end }}

{{/* Labels of every object. */}}
{{- define "gateway.labels" -}}
{{ include "gateway.podLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "gateway.secret" -}}
{{ .Values.existingSecret | default (include "gateway.name" .) }}
{{- end }}

{{- define "gateway.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "gateway.name" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- define "gateway.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* All settings that are no secrets, as a dict in YAML. */}}
{{- define "gateway.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- range $key, $_ := $config -}}
{{- if and (regexMatch "^(DATABASE_URL|METRICS_TOKEN|.*_(SECRETS?|KEYS?|BOT_TOKEN))$" $key) (not (hasSuffix "_TLS_KEY" $key)) -}}
{{- fail (printf "config.%s is a secret: put it into the Secret %q (existingSecret) and remove it from config" $key (include "gateway.secret" $)) -}}
{{- end -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas: lower the one or raise the other" -}}
{{- end -}}
{{- if .Values.media.enabled -}}
{{- $_ := set $config "ENABLE_MEDIA" "true" -}}
{{- end -}}
{{- range $door := list "rest" "grpc" -}}
{{- if get $.Values.tls (printf "%sSecret" $door) -}}
{{- $_ := set $config (printf "%s_TLS_CERT" (upper $door)) (printf "/etc/action-gateway/tls/%s/tls.crt" $door) -}}
{{- $_ := set $config (printf "%s_TLS_KEY" (upper $door)) (printf "/etc/action-gateway/tls/%s/tls.key" $door) -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{- define "gateway.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "gateway.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* A probe at the REST door; the first argument is its path, the second the root. */}}
{{- define "gateway.probe" -}}
{{- $root := index . 1 -}}
httpGet:
  path: {{ index . 0 }}
  port: rest
  {{- if $root.Values.tls.restSecret }}
  scheme: HTTPS
  {{- end }}
{{- end }}

{{/* The ServicePort of a door: its name, its port, and the root. */}}
{{- define "gateway.servicePort" -}}
{{- $name := index . 0 -}}
{{- $root := index . 2 -}}
- name: {{ $name }}
  port: {{ index . 1 }}
  targetPort: {{ $name }}
  {{- if and (eq $name "grpc") (not $root.Values.tls.grpcSecret) }}
  appProtocol: kubernetes.io/h2c
  {{- end }}
{{- end }}

{{/* An Ingress: a dict of root, name, ingress (host, tlsSecret, annotations), service, port and paths. */}}
{{- define "gateway.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "gateway.name" .root }}-{{ .door }}
  labels:
    {{- include "gateway.labels" .root | nindent 4 }}
  {{- with .ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  ingressClassName: {{ .root.Values.ingress.className }}
  {{- if .ingress.tlsSecret }}
  tls:
    - hosts:
        - {{ .ingress.host }}
      secretName: {{ .ingress.tlsSecret }}
  {{- end }}
  rules:
    - host: {{ .ingress.host }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            pathType: {{ .pathType }}
            backend:
              service:
                name: {{ $.service }}
                port:
                  name: {{ $.door }}
          {{- end }}
{{- end }}

{{/* Where certificates and further volumes are in a container. */}}
{{- define "gateway.mounts" -}}
{{- $mounts := list -}}
{{- range $door := list "rest" "grpc" -}}
{{- if get $.Values.tls (printf "%sSecret" $door) -}}
{{- $mounts = append $mounts (dict "name" (printf "%s-tls" $door) "mountPath" (printf "/etc/action-gateway/tls/%s" $door) "readOnly" true) -}}
{{- end -}}
{{- end -}}
{{- with concat $mounts .Values.extraVolumeMounts -}}
volumeMounts:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* Certificates and further volumes. */}}
{{- define "gateway.volumes" -}}
{{- $volumes := list -}}
{{- range $door := list "rest" "grpc" -}}
{{- with get $.Values.tls (printf "%sSecret" $door) -}}
{{- $volumes = append $volumes (dict "name" (printf "%s-tls" $door) "secret" (dict "secretName" .)) -}}
{{- end -}}
{{- end -}}
{{- with concat $volumes .Values.extraVolumes -}}
volumes:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* On which nodes pods run. */}}
{{- define "gateway.placement" -}}
{{- $placement := dict -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" -}}
{{- with get $.Values $key -}}
{{- $_ := set $placement $key . -}}
{{- end -}}
{{- end -}}
{{- if $placement -}}
{{- toYaml $placement -}}
{{- end -}}
{{- end }}
