import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Program, startServer } from "../support/program.ts";

// A Nomad that answers everything with 32 MB of what could be a list of jobs, to a host that calls without end.

const row = `{"ID":"x","Name":"${"y".repeat(380)}","Type":"service","Namespace":"default"},`;
const hostile = Buffer.from(`[${row.repeat(32_000_000 / row.length)}{"ID":"x"}]`);

/** A figure of a process from the files of Linux; undefined elsewhere. */
function procfs(pid: number | undefined, file: string, pattern: RegExp): number | undefined {
  if (process.platform !== "linux") return undefined;
  return Number(pattern.exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1]);
}

test("40 calls at once: a ping is answered within a second, and memory has a bound", { timeout: 90_000 }, async () => {
  const nomad = await startServer((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" }).end(hostile);
  });
  const program = new Program([], { NOMAD_ADDR: nomad.address });
  try {
    await program.initialize();
    const tools = [
      ["list_nomad_jobs", {}],
      ["get_job_status", { job_id: "x" }],
      ["find_problems", {}],
      ["get_job_evaluations", { job_id: "x" }],
    ] as const;
    for (let call = 0; call < 40; call++) {
      const [tool, args] = tools[call % tools.length] ?? tools[0];
      program.call(tool, args);
    }
    // What the thread that answers has worked, where that is known, in ms: the clock depends on what else runs.
    const { pid } = program.child;
    const clock = () => {
      const ticks = procfs(pid, `task/${pid}/stat`, /\) \S+ (?:\S+ ){10}(\d+)/);
      return ticks === undefined ? performance.now() : ticks * 10;
    };
    // Now and then, while the calls go on, until so much was asked for that large replies are being worked on.
    let most = 0;
    for (let ping = 0; ping < 12 || nomad.received.length <= 10; ping++) {
      const begun = clock();
      await program.answer(program.send("ping"));
      most = Math.max(most, clock() - begun);
      await pause(200);
    }
    expect(most).toBeLessThan(1_000);
    expect(procfs(pid, "status", /VmHWM:\s+(\d+) kB/) ?? 0).toBeLessThan(1_000_000);
  } finally {
    program.child.kill("SIGKILL");
    await nomad.stop();
  }
});
