import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { type VirtualClock, virtualClock } from "demo-cluster/clock.ts";
import { Hono } from "hono";
import { onTestFinished } from "vitest";
import { openSession, type Session } from "../../../src/session.ts";
import type { CallerEnv } from "../../../src/transports/http/caller.ts";
import { restRoutes } from "../../../src/transports/http/rest.ts";
import { type SomeSettings, settingsWith } from "../../support/session.ts";

/** The routes for programs behind real HTTP, on a demo cluster of their own whose time stands still. */
export interface RestServer {
  readonly url: string;
  readonly demo: DemoCluster;
  readonly clock: VirtualClock;
  readonly session: Session;
}

/** A reply with its body, where that is JSON. */
export interface Reply<Body> {
  readonly status: number;
  readonly type: string;
  readonly body: Body;
}

/** Who calls, and where Nomad is where it is not the demo. */
export interface Asked {
  readonly role?: string;
  readonly address?: string;
  /** Ends the calls. */
  readonly signal?: AbortSignal;
}

/** Serves until the test has finished. Everybody is let in. */
export async function restServer(settings: SomeSettings = {}, asked: Asked = {}): Promise<RestServer> {
  const clock = virtualClock();
  const demo = await startDemoCluster({ clock, seed: 1 });
  const session = await openSession(settingsWith({ ...settings, address: asked.address ?? demo.address }));
  const app = new Hono<CallerEnv>();
  let requests = 0;
  app.use(async (context, next) => {
    const requestId = `request-${++requests}`;
    const host = { signal: asked.signal ?? context.req.raw.signal };
    context.set("caller", { toolbox: session.toolbox, role: asked.role, requestId, host });
    await next();
  });
  app.route("/", restRoutes());
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
    await session.release();
    await demo.stop();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, demo, clock, session };
}

/** What a call answers. */
export interface Answer {
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly is_error: boolean;
}

/** What stands in its place where it failed. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly tool?: string;
  readonly role?: string;
  readonly preview?: string;
  readonly code?: string;
}

/** Posts JSON, as programs do. */
export async function post<Body>(url: string, body: unknown): Promise<Reply<Body>> {
  const headers = { "Content-Type": "application/json" };
  return await read(await fetch(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Gets JSON. */
export async function get<Body>(url: string): Promise<Reply<Body>> {
  return await read(await fetch(url));
}

/** The reply, whose body is JSON. */
export async function read<Body>(response: Response): Promise<Reply<Body>> {
  const { status, headers } = response;
  return { status, type: headers.get("content-type") ?? "", body: (await response.json()) as Body };
}
