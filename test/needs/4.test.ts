import { holdNeeds } from "./held.ts";

holdNeeds(4);
