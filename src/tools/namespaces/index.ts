import { defineToolset } from "../context.ts";
import { listNamespaces } from "./list-namespaces.ts";

export const namespaces = defineToolset({
  name: "namespaces",
  description: "Namespaces, node pools and regions: what there is, and what is in it.",
  tools: [listNamespaces],
});
