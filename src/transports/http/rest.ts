import { Hono } from "hono";
import type { CallerEnv } from "./caller.ts";

/** The routes for programs. They expect `caller` to be set: nobody is checked here. */
export function restRoutes(): Hono<CallerEnv> {
  const routes = new Hono<CallerEnv>();
  routes.post("/api/v1/tools/:name", async (context) => {
    const { toolbox, host } = context.get("caller");
    const {
      text,
      data,
      isError = false,
    } = await toolbox.tell(context.req.param("name"), await context.req.json(), host);
    return context.json({ text, ...(data && { data: data() }), is_error: isError });
  });
  return routes;
}
