import type { Secret } from "../endpoints/endpoint.ts";
import { judgedOnce } from "./judged-once.ts";
import {
  type Holding,
  holdingOfText,
  holdingUnder,
  isOpenKey,
  isOptionValue,
  isWrittenKey,
  optionName,
  type Place,
  tellsOfMembers,
} from "./secret-holding.ts";
import type { Steps } from "./steps.ts";

/** Told of what a reply holds. */
export interface Notice {
  /** A text that may hold secrets, with the name under which it stands; gives what is left to do, where that is much. */
  text(text: string, name: string, holding: Holding): Steps<void> | undefined;
  /** An id or a name of Nomad's: no secret, even where somebody has a password that is the same. */
  name(name: string): void;
}

interface Visit extends Place {
  readonly value: unknown;
}

/** So many values of which little is to be noted are gone through in one step. */
const perStep = 100;

/**
 * Goes through a reply of Nomad, or a body that is sent to it, and tells of what stands in secret places (nomad-api.md
 * §11), wherever in the reply they are: jobs come alone, in versions, allocations, events and plans.
 * `secret` is what the route declares of it.
 */
export function* visitSecretPlaces(secret: Secret, reply: unknown, notice: Notice): Steps<void> {
  // A stack of our own: a reply can be nested deeper than calls can.
  const open: Visit[] = [{ value: whole(reply), key: "", holding: "text" }];
  const declared = Object.keys(secret).length > 0 ? secret : undefined;
  let passed = 0;
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { value, key, holding } = visit;
    const text = typeof value === "number" && mayBePassword(value) ? String(value) : value;
    if (typeof text === "string") {
      const held = holdingOfText(key, text, holding);
      const work = notice.text(text, key, held);
      if (work !== undefined) yield* work;
      if (held === "text" && isNameKey(key)) notice.name(text);
      if (work !== undefined) yield;
    } else if (Array.isArray(value)) visitList(value, visit, open);
    else if (isObject(value)) visitObject(declared, value, visit, open, notice);
    passed++;
    if (passed % perStep === 0) yield;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** An error's body comes as the text that it is; where that is JSON (a variable that changed meanwhile), as what it says. */
function whole(reply: unknown): unknown {
  if (typeof reply !== "string" || !/^\s{0,8}[[{]/.test(reply)) return reply;
  try {
    return JSON.parse(reply);
  } catch {
    return reply;
  }
}

/** The members of a list have the list's name; `--password` says what the next one is. */
function visitList(list: readonly unknown[], { key, holding }: Visit, open: Visit[]): void {
  for (const [index, value] of list.entries()) {
    const option = optionName(list[index - 1]);
    const secret = option !== undefined && typeof value === "string" && isOptionValue(option, value);
    if (secret) open.push({ value, key: option, holding: "secret" });
    // An option that tells of something open says so of its value.
    else open.push({ value, key: option ?? (isWrittenKey(key) ? "" : key), holding });
  }
}

function visitObject(
  secret: Secret | undefined,
  object: Record<string, unknown>,
  visit: Visit,
  open: Visit[],
  notice: Notice,
): void {
  const named = nameOfPair(object);
  const isNomads = secret === undefined && visit.holding === "text" && !tellsOfMembers.has(visit.key);
  for (const key in object) {
    const value = object[key];
    if (saysNothing(value)) continue;
    if (isNomads && (typeof value === "number" || typeof value === "string")) {
      const { isOpen, isName } = judgedKey(key);
      if (isOpen && (typeof value === "number" || notice.text(value, key, "text") === undefined)) {
        if (isName && typeof value === "string") notice.name(value);
        continue;
      }
    }
    if (visit.holding === "text" && namedKeys.has(key)) for (const name of Object.keys(value ?? {})) notice.name(name);
    if (skipped.has(key) && typeof value === "object") continue;
    const declared = secret?.[key];
    if (declared === "keys") {
      for (const itself of Object.keys(value ?? {})) open.push({ value: itself, key: "", holding: "secret" });
    } else if (key === "Payload" && typeof value === "string" && (declared === "payload" || "TaskGroups" in object)) {
      visitPayload(value, open);
    } else if (declared === "data" && !Array.isArray(value)) {
      open.push({ value, key, holding: "data" });
    } else if (key === "Fields" && Array.isArray(value)) {
      visitChanges(value, open);
    } else if (named !== undefined && valueKeys.includes(key) && typeof value === "string") {
      open.push(pairVisit(named, value));
    } else {
      open.push({ value, key, holding: holdingUnder(key, value, visit) });
    }
  }
}

/** True for what is neither a text with anything in it, nor a number that may be one, nor has members. */
function saysNothing(value: unknown): boolean {
  return typeof value === "number"
    ? !mayBePassword(value)
    : value === null || value === "" || typeof value === "boolean";
}

/** A number that is a password has more digits than one that counts. */
function mayBePassword(value: number): boolean {
  return value > 999 && Number.isInteger(value);
}

/** `{Name, Old, New}` of a plan, `{Name, Value}` of many others: the name that the value goes with. */
function nameOfPair(object: Record<string, unknown>): string | undefined {
  if (!valueKeys.some((key) => Object.hasOwn(object, key))) return undefined;
  const key = Object.keys(object).find((each) => /^(?:name|key)$/i.test(each));
  const name = key === undefined ? undefined : object[key];
  return typeof name === "string" ? name : undefined;
}

/** `Env[DB_PASSWORD]`, `Config[auth][0][password]`, `GetterHeaders[x-key]`: the last part names, the first one places. */
function pairVisit(name: string, value: unknown): Visit {
  const parts = name.split(/[[\]]+/).filter((part) => part !== "");
  const [place = ""] = parts;
  const last = parts.at(-1) ?? "";
  const written = isWrittenKey(place);
  // A place in a list is no name.
  const key = written && (parts.length === 1 || /^\d+$/.test(last)) ? "" : last;
  const parent: Place = { key: place, holding: written ? "written" : "text" };
  return { value, key, holding: holdingUnder(key, value, parent) };
}

/** The changed fields of a plan. Arguments of a command are one field each, so an option's value is in the next one. */
function visitChanges(fields: readonly unknown[], open: Visit[]): void {
  for (const [index, field] of fields.entries()) {
    open.push({ value: field, key: "", holding: "text" });
    const before = fields[index - 1];
    for (const side of ["Old", "New"]) {
      const option = optionName(oneSide(before, side));
      const value = oneSide(field, side);
      if (option === undefined || typeof value !== "string" || !isOptionValue(option, value)) continue;
      open.push({ value, key: option, holding: "secret" });
    }
  }
}

function oneSide(field: unknown, side: string): unknown {
  if (typeof field !== "object" || field === null) return undefined;
  return Object.entries(field).find(([key]) => key === side)?.[1];
}

/** What a job was dispatched with: base64 on its way, and whatever was sent in it. */
function visitPayload(payload: string, open: Visit[]): void {
  if (payload.length < 12 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(payload)) return;
  open.push({ value: payload, key: "Payload", holding: "secret" });
  const sent = Buffer.from(payload, "base64").toString("utf8");
  if (!sent.includes("\ufffd")) open.push({ value: sent, key: "", holding: "secret" });
}

/** Asked of every field of every row: whether a bare word under it tells of nothing, and whether that is a name. */
const judgedKey = judgedOnce((key) => ({
  isOpen: isOpenKey(key) && !valueKeys.includes(key) && key !== "Payload",
  isName: isNameKey(key),
}));
/** True for a field in which Nomad has ids and names. */
const isNameKey = judgedOnce((key) => nameKeys.test(key));
const nameKeys =
  /^(?:ID|Name|Namespace|JobID|JobName|ParentID|TaskGroup|Task|Group|Driver|Datacenters?|NodePool|ServiceName|Label|PortLabel|Node(?:ID|Name|Class)|(?:Eval|Alloc|Allocation|Deployment|Volume|Accessor|Plugin)ID|[A-Z][A-Za-z]*(?:Eval|Evaluation|Allocation|Deployment))$/;
/** Maps whose keys are names of groups and tasks. */
const namedKeys = new Set(["TaskStates", "TaskGroups", "Summary", "PlacedAllocs"]);
const valueKeys = ["Old", "New", "Value", "value"];
/** Large, and without any secret place. */
const skipped = new Set([
  "AllocatedResources",
  "Attributes",
  "ClassEligibility",
  "DesiredTransition",
  "JobSummary",
  "Metrics",
  "NodeResources",
  "ReservedResources",
  "Resources",
  "SharedResources",
  "TaskResources",
  "TaskStates",
]);
