import { holdGates } from "./held.ts";

holdGates(1);
