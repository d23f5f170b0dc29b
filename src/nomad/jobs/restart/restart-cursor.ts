import { createHash } from "node:crypto";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { AllocationStub } from "../../../endpoints/allocations.ts";
import { short } from "../../../text/words.ts";

/**
 * How far a rolling restart has come. Allocations are restarted in the order in which Nomad lists them (CreateIndex, then
 * id), so one position tells all that was sent, however many there are.
 */
export interface Progress {
  /** Allocations of a higher CreateIndex have come up since it began: they are new already. */
  readonly start: number;
  /** The last allocation to which a restart was sent; undefined before the first one. */
  readonly last: Position | undefined;
  readonly sent: number;
  /** How many there were when it began. */
  readonly total: number;
  /** Nomad's token of the page on which the last one stands; undefined on the first page. */
  readonly page: string | undefined;
}

interface Position {
  readonly index: number;
  /** The first 8 characters. */
  readonly id: string;
}

/** What a cursor is bound to: another job, or the same one asked for otherwise, is another restart. */
export type Bound = readonly (string | number | boolean | undefined)[];

/** True for an allocation that the restart has yet to come to. */
export function isAhead({ last }: Progress, { CreateIndex, ID }: AllocationStub): boolean {
  if (last === undefined || CreateIndex > last.index) return true;
  return CreateIndex === last.index && short(ID) > last.id;
}

export function positionOf({ CreateIndex, ID }: AllocationStub): Position {
  return { index: CreateIndex, id: short(ID) };
}

/** The cursor with which the next call goes on, about 50 characters; undefined before anything was sent. */
export function writeCursor({ start, last, sent, total, page }: Progress, bound: Bound): string | undefined {
  if (last === undefined) return undefined;
  const fields = [digest(bound), start, `${last.index}-${last.id}`, sent, total];
  return [...fields, ...(page === undefined ? [] : [page])].join(".");
}

/** @throws Refusal where the text is none of our cursors, or one of another restart. */
export function readCursor(text: string, bound: Bound): Progress {
  const found = /^([0-9a-f]{8})\.(\d{1,15})\.(\d{1,15})-([0-9a-f]{8})\.(\d{1,7})\.(\d{1,7})(?:\.([^\s]{1,200}))?$/.exec(
    text,
  );
  if (found === null) {
    throw new Refusal("That is no cursor of a restart: take it whole from the answer before. Nothing was restarted.");
  }
  const [, of, start, index, id = "", sent, total, page] = found;
  if (of !== digest(bound)) {
    throw new Refusal(
      "The cursor is of another restart: its job_id, namespace, group, task or reschedule differ, or the job was purged since. Nothing was restarted.",
    );
  }
  const last = { index: Number(index), id };
  return { start: Number(start), last, sent: Number(sent), total: Number(total), page };
}

function digest(bound: Bound): string {
  return createHash("sha256").update(JSON.stringify(bound)).digest("hex").slice(0, 8);
}
