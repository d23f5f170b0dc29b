import { holdArguments } from "./held.ts";

holdArguments(2);
