/**
 * What a reply must look like, so that what Nomad, an older or newer one, or something else sends cannot break an answer.
 * Replies are read as Go's decoder reads them, which is what the CLI does: what is missing or null has its zero value, what
 * is not known stays as it is, and a value of another type is an error that names its place.
 *
 * Times ending in `Time` are nanoseconds since the epoch, `...At` and `...By` are Go times as text, durations are
 * nanoseconds, CPU is MHz, memory and disk are MB. Names are Nomad's.
 */
export type Shape =
  | "text"
  /** A text that is never missing: without it the object is another one. */
  | "id"
  | "number"
  | "flag"
  | "anything"
  /** A text, of which these are known. Others pass: newer versions know more. */
  | { readonly words: readonly string[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Fields }
  /** What Go sends null for where it is empty; null where it is missing, too. */
  | { readonly maybe: Shape }
  /** A field that Go leaves out where it is empty, or where its version does not know it. */
  | { readonly optional: Shape }
  | { readonly later: () => Shape };

export type Fields = Readonly<Record<string, Shape>>;

/** The type of what has a shape. */
export type Infer<S> = S extends "text" | "id"
  ? string
  : S extends "number"
    ? number
    : S extends "flag"
      ? boolean
      : S extends { readonly words: readonly (infer W)[] }
        ? W
        : S extends { readonly list: infer E }
          ? Infer<E>[]
          : S extends { readonly map: infer E }
            ? Record<string, Infer<E>>
            : S extends { readonly maybe: infer E }
              ? Infer<E> | null
              : S extends { readonly fields: infer F }
                ? Flat<InferFields<F>>
                : S extends Later<infer T>
                  ? T
                  : unknown;

type InferFields<F> = {
  -readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? never : K]: Infer<F[K]>;
} & {
  -readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? K : never]?: F[K] extends {
    readonly optional: infer E;
  }
    ? Infer<E>
    : never;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** A shape that is made when it is needed, of a type that holds itself. */
interface Later<T> {
  readonly later: () => Shape;
  /** Never there: it only holds the type. */
  readonly type?: T;
}

// The words in which shapes are written.
export const text = "text" as const;
export const id = "id" as const;
export const number = "number" as const;
export const flag = "flag" as const;
export const anything = "anything" as const;
export const oneOf = <const W extends string>(...words: W[]) => ({ words });
export const list = <const S extends Shape>(of: S) => ({ list: of });
export const map = <const S extends Shape>(of: S) => ({ map: of });
export const fields = <const F extends Fields>(of: F) => ({ fields: of });
export const maybe = <const S extends Shape>(of: S) => ({ maybe: of });
export const optional = <const S extends Shape>(of: S) => ({ optional: of });
export const later = <T>(shape: () => Shape): Later<T> => ({ later: shape });
export const texts = maybe(list(text));
export const counts = maybe(map(number));
export const indexes = { CreateIndex: number, ModifyIndex: number };
export const times = { CreateTime: number, ModifyTime: number };
