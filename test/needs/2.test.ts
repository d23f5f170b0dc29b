import { holdNeeds } from "./held.ts";

holdNeeds(2);
