import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newKey } from "../../../src/access/keys.ts";
import { team, told } from "../../support/network-server.ts";

test("no key and no token gets into an answer, the log or the audit log, wherever it was sent", async () => {
  const token = "f3a1c9d2-5b7e-4e80-9a66-0d4b8c2e7f15";
  const { start, keys, client, folder } = await team({
    settings: `token = "${token}"\naudit = "all"\n`,
    people: { anna: "", ben: "" },
  });
  const audit = `${folder.path}/audit.log`;
  const server = await start(`--audit-log=${audit}`);
  const { key: stranger } = newKey();
  const foreign = "0b6c2a9e-7d14-4f3b-8e21-c5a9d0f47b38";
  const secrets = [token, keys.anna ?? "", keys.ben ?? "", stranger, foreign];
  const answers: string[] = [];
  const ask = async (path: string, init: Parameters<typeof server.ask>[1]) => {
    const response = await server.ask(path, init);
    answers.push(JSON.stringify([...response.headers]), await response.text());
    return response.status;
  };
  const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

  // Where they have no place: wrong, in the address, in the path, in other headers, twice, in what is no JSON.
  const bearer = (key: string) => ({ ...json, authorization: `Bearer ${key}` });
  expect(await ask("/mcp", { method: "POST", headers: bearer(stranger), body })).toBe(401);
  expect(await ask("/mcp", { method: "POST", headers: { ...json, authorization: `Basic ${stranger}` }, body })).toBe(
    401,
  );
  for (const name of ["key", "access_token", "more"]) {
    await ask(`/mcp?${name}=${keys.ben}`, { who: "anna", method: "POST", headers: json, body });
  }
  for (const path of [`/mcp/${keys.ben}`, `/api/v1/tools/${keys.ben}`, `/api/claude/job-logs/${keys.ben}`]) {
    await ask(path, { who: "anna" });
    await ask(path, { who: "anna", method: "POST", headers: json, body: "{}" });
  }
  const others = { ...json, "x-nomad-token": foreign, cookie: `key=${stranger}`, "user-agent": `curl/${stranger}` };
  expect(await ask("/mcp", { who: "anna", method: "POST", headers: others, body })).toBe(200);
  await ask("/mcp", { who: "anna", method: "POST", headers: { ...json, origin: `https://${stranger}` }, body });
  await ask("/mcp", { who: "anna", method: "POST", headers: json, body: `{"key": "${stranger}"` });

  // As arguments, of tools that there are and are not; and calls that are as they should be.
  const anna = await client("anna", server);
  for (const secret of [keys.anna, token]) {
    answers.push(await told(anna, "get_job_status", { job_id: secret }));
    answers.push(await told(anna, "search_nomad", { query: secret }));
    answers.push(await told(anna, "stop_job", { job_id: secret, wait_seconds: 0 }));
    answers.push(
      await anna.readResource({ uri: `nomad://default/jobs/default/${secret}` }).then(JSON.stringify, String),
    );
    answers.push(await anna.callTool({ name: String(secret) }).then(JSON.stringify, String));
  }
  await ask("/api/v1/tools/list_nomad_jobs", { who: "anna", method: "POST", headers: others, body: "{}" });
  answers.push(await told(anna, "list_nomad_jobs"), await told(anna, "check_connection"));
  expect(await ask("/api/v1/whoami", { who: "anna" })).toBe(200);

  const written = { log: server.log.join("\n"), audit: readFileSync(audit, "utf8"), answers: answers.join("\n") };
  expect(written.log).toContain("refused POST /mcp");
  expect(written.audit).toContain('"principal":"anna"');
  for (const [where, text] of Object.entries(written)) {
    const found = secrets.filter((secret) => text.includes(secret));
    expect([where, found, text.split("\n").filter((line) => found.some((secret) => line.includes(secret)))]).toEqual([
      where,
      [],
      [],
    ]);
  }
});
