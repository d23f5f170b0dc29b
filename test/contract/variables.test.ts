import { expect } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";

interface Variable {
  readonly Path: string;
  readonly Namespace: string;
  readonly Items: Readonly<Record<string, string>>;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
  readonly CreateTime: number;
  readonly ModifyTime: number;
}

/** Paths of this test's own, deleted when it is over. */
function paths(nomad: Cluster, stem: string, count: number): string[] {
  const all = Array.from({ length: count }, (_, at) => `${nomad.id(stem)}/${at}`);
  nomad.undo(() => Promise.all(all.map((path) => nomad.send("DELETE", `/v1/var/${path}`))));
  return all;
}

function put(nomad: Cluster, path: string, Items: unknown, query: Record<string, string | number> = {}) {
  return nomad.send("PUT", `/v1/var/${path}`, { query, body: { Items, Path: "ignored" } });
}

contract("variables", (test) => {
  test("made, read, changed and deleted, each by compare-and-set", async ({ nomad }) => {
    const [path = ""] = paths(nomad, "cas", 1);
    const created = await put(nomad, path, { user: "u", password: "made-up" }, { cas: 0 });
    const first: Variable = JSON.parse(created.text);
    expect(first).toMatchObject({ Path: path, Namespace: "default", Items: { user: "u", password: "made-up" } });
    expect([first.CreateIndex, created.index]).toEqual([first.ModifyIndex, first.ModifyIndex]);
    expect(first.ModifyTime).toBe(first.CreateTime);
    const read = await nomad.send("GET", `/v1/var/${path}`);
    expect([JSON.parse(read.text), read.index]).toEqual([first, first.ModifyIndex]);

    const again = await put(nomad, path, { a: "b" }, { cas: 0 });
    expect([again.status, again.index]).toEqual([409, first.ModifyIndex]);
    expect(JSON.parse(again.text)).toMatchObject({ Items: first.Items, ModifyIndex: first.ModifyIndex });

    const changed = await put(nomad, path, { user: "u2" }, { cas: first.ModifyIndex });
    const second: Variable = JSON.parse(changed.text);
    expect(second).toMatchObject({ Items: { user: "u2" }, CreateIndex: first.CreateIndex });
    expect(second.ModifyIndex).toBeGreaterThan(first.ModifyIndex);
    expect((await put(nomad, path, { user: "u3" }, { cas: first.ModifyIndex })).status).toBe(409);
    const blind = JSON.parse((await put(nomad, path, { user: "u4" })).text);
    expect(blind).toMatchObject({ Items: { user: "u4" } });

    const late = await nomad.send("DELETE", `/v1/var/${path}`, { query: { cas: second.ModifyIndex } });
    expect([late.status, JSON.parse(late.text).Items]).toEqual([409, { user: "u4" }]);
    const gone = await nomad.send("DELETE", `/v1/var/${path}`, { query: { cas: blind.ModifyIndex } });
    expect([gone.status, gone.text]).toEqual([204, ""]);
    expect((await nomad.send("DELETE", `/v1/var/${path}`)).status).toBe(204);
    const missing = await nomad.send("GET", `/v1/var/${path}`);
    expect([missing.status, missing.text]).toEqual([404, "variable not found"]);
    const none = await put(nomad, path, { a: "b" }, { cas: 99 });
    expect([none.status, none.index, JSON.parse(none.text)]).toEqual([
      409,
      0,
      { CreateIndex: 0, CreateTime: 0, ModifyIndex: 0, ModifyTime: 0, Namespace: "default", Path: path },
    ]);
  });

  test("listed without values, by prefix and filter, in pages; a list waits for news", async ({ nomad }) => {
    const all = paths(nomad, "list", 3);
    for (const path of all) await put(nomad, path, { key: "value" });
    const prefix = nomad.id("list");
    const list = await nomad.get<Variable[]>("/v1/vars", { prefix });
    expect(list.map(({ Path }) => Path)).toEqual(all);
    expect(Object.keys(list[0] ?? {}).toSorted()).toEqual(
      ["CreateIndex", "CreateTime", "ModifyIndex", "ModifyTime", "Namespace", "Path"].toSorted(),
    );
    const page = await nomad.send("GET", "/v1/vars", { query: { prefix, per_page: 2 } });
    const token = page.headers.get("x-nomad-nexttoken");
    expect([JSON.parse(page.text).length, token]).toEqual([2, `default.${all[2]}`]);
    const rest = await nomad.get<Variable[]>("/v1/vars", { prefix, per_page: 2, next_token: token ?? "" });
    expect(rest.map(({ Path }) => Path)).toEqual([all[2]]);
    const filter = `VariableMetadata.Path matches "/1$"`;
    expect((await nomad.get<Variable[]>("/v1/vars", { prefix, filter })).map(({ Path }) => Path)).toEqual([all[1]]);
    const refused = await nomad.send("GET", "/v1/vars", { query: { prefix, filter: 'Path matches "x"' } });
    expect([refused.status, refused.text]).toEqual([
      400,
      'failed to read result page: error finding value in datum: /Path at part 0: couldn\'t find key: struct field with name "Path"',
    ]);
    const [first = ""] = all;
    const waiting = nomad.until<Variable>(`/v1/var/${first}`, ({ Items }) => Items.key === "new");
    await put(nomad, first, { key: "new" });
    expect((await waiting).ModifyIndex).toBeGreaterThan(list[0]?.ModifyIndex ?? 0);
  });

  test("refused: paths, items, cas and namespaces that cannot be", async ({ nomad }) => {
    const [path = ""] = paths(nomad, "refused", 1);
    const answers = [
      await put(nomad, "a%20b", { a: "b" }),
      await put(nomad, "x".repeat(129), { a: "b" }),
      await put(nomad, "nomad", { a: "b" }),
      await put(nomad, "nomad/x", { a: "b" }),
      await put(nomad, "nomad/job-templates", { a: "b" }),
      await put(nomad, "", { a: "b" }),
      await put(nomad, path, undefined),
      await put(nomad, path, {}),
      await put(nomad, path, { a: 1 }),
      await put(nomad, path, { a: "x".repeat(65_536) }),
      await put(nomad, path, { a: "b" }, { cas: "x" }),
      await put(nomad, path, { a: "b" }, { namespace: "*" }),
      await nomad.send("PUT", `/v1/var/${path}`),
      await nomad.send("PATCH", `/v1/var/${path}`),
      await nomad.send("POST", "/v1/vars"),
    ];
    expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual([
      '400 RPC Error:: 400,invalid path "a b"',
      `400 RPC Error:: 400,invalid path "${"x".repeat(129)}"`,
      '400 RPC Error:: 400,"nomad" is a reserved top-level directory path, but you may write variables to "nomad/jobs", "nomad/job-templates", "nomad/sentinel", or below',
      '400 RPC Error:: 400,only paths at "nomad/jobs" or "nomad/job-templates" and below are valid paths under the top-level "nomad" directory',
      '400 RPC Error:: 400,"nomad/job-templates" is a reserved directory path, but you may write variables at the level below it, for example, "nomad/job-templates/template-name"',
      "400 missing variable path",
      "400 variable missing required Items object",
      "400 variable missing required Items object",
      "400 json: cannot unmarshal number into Go struct field VariableDecrypted.Items of type string",
      "400 RPC Error:: 400,variables are limited to 64KiB in total size",
      '400 can not parse cas: strconv.ParseUint: parsing "x": invalid syntax',
      '400 RPC Error:: 400,can not target wildcard ("*")namespace',
      "400 Request body is empty",
      "400 Invalid method",
      "405 Invalid method",
    ]);
  });
});
