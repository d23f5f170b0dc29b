// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { secretAt } from "../support/raw/route-at.ts";
import { recorded } from "../support/recorded.ts";
import { numbers } from "./secrets-random.ts";

// What is never masked. The secrets have seen a job, a variable and a token before, as in a session.
const { mask, note, always } = createSecrets();
for (const file of ["web/job.json", "web/versions.json", "variable/get.json", "acl/self.json"]) {
  note({ secret: secretAt(recorded(file).request.path) }, recorded(file).body);
}
always("5e5c9d1e-6ff5-4b1e-9d0f-0123456789ab");

const random = numbers(20_261_120);
const hex = (length: number) => Array.from({ length }, () => random(16).toString(16)).join("");
const many = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index));
const uuid = () => [8, 4, 4, 4, 12].map(hex).join("-");

const corpus: Record<string, string[]> = {
  "ids of allocations, evaluations and nodes": many(120, uuid),
  "ids of 8 characters": many(80, () => hex(8)),
  digests: many(60, () => `sha256:${hex(64)}`),
  "digests of other kinds": [
    ...many(20, () => hex(64)),
    ...many(10, () => `md5:${hex(32)}`),
    ...many(10, () => hex(32)),
  ],
  commits: [...many(60, () => hex(40)), ...many(20, () => hex(7))],
  "cursors of ours and of Nomad": [
    ...many(20, () => `${random(10_000)}.${uuid()}`),
    ...many(20, () => Buffer.from(JSON.stringify({ from: random(1e9), sent: [hex(8), hex(8)] })).toString("base64url")),
    "default.web",
    "default.team-a/nightly/periodic-1795204207",
  ],
  images: [
    "nginx",
    "nginx:1.27",
    "nginx:1.27.3-alpine",
    "redis:7.2-bookworm",
    "postgres:16",
    "postgres",
    "mysql:8.0.40-debian",
    "busybox:1.36",
    "alpine:3.20",
    "node:22-slim",
    "python:3.12-slim-bookworm",
    "golang:1.23",
    "ghcr.io/acme/shop-api:2024.11.20-3f2a9b8",
    "traefik:v3.2.1",
    "registry.example.com:5000/team/app:v1.2.3",
    "quay.io/prometheus/node-exporter:v1.8.2",
    "hashicorp/http-echo:1.0",
    "hashicorp/vault:1.18",
    "public.ecr.aws/docker/library/redis:7",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:build-1234",
    "app-secrets:latest",
    "europe-docker.pkg.dev/acme-prod-1/images/api:20241120T101500",
    "k8s.gcr.io/pause:3.9",
    "mcr.microsoft.com/dotnet/aspnet:8.0",
    "acme/token-service:4.5.6-rc.1",
    "acme/password-reset:9f86d08",
    "registry.example/keycloak:26.0.5",
    "secret-manager:8-alpine",
    ...many(15, (index) => `docker.io/library/app-${index}@sha256:${hex(64)}`),
    ...many(15, () => `acme/api:${hex(7)}`),
  ],
  versions: [
    "1.9.3",
    "v2.0.6-dev",
    "2.0.5+ent",
    "1.27.3-alpine3.20",
    "v1.30.2+k3s1",
    "20.19.43",
    "5.15.0-1064-aws",
    "6.8.0-48-generic",
    "27.3.1",
    "go1.23.3",
    "0.8.0",
    "1.0.0-rc.1",
    "1.0.0-beta.2+exp.sha.5114f85",
    "2024.11.20",
    "20241120",
    "3.14",
    "v12",
    "8.0.40",
    "r1234",
    "1.6.0-2",
  ],
  "names of nodes, jobs, groups and tasks": [
    "client-1",
    "client-12",
    "dev-1",
    "node-eu-west-1a-042",
    "ip-10-0-12-34",
    "ip-10-0-12-34.eu-west-1.compute.internal",
    "worker07.dc1.example.com",
    "gpu-a100-3",
    "k8s-node-17",
    "prod-db-primary-01",
    "nomad-client-7f9c",
    "web",
    "web-api",
    "shop_frontend",
    "nightly",
    "team-a/report",
    "report/periodic-1795204207",
    "import/dispatch-1795204207-3f2a9b8c",
    "auth",
    "auth-service",
    "token-refresher",
    "password-reset",
    "secret-santa",
    "keycloak",
    "api-key-rotator",
    "app-secrets",
    "vault",
    "vault-token-helper",
    "postgres",
    "postgresql-primary-2",
    "redis",
    "production",
    "staging",
    "eu-central-1",
    "us-east-1b",
    "dc1",
    "dc2",
    "default",
    "prod",
    "blue",
    "green",
    "web.api[0]",
    "team-a/report.run[12]",
    "Session-Store-v2",
  ],
  "constraints and reasons": [
    "${attr.kernel.name} = windows",
    "${attr.cpu.arch} = arm64",
    "${meta.rack} distinct_property",
    "${node.class} = gpu",
    "missing drivers",
    "missing devices",
    "${attr.vault.version} semver >= 0.6.1",
    "${attr.consul.version} semver >= 1.8.0",
    "${attr.plugins.cni.version.bridge} semver >= 0.4.0",
    "distinct_hosts",
    "distinct_property: ${meta.rack}=r1 used by 1 allocs",
    "missing compatible host volumes",
    'missing host network "public" for port "http"',
    "${meta.token} is set",
    'missing CSI volume(s) "vol0"',
    "no node in datacenter dc9; ready nodes are in dc1 and dc2",
    "no node has 64,000 MB of memory for task app; 3 of 3 are too small",
    "${attr.unique.platform.aws.instance-id} = i-0abc123def4567890",
    "${attr.os.signals} set_contains SIGTERM",
    "${secret.ready} != true",
  ],
  paths: [
    "/secrets",
    "/secrets/api.sock",
    "/run/secrets/db_password",
    "/etc/ssl/private/server.key",
    "/var/lib/nomad/alloc/4f2a9c31/api/secrets/token",
    "local/app.conf",
    "secrets/tls.pem",
    "/v1/job/web/allocations",
    "/v1/client/fs/logs/95afa302-7ea7-8b0e-1b47-469255bb0e8c",
    "/alloc/logs/server.stdout.0",
    "./token.txt",
    "~/.config/nomad-mcp/config.toml",
    "C:\\Program Files\\Nomad\\nomad.exe",
    "/opt/nomad/data/plugins/docker-driver-1.2.3",
    "kv/data/app#password",
    "http://127.0.0.1:4646",
    "https://nomad.example.com:4646/ui/jobs/web@default",
    "https://github.com/acme/shop/commit/3f786850e387550fdab836ed7e6dc881de23001b",
    "https://releases.example.com/App-1.2.3/App_1.2.3_linux_amd64.zip",
    "s3::https://s3-eu-west-1.amazonaws.com/bucket/Path/File-2024.tar.gz",
    "unix:///secrets/api.sock",
    "git::ssh://git@github.com/acme/shop.git?ref=v1.2.3",
    "docker://registry.example.com/app:1",
    "https://example.com/login?next=/home&page=2",
  ],
  "times, sizes, addresses": [
    "12m ago",
    "2026-11-20T19:51:04.485366685Z",
    "2026-11-20 19:51:04",
    "1795204207073098377",
    "1h20m30s",
    "500ms",
    "64,000 MB",
    "1.5 GiB",
    "10.0.12.34:8080",
    "[2001:db8::1]:4646",
    "fe80::1ff:fe23:4567:890a",
    "db.internal:5432",
    "tcp://10.0.0.1:2375",
    "02:42:ac:11:00:02",
    "0 */6 * * *",
    "@daily",
    "127.0.0.1",
    "CPU 4,000 MHz",
  ],
  "environment variables that are no secrets": [
    "LOG_LEVEL=info",
    "LOG_LEVEL = info",
    '"LOG_LEVEL": "debug"',
    "PORT=8080",
    "NODE_ENV=production",
    "DB_HOST=db-01.internal",
    "DB_USER=app_user_77X",
    "TZ=Europe/Berlin",
    "JAVA_OPTS=-Xmx512m -XX:+UseG1GC",
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "FEATURE_FLAGS=newCheckout,darkMode2024",
    "PASSWORD_FILE=/run/secrets/db",
    "TOKEN_TTL=3600",
    "KEY_ID=abc-Def-123",
    "VAULT_ADDR=https://vault.example:8200",
    "AWS_REGION=eu-west-1",
    "DATABASE_URL=postgres://app@db/shop",
    "NOMAD_ALLOC_ID=95afa302-7ea7-8b0e-1b47-469255bb0e8c",
    "PWD=/app",
    "AUTHOR=Ada",
    "GIT_SHA=3f786850e387550fdab836ed7e6dc881de23001b",
    "BUILD=Release-2024-11-20T10-15",
    "MAX_TOKENS=4096",
    "CACHE_KEY=Build-3f2a9b8c1d",
    "SESSION_TIMEOUT=30m",
    "IMAGE=nginx:1.27.3-Alpine9",
  ],
  "what Nomad, its tasks and we say": [
    "Task not running by deadline",
    "Exit Code: 137, Signal: 9",
    "FATAL: cannot reach database at db.internal:5432",
    'password authentication failed for user "postgres"',
    "Template failed: nomad.var.block(nomad/jobs/web@default.global): no such variable",
    "Permission denied",
    "ACL token not found",
    "Missing: vault.read(secret/data/app)",
    "Failed to pull `acme/api:3f2a9b8`: API error (404): manifest unknown",
    "error parsing token: unexpected end of JSON input",
    "invalid key: must be a string",
    "job-register",
    "failed to parse config: 1:23: unexpected token: ','",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "key=value pairs expected",
    "no such key: web",
    'level=info msg="request done" method=GET path=/healthz status=200 duration=1.2ms trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7',
    '10.0.0.5 - - [20/Nov/2026:19:51:04 +0000] "GET /api/v1/items?page=2&limit=50 HTTP/1.1" 200 1234 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0"',
    "Next: get_job_logs job_id=web task=server, or revert_job job_id=web version=3",
    "web (service, namespace default): 2 of 3 healthy, version 4 deployed 12m ago is failing",
    "check_index=1234 restarts the plan; cursor=eyJmcm9tIjoxfQ goes on",
    "token: reader (client), policies reader and ops, expires in 2h",
    "    at Object.<anonymous> (/app/dist/server.js:12:34)",
    "group  desired  running  healthy  failed\napi    3        3        2        1",
    '+/- Env[LOG_LEVEL]: "info" => "debug"',
    "Env[LOG_LEVEL]: info -> debug",
    "3 keys, 2 tokens, 1 password",
    "key       value\ncount     3",
    "bearer of bad news",
    "the secret of success: keep going",
    "basic auth is required",
    "This token was created by web-7: see docs",
  ],
};

