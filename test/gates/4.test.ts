import { holdGates } from "./held.ts";

holdGates(4);
