import { createServer, request as send } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { propertiesOf } from "../../fuzz/support.ts";
import { team } from "../../support/network-server.ts";
import { openRaw, type RawConnection, statusesOf } from "../../support/raw-http.ts";
import { sampleArguments } from "../../support/sample-arguments.ts";

/** What came back on a connection, and when it was closed, in seconds from `begun`. */
async function ended(connection: RawConnection, begun: number) {
  const [status] = statusesOf(await connection.closed());
  return { status, after: (performance.now() - begun) / 1000 };
}

test("who sends slowly is told so and let go, and keeps nobody else", { timeout: 60_000 }, async () => {
  const { start, keys } = await team();
  const server = await start();
  const begun = performance.now();
  const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n";
  const dripping = async (first: string, drop: string) => {
    const connection = await openRaw(server.url);
    connection.socket.write(first);
    const timer = setInterval(() => connection.socket.write(drop), 500);
    connection.socket.once("close", () => clearInterval(timer));
    return ended(connection, begun);
  };
  const all = Promise.all([
    openRaw(server.url).then((silent) => ended(silent, begun)),
    dripping("GET /healthz HTTP/1.1\r\n", "X-More: 1\r\n"),
    dripping(`${head}Authorization: Bearer ${keys.anna}\r\n\r\n`, " "),
    dripping(`${head}\r\n`, " "),
  ]);
  await expect.poll(() => server.serving.limits.underWay).toBe(1);
  expect((await server.rpc("anna", "tools/list")).status).toBe(200);
  const [silent, slowHead, slowBody, withoutKey] = await all;
  // Connections are looked at every 5 s.
  for (const { status, after } of [silent, slowHead]) {
    expect(status).toBe(408);
    expect(after).toBeGreaterThan(9.5);
    expect(after).toBeLessThan(20);
  }
  expect(slowBody.status).toBe(408);
  expect(slowBody.after).toBeGreaterThan(29.5);
  expect(slowBody.after).toBeLessThan(40);
  // Nobody waits for the body of somebody who is not known.
  expect(withoutKey.status).toBe(401);
  expect(withoutKey.after).toBeLessThan(5);
  await expect.poll(() => server.serving.limits.underWay).toBe(0);
  const said = () => server.log.filter((line) => line.includes("was not whole in time (408)"));
  await expect.poll(() => said().length, { timeout: 3_000 }).toBeGreaterThan(1);
});

test("600 connections at once: as many as it takes, the others are refused, and it lives", {
  timeout: 60_000,
}, async () => {
  const { start } = await team();
  const server = await start();
  const connections = await Promise.all(Array.from({ length: 600 }, () => openRaw(server.url)));
  const closed = () => connections.filter(({ isClosed }) => isClosed).length;
  await expect.poll(closed, { timeout: 5_000 }).toBe(100);
  const said = () => server.log.filter((line) => line.includes("500 are open, the most at a time"));
  await expect.poll(() => said().length, { timeout: 3_000 }).toBeGreaterThan(0);
  // One line a second, however many they are.
  expect(said().length).toBeLessThan(5);
  await expect(server.ask("/healthz")).rejects.toThrow();
  // Those that say nothing are let go, and there is room again.
  await expect.poll(closed, { timeout: 25_000 }).toBe(600);
  expect((await server.rpc("anna", "ping")).status).toBe(200);
});

/** A proxy to the cluster at `address`: where it was asked to go, and who was reached past it. */
async function recordingProxy(address: string) {
  const asked: string[] = [];
  const { hostname, port } = new URL(address);
  const proxy = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", address);
    asked.push(url.host);
    const { method, headers } = incoming;
    const forwarded = send({ hostname, port, path: `${url.pathname}${url.search}`, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on("connect", ({ url = "" }, client) => {
    asked.push(url);
    const upstream = connect({ host: hostname, port: Number(port) }, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) socket.on("error", () => client.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await new Promise((resolve) => proxy.once("listening", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { asked, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

test("no argument of any tool makes the server call an address", { timeout: 300_000 }, async () => {
  const { start, client, demo } = await team();
  const reached: string[] = [];
  const trap = createServer(({ url = "" }, response) => {
    reached.push(url);
    response.end("reached");
  });
  trap.on("connection", ({ remotePort }) => reached.push(`a connection from ${remotePort}`));
  trap.listen(0, "127.0.0.1");
  await new Promise((resolve) => trap.once("listening", resolve));
  onTestFinished(() => void trap.close());
  const { port } = trap.address() as AddressInfo;
  const proxy = await recordingProxy(demo.address);
  vi.stubEnv("HTTP_PROXY", proxy.url);
  vi.stubEnv("NO_PROXY", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = await start("--address=http://nomad.example:4646");
  const { tools } = await (await client("anna", server)).listTools();

  const urls = [
    `http://127.0.0.1:${port}/x`,
    `//127.0.0.1:${port}/x`,
    `@127.0.0.1:${port}/x`,
    `../../../127.0.0.1:${port}`,
    `unix:///var/run/docker.sock`,
    "http://169.254.169.254/latest/meta-data/",
    "http://evil.example:80/?x=",
    `x\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  ];
  const known = { job_id: "web", group: "web", namespace: "default", wait_seconds: 0, docker_image: "nginx:1.27" };
  let calls = 0;
  for (const tool of tools) {
    const usual = sampleArguments(tool, known);
    for (const [name, { type }] of propertiesOf(tool)) {
      if (type !== "string" && type !== "array" && type !== "object") continue;
      for (const url of urls) {
        const value = type === "string" ? url : type === "array" ? [url] : { address: url, [url]: url };
        const response = await server.ask(`/api/v1/tools/${tool.name}`, {
          ...{ who: "anna", method: "POST", body: JSON.stringify({ ...usual, [name]: value }) },
          headers: { "content-type": "application/json" },
        });
        await response.text();
        expect([tool.name, name, url, response.status < 500 || response.status === 502]).toEqual([
          tool.name,
          name,
          url,
          true,
        ]);
        calls++;
      }
    }
  }
  expect(calls).toBeGreaterThan(500);
  expect(proxy.asked.length).toBeGreaterThan(100);
  expect([...new Set(proxy.asked)]).toEqual(["nomad.example:4646"]);
  expect(reached).toEqual([]);
});