describe.each(Object.entries(corpus))("%s", (_, entries) => {
  test(`${entries.length} of them`, () => {
    for (const entry of entries) {
      for (const text of [
        entry,
        `job ${entry} is up`,
        `"${entry}"`,
        `id: ${entry}`,
        `id=${entry}`,
        `| ${entry}`,
        `a  ${entry}  b`,
      ]) {
        expect(mask(text)).toBe(text);
      }
    }
    expect(mask(entries.join("\n"))).toBe(entries.join("\n"));
  });
});

test("the corpus is large enough to mean something", () => {
  expect(Object.values(corpus).flat().length).toBeGreaterThan(600);
});

test("ordinary words, each beside each other one and as the value of each other one", () => {
  const words =
    "access account action address admin agent all api app apply argument auth backup base basic batch bearer cache canary certificate change check client cluster code config connect constraint cookie count credential database dead default delete deploy desired digest drain driver email enable encrypt error eval event exit expire export failed file filter force group hash header healthy host image index info job json key label leader level license limit list local log login master memory message meta name namespace network node nonce number open option owner page passed path pending plan policy pool port primary private process prod public pull push queue random rate read ready region registry release request reset restart role root rule run running salt scale scope script secret server service session set sign signature size socket source stage start state status stop storage stream submit system table tag task team template test text time timeout token total trace type unit update url user valid value variable vault version volume wait web write".split(
      " ",
    );
  for (const one of words) {
    const text = words
      .map((other) => `${one} ${other}, ${one}-${other}, ${one}/${other}, ${one}.${other}, the ${one} is ${other}`)
      .join("\n");
    expect(mask(text)).toBe(text);
  }
});

