import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "an image that the registry does not have",
  happens: [
    {
      submit: mock(
        {},
        {
          Tasks: [
            {
              Name: "web",
              Driver: "docker",
              Config: { image: "shop/does-not-exist:9" },
              Resources: { CPU: 50, MemoryMB: 64 },
            },
          ],
        },
      ),
    },
    { pass: 60 },
  ],
  first: /\nWhy: api\[0\] .*task web cannot be started: Failed to pull `shop\/does-not-exist:9`/,
  says: [/Last hour[\s\S]*web cannot be started/],
  never: [/no place|memory/],
  tokens: 380,
  requests: 16,
};
