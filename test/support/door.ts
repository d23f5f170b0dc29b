import { denied, front } from "./front.ts";
import { openSession, type TestSession } from "./session.ts";

/** A session whose requests go through a door in front of Nomad, which writes them down and may keep some out. */
export interface Door {
  readonly session: TestSession;
  /** "GET /v1/job/web", in the order in which they came. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens a door to the Nomad at `address`. What `refused` matches is answered as to a token that may not. */
export async function openDoor(address: string, refused: readonly RegExp[] = []): Promise<Door> {
  const requests: string[] = [];
  const door = await front(address, ({ pathname, search }, method) => {
    requests.push(`${method} ${pathname}`);
    return refused.some((each) => each.test(`${pathname}${search}`)) ? denied : undefined;
  });
  const session = await openSession({ address: door.address });
  return {
    session,
    requests,
    async close() {
      await session.close();
      await door.stop();
    },
  };
}
