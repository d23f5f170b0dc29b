import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Authenticator, bearerIn, type Credentials, type Identified } from "../../src/access/authenticator.ts";
import { byNomadToken, type NomadTokens } from "../../src/access/nomad-token/by-nomad-token.ts";
import { lookUpAt } from "../../src/access/nomad-token/self.ts";
import { nomadTokenOf } from "../../src/access/nomad-token/shown.ts";
import { type Role, readRoles } from "../../src/access/roles.ts";
import { serve } from "../support/authority.ts";
import { nomadWithAcl, saidOf } from "../support/nomad-acl.ts";

const limits = {
  ...{ readOnly: false, confirm: "host" as const, showVariables: false },
  clusters: [{ name: "prod" }],
};
const rolesOf = (section: object) => readRoles(section, { place: () => "" }, limits);
const noRoles: ReadonlyMap<string, Role> = new Map();
const anna = "2ac63bf7-07e2-5329-cfd0-143645dfbe47";
const accessor = "ffbb49b1-1491-6874-39af-ee76f153f656";
const challenge = { "WWW-Authenticate": 'Nomad-Token header="X-Nomad-Token"' };
const hour = 3_600_000;

/** The way to know holders of tokens of a Nomad, and how often that was asked whose one is. */
async function tokens(more: Partial<NomadTokens> = {}, address?: string) {
  const nomad = await nomadWithAcl();
  const time = { now: Date.now(), clock: 0 };
  const pass = (ms: number) => {
    time.now += ms;
    time.clock += ms;
  };
  const cluster = {
    settings: { name: "prod" },
    transport: { base: nomad.address, address: address ?? nomad.address, headers: {}, fetch },
  };
  const way = byNomadToken({
    ...{ roles: noRoles, allowManagement: false, lookUp: lookUpAt(async () => cluster) },
    takenByOthers: (credentials) => bearerIn(credentials)?.startsWith("nmcp_") ?? false,
    ...{ now: () => time.now, clock: () => time.clock },
    ...more,
  });
  const asked = () => nomad.seen.map(([method, path, token]) => `${method} ${path} ${token}`);
  return { way, nomad, pass, asked };
}
const show = async (way: Authenticator, nomadToken: string, more: Partial<Credentials> = {}): Promise<Identified> =>
  await way.identify({ authorization: undefined, nomadToken, ...more });
/** So many guesses are left to somebody. */
function bucket(left: number) {
  const guesses = {
    left,
    count: async () => (guesses.left > 0 ? void guesses.left-- : 30),
    takeBack: async () => void guesses.left++,
  };
  return guesses;
}
const uuid = (number: number) => `11111111-2222-3333-4444-${String(number).padStart(12, "0")}`;

