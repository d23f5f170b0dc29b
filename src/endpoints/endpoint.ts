import type { Need } from "./needs.ts";
import type { Infer, Shape } from "./schema.ts";
import { shaped } from "./shaped.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a request does: it reads; it only asks, although it is a POST; or it changes something, whatever its method. */
export type Deed = "reads" | "asks" | "acts";

/** Whose objects a route touches. */
export type Reach =
  /** Nothing that belongs to a namespace. What acts there touches all namespaces at once. */
  | "cluster"
  /** Those of the namespace in the query. */
  | "namespace"
  /** The same; the query may say `*`, and Nomad's filter keeps the list to some namespaces. */
  | "namespaces by filter"
  /** The same, but only what the rows say of themselves can keep it to some. */
  | "namespaces by rows"
  /** Namespaces as such, or the one that the path names. */
  | "itself"
  | ObjectReach;

/** One object, wherever it is: Nomad ignores the namespace in the query. */
export interface ObjectReach {
  /** What it is called, and the beginning of the parameter that has its id: `allocation`, `:allocation_id`. */
  readonly noun: string;
  /** Where its namespace can be looked up by its id, and with what query so that the rows are small. */
  readonly list: Endpoint;
  readonly slim?: Query;
}

/**
 * What is secret in a body or a reply where its own name does not say so, by the field.
 * - `data`: an object whose values are; some of them may be plain.
 * - `keys`: an object whose keys are.
 * - `payload`: base64 of what may hold anything.
 */
export type Secret = Readonly<Record<string, "data" | "keys" | "payload">>;

/** Query parameters; undefined ones are left out, those of a list are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What comes over a websocket: JSON texts, each of one shape. `T`: what that is read as. */
export interface Frames<T = unknown> {
  readonly frames: Shape;
  /** Never there: it only holds the type. */
  readonly type?: T;
}

/** A reply in a shape; one that is not JSON, such as a log or a stream; or a websocket. */
export type Reply = Shape | "bytes" | Frames;

interface Declaration {
  readonly method: Method;
  /** `:name` stands for what a call puts there. */
  readonly path: `/v1/${string}`;
  readonly reply: Reply;
  /** What its token needs, all of it; none where any token will do. */
  readonly needs: readonly Need[];
  readonly reach: Reach;
  /** True for a POST that changes nothing, whatever it answers. */
  readonly asks?: true;
  /** True for a GET that changes something: some handlers never look at the method. */
  readonly acts?: true;
  /** The version of Nomad that brought it, where that is later than 1.0. */
  readonly since?: string;
  /**
   * How the token of a list names a row (nomad/state/paginator/tokenizer.go): by namespace and id, or by age, and by id
   * alone where a prefix is given.
   */
  readonly pages?: "by name" | "by age";
  readonly secret?: Secret;
  /** The `nomad` command that shows the object of a change: `job status :job_id`. */
  readonly shows?: string;
}

/** A route of Nomad's API, and everything that is known of it. `T`: what its reply is read as. */
export interface Endpoint<P extends string = string, T = unknown, D extends Deed = Deed> {
  readonly method: Method;
  readonly path: P;
  readonly reply: Reply;
  readonly does: D;
  readonly needs: readonly Need[];
  readonly reach: Reach;
  readonly since?: string;
  readonly pages?: "by name" | "by age";
  readonly secret?: Secret;
  readonly shows?: string;
  /** Never there: it only holds the type. */
  readonly type?: T;
}

/** A list whose path has no parameters. */
export type ListRoute<T> = Endpoint<string, T[], "reads">;

/** Objects that have a UUID and are listed by it. */
export interface Noun {
  readonly noun: string;
  /** What they are called in Nomad's search by prefix (nomad/structs/search.go). */
  readonly context: string;
  readonly list: ListRoute<{ ID: string }>;
  /** The query with which the rows of the list are small. */
  readonly slim?: Query;
}

type TypeOf<R extends Reply> = R extends "bytes" ? "bytes" : R extends Frames<infer T> ? Frames<T> : Infer<R>;

type DeedOf<D extends Declaration> = D extends { readonly acts: true }
  ? "acts"
  : D extends { readonly asks: true }
    ? "asks"
    : D["method"] extends "GET"
      ? "reads"
      : "acts";

/** Declares a route. */
export function endpoint<const D extends Declaration>(declared: D): Endpoint<D["path"], TypeOf<D["reply"]>, DeedOf<D>> {
  const { asks, acts, ...known }: Declaration = declared;
  const does: Deed = acts ? "acts" : asks ? "asks" : known.method === "GET" ? "reads" : "acts";
  return { ...known, path: declared.path, does: does as DeedOf<D> };
}

/** The names of the parameters in a path. */
type NamesIn<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** What a call of a route says: each parameter of its path, and the query. */
export type ArgumentsOf<P extends string> = { readonly [K in NamesIn<P>]: string } & Query;

/** The arguments of a call, which may be left out where the path has no parameters. */
export type Given<P extends string> = [NamesIn<P>] extends [never] ? [args?: Query] : [args: ArgumentsOf<P>];

/** True where the reply is the object itself, its namespace in it. */
export function tellsNamespace({ does, reply }: Endpoint): boolean {
  return does !== "acts" && typeof reply === "object" && "fields" in reply && "Namespace" in reply.fields;
}

/** Declares what comes over a websocket. */
export const frames = <const S extends Shape>(shape: S): Frames<Infer<S>> => ({ frames: shape });

/** A value in the shape that the replies of a route have, or its frames. @throws Misshapen where it is something else. */
export function readReply<T>({ reply }: Endpoint<string, T>, value: unknown): T {
  if (reply === "bytes") return value as T;
  return shaped(typeof reply === "object" && "frames" in reply ? reply.frames : reply, value) as T;
}
