import { expect, onTestFinished, test, vi } from "vitest";
import type { Bearer } from "../../src/access/bearer.ts";
import type { Cluster } from "../../src/cluster.ts";
import type { Exchange } from "../../src/logins/exchange.ts";
import { createLogins } from "../../src/logins/logins.ts";

// Whose logins are kept, and for how long: the exchange here notes whose access token it was given.

const never = new AbortController().signal;
const prod = { settings: { name: "prod" } } as unknown as Cluster;
const bearer = (token: string, inSeconds = 600): Bearer => ({
  ...{ token, says: token },
  expires: Date.now() + inSeconds * 1_000,
});

function logins(most?: number) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const asked: string[] = [];
  const exchange: Exchange = {
    async logIn(_, shown) {
      asked.push(shown);
      return { secret: `${shown}-${asked.length}`, accessor: "id", life: undefined };
    },
    knows: async () => true,
  };
  return { asked, ...createLogins(exchange, () => 0, most) };
}

/** Somebody calls whose session is not there any more, as each time. */
async function call({ of }: ReturnType<typeof logins>, who: string): Promise<string> {
  const { at, shown } = of(who);
  shown(bearer(who));
  return await at(prod).current(never);
}

test("a person has the same login again whose session was made anew, and each their own", async () => {
  const made = logins();
  expect([await call(made, "anna"), await call(made, "bert"), await call(made, "anna")]).toEqual([
    ...["anna-1", "bert-2", "anna-1"],
  ]);
});

test("of more than there is room for those go who have not called for the longest time", async () => {
  const made = logins(2);
  for (const who of ["anna", "bert", "anna", "carl", "anna", "bert"]) await call(made, who);
  expect(made.asked).toEqual(["anna", "bert", "carl", "bert"]);
});

test("they end with the access token, and a session that goes on signs in with the next one", async () => {
  const made = logins();
  const { at, shown } = made.of("anna");
  shown(bearer("anna", 60));
  const theirs = at(prod);
  expect(await theirs.current(never)).toBe("anna-1");
  vi.advanceTimersByTime(89_000);
  expect(await theirs.current(never)).toBe("anna-1");
  vi.advanceTimersByTime(2_000);
  await expect(theirs.current(never)).rejects.toThrow(/sign in again/);
  shown(bearer("anna"));
  expect(await theirs.current(never)).toBe("anna-2");
  expect(await call(made, "anna")).toBe("anna-2");
});
