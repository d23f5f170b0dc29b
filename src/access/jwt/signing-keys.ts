import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** The public keys with which tokens of somebody are signed, as they are now. */
export interface SigningKeys {
  /** The key of a token. @throws KeysUnavailable where they could not be read; what jose throws where none of them fits. */
  readonly find: JWTVerifyGetKey;
  /** Why there are no keys yet; undefined once they were read. Where they were not, it has them read again. */
  notReady(): string | undefined;
}

/** The keys cannot be had now: that says nothing about the token that was to be verified by them. */
export class KeysUnavailable extends Error {
  override name = "KeysUnavailable";
}

/** How keys are read. */
export interface KeysSource {
  /** Reads them from who publishes them. Its errors are for the operator. */
  read(): Promise<JSONWebKeySet>;
  /** Told when they can no longer be read, with why, and (undefined) when they can again. */
  changed(trouble: string | undefined): void;
  /** ms on a clock that never goes back. */
  readonly clock?: () => number;
}

/** Keys are read again when somebody asks for one and they are older than this, in ms. Who asks does not wait for it. */
const fresh = 600_000;
/** Keys are used so long while new ones cannot be read, in ms: what is operated may be what the provider runs on. */
const longest = 3_600_000;
/** A key that nobody knows has them read again, but so often at most, in ms: anybody may name one. */
const cooldown = 30_000;
/** After a read that failed the next one is so many ms later at the earliest. */
const pause = 2_000;

/** Keys that are read when they are needed, kept, and found anew when they were rotated. */
export function openSigningKeys({ read, changed, clock = () => performance.now() }: KeysSource): SigningKeys {
  let known: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;
  let failed: { readonly why: string; readonly at: number } | undefined;
  let reading: Promise<void> | undefined;

  function renew(): Promise<void> {
    if (failed !== undefined && clock() - failed.at < pause) return Promise.resolve();
    reading ??= readAnew().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readAnew(): Promise<void> {
    try {
      const find = createLocalJWKSet(await read());
      known = { find, at: clock() };
      if (failed !== undefined) changed(undefined);
      failed = undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== failed?.why) changed(why);
      failed = { why, at: clock() };
    }
  }

  /** The keys, however old they may be; read first where they are too old or there are none. */
  async function current(): Promise<{ readonly find: JWTVerifyGetKey; readonly at: number }> {
    if (known === undefined || clock() - known.at >= longest) await renew();
    else if (clock() - known.at >= fresh) void renew();
    if (known !== undefined && clock() - known.at < longest) return known;
    throw new KeysUnavailable(failed?.why ?? "they were not read");
  }

  return {
    async find(header, token) {
      const { find, at } = await current();
      try {
        return await find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        if (clock() - at >= cooldown) await renew();
        // It may be one of those that cannot be read now.
        if (failed !== undefined) throw new KeysUnavailable(failed.why);
        if (known === undefined || known.at === at) throw error;
        return await known.find(header, token);
      }
    },
    notReady() {
      if (known !== undefined) return undefined;
      void renew();
      return failed?.why ?? "they are being read";
    },
  };
}
