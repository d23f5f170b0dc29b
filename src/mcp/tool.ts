import type { z } from "zod";
import type { Answer } from "../text/answer.ts";
import type { Preview } from "./confirm.ts";

/** What a tool does to the cluster. Annotations and gates derive from this one word. */
export type Risk = "read" | "write" | "destructive";

/** A change that a call sends to the cluster. */
export interface Change {
  readonly namespace: string;
  readonly evaluation?: string | undefined;
}

/** What a tool declares of the rights that it needs. The words mean nothing here; an empty list: it needs none. */
export interface Needs {
  readonly name: string;
  /** Without one of these the tool fails. */
  readonly needs?: readonly string[];
  /** Without these it answers, and with less. */
  readonly helps?: readonly string[];
}

/** Where a value comes from: the fields in it that are secret although their names do not say so. */
interface Origin {
  readonly secret?: Readonly<Record<string, "data" | "keys" | "payload">>;
}

/** What one call has seen that must not leave this process. It is no other call's. */
export interface Masking {
  /** Told of what passes. */
  note(origin: Origin, value: unknown): void;
  /** The same of what may be large: others have their turn meanwhile. */
  noteInTurns(origin: Origin, value: unknown, signal: AbortSignal): Promise<void>;
  /** Takes out of a text what was noted, and what looks like it. */
  mask(text: string): string;
}

/** What every call has, whatever it is about. */
export interface Call {
  /** Aborts when the host cancels the call or its time is over. */
  readonly signal: AbortSignal;
  /** When the call began: ms since the epoch, by this machine's clock. What waits counts from here. */
  readonly started: number;
  /** Tells the host what is going on, where it asked to be told. */
  report(message: string): void;
  /** Takes out of a text what must not leave this process: what a caller may compare with is compared with the rest. */
  mask(text: string): string;
  /** Told of what passes between this server and Nomad. */
  note(origin: Origin, value: unknown): void;
  /** The same of what may be large: others have their turn meanwhile. */
  noteInTurns(origin: Origin, value: unknown, signal: AbortSignal): Promise<void>;
  /** The tools that this session offers. */
  readonly offered: readonly Needs[];
  /** The tool that is called. */
  readonly tool: string;
  /**
   * To be awaited before a change is sent, where a person consented to the call: throws where what it is about is no longer
   * as it was shown to them.
   */
  readonly hold?: (() => Promise<void>) | undefined;
  /**
   * Stands for the consent, where it came as a code: the same wherever that code is brought to, and another one for each code.
   * For what Nomad can be told to do only once.
   */
  readonly consent?: string | undefined;
  /** Told of each change that is sent, and again with each evaluation that came of it. */
  changed(change: Change): void;
  /** What is to be done once the call has ended, whatever came of it. */
  atEnd(work: () => void): void;
}

/** The parameters of a tool, flat: no unions, no transforms, since hosts refuse schemas that have them. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** The arguments as `run` gets them: those of its own shape, and the ones that the toolbox adds. */
export type Arguments<S extends Shape> = z.output<z.ZodObject<S>> & { readonly namespace?: string | undefined };

/** A tool is data and one function. What is true of all tools is the toolbox's. */
export interface Tool<S extends Shape, C extends Call> extends Needs {
  readonly title: string;
  /** First sentence: what it gives. Second: when to use it. */
  readonly description: string;
  readonly risk: Risk;
  /** True where a repeat with the same arguments changes nothing more. Matters only for what is no read. */
  readonly idempotent?: boolean;
  /** True where the answer carries text that workloads wrote. */
  readonly openWorld?: boolean;
  /**
   * True where the change leaves nothing in the cluster by which a second one could be told from the first, so that a consent
   * holds only with the replica that asked for it.
   */
  readonly traceless?: boolean;
  /** Which end of an answer that is too long is kept: that of a log is its newest lines. Default: the start. */
  readonly keeps?: "start" | "end";
  /**
   * The arguments whose values may be kept and shown, where others are secret: of those only the keys are. Default: every
   * argument, masked by what its name and value tell.
   */
  readonly plain?: readonly string[];
  readonly input: S;
  /** What a destructive call would do now, for the person who is to consent to it. */
  preview?(args: Arguments<S>, context: C): Promise<Preview>;
  /** Gives the answer; throws where there is none. */
  run(args: Arguments<S>, context: C): Promise<Answer>;
}

/** Any tool of a session, its parameters no longer known to the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: a list of tools with different parameters has no other type
export type AnyTool<C extends Call> = Tool<any, C>;

/** Tools that belong together and are offered together. */
export interface Toolset<C extends Call> {
  readonly name: string;
  /** It is offered only where it is asked for, by name or as one of all. */
  readonly optIn?: boolean;
  /** What there is not that its tools are about: none of them is offered. */
  readonly lacks?: string;
  readonly description: string;
  readonly tools: readonly AnyTool<C>[];
}
