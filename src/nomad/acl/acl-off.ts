import { NomadError } from "../../api/errors/errors.ts";
import type { Answer } from "../../text/answer.ts";

/** The answer, or that there is nothing to tell: a cluster without ACLs refuses every question about them. */
export async function unlessOff(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NomadError) || !error.reply.includes("ACL support disabled")) throw error;
    return {
      headline:
        "This cluster has no ACLs: there are no policies, roles or tokens, and whoever reaches it may do everything",
      data: { enabled: false },
    };
  }
}
