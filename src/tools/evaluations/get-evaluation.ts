import { parameters } from "../../mcp/parameters.ts";
import { evaluationAnswer } from "../../nomad/evaluations/evaluation-text.ts";
import { evaluationId } from "../../nomad/evaluations/find.ts";
import { seeEvaluation } from "../../nomad/evaluations/seen-evaluation.ts";
import { defineTool } from "../context.ts";

export const getEvaluation = defineTool({
  name: "get_evaluation",
  title: "Evaluation",
  description: "What one evaluation came to: its trigger, what it placed, why not the rest.",
  risk: "read",
  needs: ["read-job"],
  helps: ["host-volume-read", "list-jobs", "node:read", "operator:read"],
  input: { evaluation_id: parameters.evaluation_id },
  async run({ evaluation_id }, { nomad }) {
    const id = await evaluationId(nomad, evaluation_id);
    const seen = await seeEvaluation(nomad, id);
    return evaluationAnswer(seen, nomad.in(seen.evaluation.Namespace));
  },
});
