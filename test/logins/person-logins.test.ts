import { expect, test } from "vitest";
import type { Bearer } from "../../src/access/bearer.ts";
import type { Cluster } from "../../src/cluster.ts";
import type { Exchange } from "../../src/logins/exchange.ts";
import { createPersonLogins } from "../../src/logins/person-logins.ts";

// What of a person goes where: the exchange here notes what it is asked, and gives a token that names it.

const never = new AbortController().signal;
const clusterOf = (name: string) => ({ settings: { name } }) as unknown as Cluster;
const bearer = (token: string, inSeconds: number): Bearer => ({
  ...{ token, says: "the same" },
  expires: Date.now() + inSeconds * 1_000,
});

function logins() {
  const asked: string[] = [];
  const exchange: Exchange = {
    async logIn({ settings }, shown) {
      asked.push(`${settings.name} ${shown}`);
      return { secret: `${settings.name}-${asked.length}`, accessor: `id-${asked.length}`, life: 3_600_000 };
    },
    knows: async () => true,
  };
  return {
    asked,
    ...createPersonLogins(
      exchange,
      () => 0,
      () => {},
    ),
  };
}

test("each cluster has a login of its own, made when it is first needed", async () => {
  const { shown, at, asked, release } = logins();
  shown(bearer("jwt", 600));
  expect(asked).toEqual([]);
  const [prod, staging] = [at(clusterOf("prod")), at(clusterOf("staging"))];
  expect([await prod.current(never), await staging.current(never), await prod.current(never)]).toEqual([
    ...["prod-1", "staging-2", "prod-1"],
  ]);
  expect(at(clusterOf("prod"))).toBe(prod);
  expect([prod.accessor(), staging.accessor()]).toEqual(["id-1", "id-2"]);
  expect(asked).toEqual(["prod jwt", "staging jwt"]);
  release();
});

test("of several access tokens the one that ends last is exchanged", async () => {
  const { shown, at, asked, release } = logins();
  shown(bearer("second", 900));
  shown(bearer("first", 600));
  await at(clusterOf("prod")).current(never);
  shown(bearer("third", 1_200));
  await at(clusterOf("staging")).current(never);
  expect(asked).toEqual(["prod second", "staging third"]);
  release();
});

test("nobody signs in who has shown no access token", async () => {
  const { shown, at, asked } = logins();
  shown(undefined);
  await expect(at(clusterOf("prod")).current(never)).rejects.toThrow(
    /access token of the provider is needed.*sign in again/,
  );
  expect(asked).toEqual([]);
});
