import { expect } from "vitest";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

contract("signals", (test) => {
  test("leave an event and nothing else where the task takes them", async ({ nomad }) => {
    const id = await nomad.running("signalled", {}, noDeployment);
    const { ID } = await nomad.allocation(id, "running");
    const send = async (body: object) => {
      const { status, text } = await nomad.send("POST", `/v1/client/allocation/${ID}/signal`, { body });
      return `${status} ${text}`;
    };
    expect(await send({ Signal: "SIGHUP", Task: "nope" })).toBe("500 Task not found");
    expect(await send({ Signal: "SIGNOPE", Task: "server" })).toBe('200 {"Index":0}');
    const [now] = await nomad.allocations(id, ([one]) => one?.TaskStates?.server?.Events?.at(-1)?.Type === "Signaling");
    expect(now?.TaskStates?.server?.Events?.at(-1)).toMatchObject({ DisplayMessage: "Task being sent a signal" });
    expect(
      await nomad.tell("signal_allocation", { allocation_id: ID.slice(0, 8), signal: "SIGHUP", task: "server" }),
    ).toMatch(/^SIGHUP sent to task server of api\[0\] .*; it is running for /);
  });
});
