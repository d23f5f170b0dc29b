import { createHmac, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/**
 * Why a code does not hold: it is none of ours or has ended, was used, was given for another call, or for another state of what
 * that is about.
 */
export type CodeFault = "unknown" | "used" | "other call" | "changed";

/** The codes with which a second call brings the consent to the first. */
export interface Codes {
  /** A code for one call in one state, good once and for five minutes. `here`: it holds with this replica alone. */
  give(call: string, stamp: string, here?: boolean): string;
  /** Takes a code, which is used up with that, and says why it does not hold; undefined where it does. */
  redeem(code: string, call: string, stamp: string, here?: boolean): CodeFault | undefined;
}

/** Who is asked, and with what the codes are made. */
export interface CodesOptions {
  /** Whose consents these are: the code of one caller is none for another. */
  readonly caller?: string;
  /** Keys of 32 bytes or more: new codes are made with the first, and hold with any. Default: one of this process alone. */
  readonly keys?: () => readonly Buffer[];
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** A code holds for so long, ms. */
const lifetime = 5 * 60_000;
/** The end of a code's time is rounded to this, ms. */
const step = 10_000;
/** Letters and digits that nobody takes for one another. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
// What a code is made of, in letters: its end, some that make it another one each time, and the proofs of call and state.
const timeLetters = 3;
const ownLetters = 3;
const callLetters = 4;
const stateLetters = 8;
const slots = alphabet.length ** timeLetters;
const mostUsed = 10_000;

/**
 * Codes without memory: one says when it ends, and proves by a MAC for which caller, call and state it was given, so that every
 * replica with the same key takes it. That it is used is known to the replica which took it; elsewhere the change itself has
 * spent it, since the state is another one. Where a change leaves no trace, the state is that of the replica, too.
 */
export function createCodes({ caller = "", keys = ownKey(), now = Date.now }: CodesOptions = {}): Codes {
  const used = new Map<string, number>();
  const own = randomBytes(16).toString("hex");
  const stateOf = (stamp: string, here: boolean) => (here ? `${own} ${stamp}` : stamp);

  function proof(key: Buffer, length: number, ...parts: readonly (string | number)[]): string {
    const mac = createHmac("sha256", key)
      .update(JSON.stringify([caller, ...parts]))
      .digest();
    return Array.from(mac.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join("");
  }

  const ofCall = (key: Buffer, head: string, end: number, call: string) =>
    proof(key, callLetters, "call", head, end, call);
  const ofState = (key: Buffer, head: string, end: number, call: string, stamp: string) =>
    proof(key, stateLetters, "state", head, end, call, stamp);

  function isUsed(code: string): boolean {
    for (const [each, end] of used) {
      if (end > now() && used.size <= mostUsed) break;
      used.delete(each);
    }
    return used.has(code);
  }

  return {
    give(call, stamp, here = false) {
      const [key] = keys();
      if (key === undefined) throw new Error("there is no key to make a code with");
      const end = Math.floor((now() + lifetime) / step);
      const head = letters(end % slots, timeLetters) + letters(randomInt(alphabet.length ** ownLetters), ownLetters);
      return head + ofCall(key, head, end, call) + ofState(key, head, end, call, stateOf(stamp, here));
    },
    redeem(code, call, stamp, here = false) {
      const end = endOf(code, now());
      if (end === undefined) return "unknown";
      if (isUsed(code)) return "used";
      const head = code.slice(0, timeLetters + ownLetters);
      const ofItsCall = code.slice(head.length, head.length + callLetters);
      const key = keys().find((each) => equal(ofItsCall, ofCall(each, head, end, call)));
      if (key === undefined) return "other call";
      if (!equal(code.slice(head.length + callLetters), ofState(key, head, end, call, stateOf(stamp, here)))) {
        return "changed";
      }
      used.set(code, end * step);
      return undefined;
    },
  };
}

function ownKey(): () => readonly Buffer[] {
  const key = randomBytes(32);
  return () => [key];
}

function letters(number: number, length: number): string {
  let left = number;
  return Array.from({ length }, () => {
    const letter = alphabet[left % alphabet.length];
    left = Math.floor(left / alphabet.length);
    return letter;
  }).join("");
}

/** When a code ends, in steps; undefined where it has ended or is none. */
function endOf(code: string, now: number): number | undefined {
  if (code.length !== timeLetters + ownLetters + callLetters + stateLetters) return undefined;
  const last = Math.floor((now + lifetime) / step);
  for (let end = last; end * step > now; end--) if (code.startsWith(letters(end % slots, timeLetters))) return end;
  return undefined;
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
