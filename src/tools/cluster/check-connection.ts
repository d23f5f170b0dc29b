import { check } from "../../nomad/cluster/check/check.ts";
import { checkAnswer } from "../../nomad/cluster/check/check-text.ts";
import { defineTool } from "../context.ts";

export const checkConnection = defineTool({
  name: "check_connection",
  title: "Check the connection",
  description:
    "Tell whether Nomad is reached, its version, leader and certificates, who the token is, and which tools it lets through or not. Use it when calls fail or are refused.",
  risk: "read",
  needs: [],
  helps: ["list-jobs", "node:read"],
  input: {},
  async run(_, { nomad, transport, settingName, offered }) {
    return checkAnswer(await check({ nomad, transport, settingName }, offered, [nomad.namespace]));
  },
});
