import { secretsInConfig } from "./secret-config.ts";
import { assignedSecrets } from "./secret-fields.ts";
import { isRandom } from "./secret-looks.ts";
import { configSecretsByShape, secretsByShape } from "./secret-patterns.ts";
import { type Holding, holdingOf, visitSecretPlaces } from "./secret-places.ts";
import { type Finding, mark, withoutSpans } from "./secret-spans.ts";
import { createStore } from "./secret-store.ts";
import { isPlace, isReference } from "./secret-values.ts";

/** The secret values that a session has seen, and the mask that takes them out of every text. */
export interface Secrets {
  /**
   * Notes the secret values in a reply of Nomad, or in a body that is sent to it: parsed JSON, or the text of an error.
   * `what` is the path of the request. Costs one pass over the reply and does not throw on any JSON.
   */
  note(what: string, value: unknown): void;
  /** A value that is secret whatever it looks like: the server's own token, its `Authorization` header, a password. */
  always(value: string | undefined): void;
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

/** Nothing is known at first but what a secret looks like. The values noted are bounded: the oldest ones go first. */
export function createSecrets(): Secrets {
  const store = createStore();

  function noteWithin(text: string, holding: Holding): void {
    const found = secretsIn(text);
    if (holding === "written" || holding === "config") {
      found.push(...secretsInConfig(text, { behind: holding === "config" }));
    }
    if (holding === "config") found.push(...configSecretsByShape(text));
    for (const { start, end, name } of found) {
      const value = text.slice(start, end);
      store.remember(value, name, "secret");
      // A user and a password, a salt and a hash: each part can be shown alone.
      for (const part of value.split(/[\s$:;=,&@"'()]+/))
        if (part !== value && isRandom(part)) store.remember(part, name, "secret");
    }
    if (holding === "config") store.rememberLines(text, found);
  }

  return {
    note(what, value) {
      visitSecretPlaces(what, value, (text, name, holding) => {
        if (holding === "secret" || holding === "data") store.remember(text, name, holding);
        // A bare word assigns nothing; most texts of a reply are ids, names and states.
        if (!/^[\w.-]*$/.test(text)) noteWithin(text, holding);
      });
    },
    always: (value) => store.always(value),
    mask(text, name) {
      if (name !== undefined && holdingOf(name, text) === "secret" && !isReference(text) && !isPlace(text)) return mark;
      return withoutSpans(text, [...store.find(text), ...secretsIn(text)]);
    },
  };
}

/** The shortest text that can hold a name and its value. */
const shortest = 6;

function secretsIn(text: string): Finding[] {
  return text.length < shortest ? [] : [...assignedSecrets(text), ...secretsByShape(text)];
}