/** The made-up secrets of test/recorded, which are all that is secret there. */
const madeUp = [
  ...["hunter2-super-secret", "other-secret-value", "s3cr3t-value", "2ac63bf7-07e2-5329-cfd0-143645dfbe47"],
  // The token of a login.
  "644015a3-b62d-5fda-58a9-6014400b5d0c",
];

test("of everything that Nomad was recorded to answer, the secrets and nothing else", () => {
  const secrets = createSecrets();
  const folder = new URL("../recorded/", import.meta.url);
  // One has an option and its value in rows apart from each other, of which only the tool's own lines are told.
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".json") && file !== join("plan", "everything.json"),
  );
  expect(files.length).toBeGreaterThan(150);
  const exchanges = files.map((file) => ({ file, ...recorded(file) }));
  for (const { request, body } of exchanges) {
    secrets.note({ secret: secretAt(request.path) }, request.body);
    secrets.note({ secret: secretAt(request.path) }, body);
  }
  for (const { file } of exchanges) {
    const text = readFileSync(new URL(file, folder), "utf8");
    const expected = madeUp
      .reduce((left, secret) => left.replaceAll(secret, "[masked]"), text)
      // What was signed in with.
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "[masked]")
      // The variable's other item: an item is secret, whatever it holds.
      .replaceAll(/("host\\?": ?\\?")db/g, "$1[masked]");
    expect(secrets.mask(text), file).toBe(expected);
  }
});
