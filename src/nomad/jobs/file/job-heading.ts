import { seal, unseal } from "../../../text/sealed.ts";
import { statements } from "./hcl-names.ts";
import { isObject } from "./job-json.ts";

/** What a job file says of its job that can be read without Nomad. */
export interface JobHeading {
  readonly id: string;
  /** The namespace that it names; undefined where it names none, or in an expression. */
  readonly namespace: string | undefined;
}

/**
 * The job of a job file; undefined where there is none in it, or it cannot be read. Only Nomad's parser knows whether the file
 * is right.
 */
export function jobHeading(text: string): JobHeading | undefined {
  const plain = unseal(text).replace(/^\uFEFF/, "");
  return plain.trimStart().startsWith("{") ? ofJson(plain) : ofHcl(plain);
}

function ofHcl(hcl: string): JobHeading | undefined {
  const job = statements(hcl).find(({ words, body }) => words[0] === "job" && body !== undefined);
  if (job?.body === undefined) return undefined;
  const attribute = (name: string) => {
    const found = statements(job.body ?? "").find(({ words, body }) => body === undefined && words[0] === name);
    return literal(found?.value ?? "");
  };
  const id = attribute("id") ?? job.words[1];
  return id === undefined ? undefined : { id: seal(id), namespace: sealed(attribute("namespace")) };
}

/** A text in quotes without an expression in it. */
function literal(value: string): string | undefined {
  const text = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
  return text === undefined || /[$%]\{|\\/.test(text) ? undefined : text;
}

function ofJson(text: string): JobHeading | undefined {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(whole)) return undefined;
  const job = isObject(whole.Job) ? whole.Job : whole;
  const id = job.ID ?? job.Name;
  if (typeof id !== "string" || id === "") return undefined;
  return {
    id: seal(id),
    namespace: typeof job.Namespace === "string" && job.Namespace !== "" ? seal(job.Namespace) : undefined,
  };
}

const sealed = (text: string | undefined) => (text === undefined ? undefined : seal(text));
