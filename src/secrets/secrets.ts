import type { Secret } from "../endpoints/endpoint.ts";
import { createOwnSecrets, type OwnSecrets } from "./own-secrets.ts";
import { secretsInConfig } from "./secret-config.ts";
import { assignedSecrets } from "./secret-fields.ts";
import { type Holding, holdingOfWritten, isOptionValue } from "./secret-holding.ts";
import { isRandom } from "./secret-looks.ts";
import { isOpenName } from "./secret-names.ts";
import { configSecretsByShape, secretsByShape } from "./secret-patterns.ts";
import { visitSecretPlaces } from "./secret-places.ts";
import { type Finding, mark, withoutSpans } from "./secret-spans.ts";
import { acrossCalls, createStore, duringCall, type SecretStore } from "./secret-store.ts";
import { detached, isPlace, isReference } from "./secret-values.ts";
import { atOnce, inTurns, type Steps } from "./steps.ts";

/** What a call, or what is done between calls, has seen and must not show. */
export interface Masking {
  /**
   * Notes the secret values in a reply of Nomad, or in a body that is sent to it: parsed JSON, or the text of an error.
   * `route`: the one that it is of. Costs one pass over the reply and does not throw on any JSON.
   */
  note(route: { readonly secret?: Secret }, value: unknown): void;
  /**
   * The same for what may be large: others have their turn meanwhile, and nothing may be said of the value before it is
   * done. @throws The reason of `signal` where it aborts meanwhile.
   */
  noteInTurns(route: { readonly secret?: Secret }, value: unknown, signal: AbortSignal): Promise<void>;
  /**
   * The text with `[masked]` in place of every secret: values noted, in whatever form they are written, values assigned
   * to secret names, and what looks like a secret in itself. Names stay.
   *
   * `name` is that of the field whose whole value the text is, where it has one: a secret name masks all of it.
   *
   * It does not catch what goes wrong inside it: whoever calls it withholds the text if it throws.
   */
  mask(text: string, name?: string): string;
}

/** The secret values that one caller's calls have seen, and the mask that takes them out of every text. */
export interface Secrets extends Masking {
  /** A value that is secret whatever it looks like: the server's own token, its `Authorization` header, a password. */
  always(value: string | undefined): void;
  /** For one call: what it notes is not forgotten while it runs, however much that is and whatever else is noted meanwhile. */
  forCall(): Masking;
}

/**
 * Nothing is known at first but what a secret looks like. Values noted are bounded: the oldest ones go first.
 *
 * What it has noted is used for nobody else's texts: to have a value masked would confirm it. Callers who share a server
 * share nothing but its `own` secrets.
 */
export function createSecrets(own: OwnSecrets = createOwnSecrets()): Secrets {
  const kept = createStore(acrossCalls);
  const clean = cleanTexts();

  function masking(stores: readonly SecretStore[], noted: Set<string> | undefined): Masking {
    return {
      note: ({ secret = {} }, value) => atOnce(noteIn(stores, { noted, clean }, secret, value)),
      noteInTurns: ({ secret = {} }, value, signal) => inTurns(noteIn(stores, { noted, clean }, secret, value), signal),
      mask(text, name) {
        if (name !== undefined && isSecretField(name, text)) return mark;
        const known = stores.flatMap((store) => store.find(text));
        return withoutSpans(text, [...known, ...own.find(text), ...atOnce(secretsIn(text))]);
      },
    };
  }

  return {
    // Between calls nothing is passed over: what was noted before may have been forgotten.
    ...masking([kept], undefined),
    always: (value) => own.add(value),
    forCall: () => masking([createStore({ ...duringCall, isName: kept.isName }), kept], new Set()),
  };
}

/** A job file passes several times in one call (parse, plan, register): so many long texts are known again. */
const mostNoted = 8;
const longText = 1_000;

/** Texts in which nothing was found that looks secret, such as names of allocations: they come again with every call. */
interface CleanTexts {
  has(text: string): boolean;
  add(text: string): void;
}

const mostClean = 2_000;
const longestClean = 200;

function cleanTexts(): CleanTexts {
  const known = new Set<string>();
  return {
    has: (text) => known.has(text),
    add(text) {
      if (text.length > longestClean) return;
      if (known.size >= mostClean) known.clear();
      known.add(detached(text));
    },
  };
}

/** What need not be looked through again: long texts of job files that the call has noted, and what holds nothing. */
interface Known {
  readonly noted: Set<string> | undefined;
  readonly clean: CleanTexts;
}

/** Notes what a reply holds in each of the stores. */
function* noteIn(stores: readonly SecretStore[], { noted, clean }: Known, secret: Secret, reply: unknown): Steps<void> {
  const remember = (value: string, name: string | undefined, holding: "secret" | "data") => {
    for (const store of stores) store.remember(value, name, holding);
  };

  function* noteWithin(text: string, name: string, holding: Holding): Steps<void> {
    let found = yield* secretsIn(text);
    // What is open by its name may look as it likes, but for the parts of an address and of a command.
    const open = holding === "written" && isOpenName(name) && !/\s|^https?:/.test(text);
    if (!open && (holding === "written" || holding === "config")) {
      found = found.concat(yield* secretsInConfig(text, { behind: holding === "config" }));
    }
    if (holding === "config") found = found.concat(configSecretsByShape(text));
    for (const { start, end, name } of found) {
      yield;
      const value = text.slice(start, end);
      remember(value, name, "secret");
      // A user and a password, a salt and a hash: each part can be shown alone.
      for (const part of value.split(/[\s$:;=,&@"'()]+/)) {
        if (part !== value && isRandom(part)) remember(part, name, "secret");
      }
    }
    if (holding === "config") for (const store of stores) yield* store.rememberLines(text, found);
    if (holding === "text" && found.length === 0) clean.add(text);
  }

  function* noteText(text: string, name: string, holding: Holding, bare: boolean): Steps<void> {
    const long = holding === "config" && text.length >= longText;
    if (long && noted?.has(text)) return;
    if (holding === "secret" || holding === "data") remember(text, name, holding);
    if (!bare) yield* noteWithin(text, name, holding);
    // Not before all of it is known: another request of the call would go on without it.
    if (long && noted !== undefined && noted.size < mostNoted) noted.add(text);
  }

  yield* visitSecretPlaces(secret, reply, {
    text(text, name, holding) {
      // A word assigns nothing; most texts of a reply are ids, names (`web.api[0]`) and states.
      if (holding === "text" && (text.length < shortest || /^[\w.[\]-]*$/.test(text))) return undefined;
      const secret = holding === "secret" || holding === "data";
      const bare = /^[\w.-]*$/.test(text);
      if (!secret && (bare || (holding === "text" && clean.has(text)))) return undefined;
      return noteText(text, name, holding, bare);
    },
    name(name) {
      // The first one knows what the others do: most names come again with every call.
      if (!stores[0]?.isName(name)) for (const store of stores) store.rememberName(name);
    },
  });
}

/** True where the name of a field says that its whole text is secret: an argument that is shown to people. */
function isSecretField(name: string, text: string): boolean {
  if (isReference(text) || isPlace(text)) return false;
  return holdingOfWritten(name, text) === "secret" || isOptionValue(name, text);
}

/** The shortest text that can hold a name and its value. */
const shortest = 6;

function* secretsIn(text: string): Steps<Finding[]> {
  return text.length < shortest ? [] : [...(yield* assignedSecrets(text)), ...(yield* secretsByShape(text))];
}
