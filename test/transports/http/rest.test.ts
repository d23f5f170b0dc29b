import { expect, test } from "vitest";
import { post, restServer } from "./support.ts";

test("a tool is called with its arguments as JSON, and answers text and facts", async () => {
  const { url } = await restServer();
  const { status, body } = await post<{ text: string; data: unknown; is_error: boolean }>(
    `${url}/api/v1/tools/list_nomad_jobs`,
    { limit: 2 },
  );
  expect(status).toBe(200);
  expect(body.is_error).toBe(false);
  expect(body.text).toContain("checkout");
  expect(body.data).toBeDefined();
});
