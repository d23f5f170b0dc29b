import { defineToolset } from "../context.ts";
import { listServices } from "./list-services.ts";

export const services = defineToolset({
  name: "services",
  description: "Services that jobs register with Nomad itself: where they answer and whether their checks pass.",
  tools: [listServices],
});