describe("who calls", () => {
  test("is whose token it is, as Nomad says, asked with that token alone", async () => {
    const { way, nomad, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    const known = await show(way, anna);
    expect(known).toEqual({
      principal: {
        id: JSON.stringify(["nomad-token", accessor]),
        ...{ name: "reader", auth: "nomad-token", subject: accessor, role: undefined },
      },
    });
    expect(asked()).toEqual([`GET /v1/acl/token/self ${anna}`]);
  });

  test("has its token beside the principal, in nothing that prints or serialises it", async () => {
    const { way, nomad } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    const known = await show(way, anna);
    if (!("principal" in known)) throw new Error("nobody");
    expect(nomadTokenOf(known.principal)).toEqual({ token: anna, accessor });
    expect(nomadTokenOf({ ...known.principal })).toBeUndefined();
    expect(inspect(known, { depth: 9, showHidden: true }) + JSON.stringify(known)).not.toContain(anna);
  });

  test("is named by the accessor where the token has no name, in one line of bounded length where it has a strange one", async () => {
    const { way, nomad } = await tokens();
    nomad.tokens.set(uuid(1), saidOf("self", { Name: "" }));
    nomad.tokens.set(uuid(2), saidOf("self", { Name: `a\n\u001b[31mnomad-mcp: ${"x".repeat(500)}` }));
    expect(await show(way, uuid(1))).toMatchObject({ principal: { name: accessor } });
    expect(await show(way, uuid(1))).not.toHaveProperty("principal.subject");
    const strange = await show(way, uuid(2));
    expect(strange).toMatchObject({ principal: { name: expect.stringMatching(/^a nomad-mcp: x+…$/) } });
    if ("principal" in strange) expect(strange.principal.name.length).toBeLessThanOrEqual(100);
  });

  test("ends with the token", async () => {
    const { way, nomad } = await tokens();
    const ExpirationTime = new Date(Date.now() + hour).toISOString();
    nomad.tokens.set(anna, saidOf("self", { ExpirationTime }));
    expect(await show(way, anna)).toMatchObject({ principal: { expires: Date.parse(ExpirationTime) } });
  });
});

describe("a role", () => {
  const roles = rolesOf({
    people: { groups: ["*"] },
    ops: { nomad_policies: ["team-ops", "oncall-*"] },
    readers: { nomad_policies: ["reader"], read_only: true },
  });
  test.each<[string, object, string | undefined]>([
    ["a policy", {}, "readers"],
    ["an ACL role", { Policies: null, Roles: [{ ID: "0b87", Name: "oncall-eu" }] }, "ops"],
    ["several: the first of the file", { Policies: ["reader", "team-ops"] }, "ops"],
    ["another policy", { Policies: ["reader2", "ops"] }, undefined],
    ["no policy", { Policies: null, Roles: null }, undefined],
  ])("is that of %s", async (_, edit, role) => {
    const { way, nomad } = await tokens({ roles });
    nomad.tokens.set(anna, saidOf("self", edit));
    expect(await show(way, anna)).toMatchObject(
      role === undefined
        ? { refused: { kind: "forbidden", detail: expect.stringMatching(/^reader has no role here: /) } }
        : { principal: { role: { name: role } } },
    );
  });

  test("of * is every token's, and where no role names policies none is needed", async () => {
    for (const [section, role] of [
      [{ all: { nomad_policies: ["*"], read_only: true } }, "all"],
      [{ ci: { jobs: ["default/ci"] } }, undefined],
    ] as const) {
      const { way, nomad } = await tokens({ roles: rolesOf(section) });
      nomad.tokens.set(anna, saidOf("self", { Policies: null }));
      const known = await show(way, anna);
      expect("principal" in known && known.principal.role?.name).toBe(role);
      expect(known).toHaveProperty("principal");
    }
  });
});

describe("refused", () => {
  test.each<[string, string, object]>([
    ["a token that Nomad does not know", "self-unknown", { kind: "unauthorized", detail: /^Nomad does not know this/ }],
    ["one whose time is over", "self-expired", { kind: "unauthorized", detail: /^The Nomad token has expired/ }],
    ["nobody's", "self-none", { kind: "unauthorized", detail: /nobody's \(anonymous\)/ }],
    ["a management token", "self-management", { kind: "forbidden", detail: /^Bootstrap Token is a management token/ }],
  ])("%s", async (_, file, { kind, detail }: { kind?: string; detail?: RegExp }) => {
    const { way, nomad } = await tokens();
    nomad.tokens.set(anna, saidOf(file));
    const known = await show(way, anna);
    expect(known).toMatchObject({
      refused: {
        kind,
        detail: expect.stringMatching(detail ?? ""),
        ...(kind === "unauthorized" && { headers: challenge }),
      },
    });
    expect(JSON.stringify(known)).not.toContain(anna);
  });

  test("any token of a cluster without ACLs, whatever its version answers", async () => {
    const { way, nomad } = await tokens();
    nomad.tokens.set(uuid(1), saidOf("self-none", { AccessorID: "acls-disabled", Type: "management" }));
    nomad.tokens.set(uuid(2), { status: 400, body: "ACL support disabled" });
    for (const token of [uuid(1), uuid(2)]) {
      expect(await show(way, token)).toMatchObject({
        refused: { kind: "forbidden", detail: expect.stringContaining("no ACLs and takes any token") },
      });
    }
  });

  test("an unknown token in the words of Nomad 1", async () => {
    const { way, nomad } = await tokens();
    nomad.tokens.set(anna, { status: 403, body: "ACL token not found" });
    expect(await show(way, anna)).toMatchObject({ refused: { kind: "unauthorized" } });
  });

  test.each([
    [403, "Forbidden", { kind: "unauthorized", detail: expect.stringMatching(/^Nomad does not know this token/) }],
    [
      500,
      "Server error authenticating request",
      { kind: "unavailable", detail: expect.stringContaining("it has expired, or Nomad is in trouble") },
    ],
  ])("what the socket in a task has words of its own for: %i %s", async (status, body, refused) => {
    const { way, nomad } = await tokens({}, "unix:///secrets/api.sock");
    nomad.tokens.set(anna, { status, body });
    expect(await show(way, anna)).toMatchObject({ refused });
    // Of what stands elsewhere in front of Nomad these are nobody's words.
    const elsewhere = await tokens();
    elsewhere.nomad.tokens.set(anna, { status, body });
    expect(await show(elsewhere.way, anna)).toMatchObject({
      refused: { kind: "unavailable", detail: expect.stringContaining("cannot be asked now") },
    });
  });

  test("a management token is let in where that is set", async () => {
    const { way, nomad } = await tokens({ allowManagement: true });
    nomad.tokens.set(anna, saidOf("self-management"));
    expect(await show(way, anna)).toMatchObject({ principal: { name: "Bootstrap Token", role: undefined } });
  });

  test.each<[string, string, RegExp]>([
    ["a JWT", "eyJhbGciOi.eyJzdWIi.c2ln", /holds a JWT/],
    ["a placeholder", "$" + "{NOMAD_TOKEN}", /holds no Nomad token/],
    ["a key of this server", "nmcp_0123", /holds no Nomad token/],
    ["a token with something around it", `Bearer ${anna}`, /holds no Nomad token/],
    ["two of them", `${anna}, ${anna}`, /holds no Nomad token/],
    ["a token without its dashes", anna.replaceAll("-", ""), /holds no Nomad token/],
    ["a huge one", "a".repeat(15_000), /holds no Nomad token/],
  ])("%s, without asking Nomad", async (_, token, words) => {
    const { way, asked } = await tokens();
    const known = await show(way, token);
    expect(known).toMatchObject({ refused: { kind: "unauthorized", detail: expect.stringMatching(words) } });
    expect(JSON.stringify(known)).not.toContain(token);
    expect(asked()).toEqual([]);
  });

  test("a token behind Bearer, and nothing at all, name the header", async () => {
    const { way, nomad, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    const bearer = { authorization: `Bearer ${anna}` };
    expect(way.takes(bearer)).toBe(true);
    expect(await way.identify(bearer)).toEqual({
      refused: {
        ...{ kind: "unauthorized", headers: challenge },
        detail: "A Nomad token is not taken as Bearer: send it in the header X-Nomad-Token.",
      },
    });
    for (const nomadToken of [undefined, ""]) {
      expect(way.takes({ authorization: undefined, nomadToken })).toBe(false);
      expect(await way.identify({ authorization: undefined, nomadToken })).toMatchObject({
        refused: { detail: expect.stringMatching(/^A Nomad token is needed, in the header X-Nomad-Token: /) },
      });
    }
    expect(asked()).toEqual([]);
  });

  test("two ways to say who calls; what no other way takes is no second one", async () => {
    const { way, nomad, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    expect(await show(way, anna, { authorization: "Bearer nmcp_x" })).toMatchObject({ refused: { kind: "arguments" } });
    expect(asked()).toEqual([]);
    expect(await show(way, anna, { authorization: "Basic eDp5" })).toHaveProperty("principal");
  });
});

describe("what Nomad said", () => {
  test("holds for a minute, then it is asked again: a token that was taken back opens nothing after it", async () => {
    const { way, nomad, pass, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    await show(way, anna);
    nomad.tokens.delete(anna);
    pass(59_999);
    expect(await show(way, anna)).toHaveProperty("principal");
    expect(asked().length).toBe(1);
    pass(1);
    expect(await show(way, anna)).toMatchObject({ refused: { kind: "unauthorized" } });
    expect(asked().length).toBe(2);
  });

  test("never holds longer than the token", async () => {
    const { way, nomad, pass, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self", { ExpirationTime: new Date(Date.now() + 20_000).toISOString() }));
    await show(way, anna);
    nomad.tokens.set(anna, saidOf("self-expired"));
    pass(19_000);
    expect(await show(way, anna)).toHaveProperty("principal");
    pass(1_100);
    expect(await show(way, anna)).toMatchObject({ refused: { detail: expect.stringContaining("has expired") } });
    expect(asked().length).toBe(2);
  });

  test("of a token that it does not know holds for ten seconds", async () => {
    const { way, nomad, pass, asked } = await tokens();
    for (let turn = 0; turn < 5; turn++) await show(way, anna);
    expect(asked().length).toBe(1);
    nomad.tokens.set(anna, saidOf("self"));
    pass(10_000);
    expect(await show(way, anna)).toHaveProperty("principal");
  });

  test("is asked for once by all who come at a time", async () => {
    const { way, nomad, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    const known = await Promise.all(Array.from({ length: 50 }, () => show(way, anna)));
    expect(known.every((each) => "principal" in each)).toBe(true);
    expect(asked().length).toBe(1);
    // Each has a principal of its own, which has the token.
    const principals = known.flatMap((each) => ("principal" in each ? [each.principal] : []));
    expect(new Set(principals).size).toBe(50);
    expect(new Set(principals.map((each) => nomadTokenOf(each)?.token))).toEqual(new Set([anna]));
  });

  test("is not waited for while it is away: that is told, and nobody is let in on old news", async () => {
    const { way, nomad, pass } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    await show(way, anna);
    await nomad.stop();
    pass(59_000);
    expect(await show(way, anna)).toHaveProperty("principal");
    pass(2_000);
    expect(await show(way, anna)).toEqual({
      refused: {
        kind: "unavailable",
        detail: "Nomad cannot be asked now whose token this is: call again in a moment.",
        headers: { "Retry-After": "5" },
        hint: expect.stringContaining("ECONNREFUSED"),
      },
    });
  });

  test.each([
    [502, "<html>Bad Gateway</html>"],
    [200, "<html>Sign in</html>"],
    [500, "No cluster leader"],
    [403, "<html>Forbidden</html>"],
  ])("is not taken from what is not Nomad, or is in trouble: %i %s", async (status, body) => {
    const nomad = await serve((_, response) => void response.writeHead(status).end(body));
    onTestFinished(() => nomad.stop());
    const base = `http://127.0.0.1:${nomad.port}`;
    const cluster = { settings: { name: "prod" }, transport: { base, address: base, headers: {}, fetch } };
    const { way } = await tokens({ lookUp: lookUpAt(async () => cluster) });
    expect(await show(way, anna)).toMatchObject({ refused: { kind: "unavailable" } });
  });
});

describe("guesses", () => {
  test("are counted before Nomad is asked, and those who are known stay so", async () => {
    const { way, nomad, pass, asked } = await tokens();
    nomad.tokens.set(anna, saidOf("self"));
    const guesses = bucket(3);
    expect(await show(way, anna, { guesses })).toHaveProperty("principal");
    const tried = [];
    for (let number = 0; number < 20; number++) tried.push(await show(way, uuid(number), { guesses }));
    expect(asked().length).toBe(4);
    expect(tried[0]).toMatchObject({ refused: { kind: "unauthorized" } });
    expect(tried[19]).toMatchObject({ refused: { kind: "too-many", headers: { "Retry-After": "30" } } });
    // Hers is asked for again, and is no guess.
    pass(61_000);
    expect(await show(way, anna, { guesses })).toHaveProperty("principal");
  });

  test("are none where Nomad knows the token, whether it is let in or not, and where somebody asks for it already", async () => {
    const { way, nomad } = await tokens({
      roles: rolesOf({ readers: { nomad_policies: ["reader"], read_only: true } }),
    });
    const guesses = bucket(3);
    for (let number = 0; number < 20; number++) {
      const said = [saidOf("self"), saidOf("self-management"), saidOf("self", { Policies: [] })][number % 3];
      nomad.tokens.set(uuid(number), said ?? expect.fail());
      await Promise.all([1, 2].map(() => show(way, uuid(number), { guesses })));
    }
    expect(guesses.left).toBe(3);
    await show(way, uuid(20), { guesses });
    expect(guesses.left).toBe(2);
  });

  test("drive no token out that is known, however many", async () => {
    let asked = 0;
    const way = byNomadToken({
      ...{ roles: noRoles, allowManagement: false, takenByOthers: () => false },
      async lookUp(token) {
        asked++;
        return token === anna
          ? { self: { accessor, name: "anna", isManagement: false, grants: [], expires: undefined } }
          : { fault: "unknown" };
      },
    });
    await show(way, anna);
    for (let number = 0; number < 2_500; number++) await show(way, uuid(number));
    expect(asked).toBe(2_501);
    await show(way, anna);
    expect(asked).toBe(2_501);
  });

  test("at one time are bounded, whoever makes them", async () => {
    const open: (() => void)[] = [];
    const { way } = await tokens({
      lookUp: async () => {
        await new Promise<void>((resolve) => void open.push(resolve));
        return { fault: "unknown" };
      },
    });
    const tried = Array.from({ length: 100 }, (_, number) => show(way, uuid(number)));
    await expect.poll(() => open.length).toBe(64);
    for (const end of open) end();
    const told = await Promise.all(tried);
    const away = told.filter((each) => "refused" in each && each.refused.kind === "unavailable");
    expect(away.length).toBe(36);
  });
});
