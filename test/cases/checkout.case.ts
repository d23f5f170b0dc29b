import type { Case } from "./case.ts";

export const fault: Case = {
  about: "the demo's own outage: why is checkout down?",
  seeded: true,
  args: () => ({ job_id: "checkout" }),
  first: /crash looping: .*\nWhy: worker\[0\] .*task worker exits with code 1/,
  says: [
    /\| FATAL: cannot reach database at db\.internal:5432/,
    /Changed: nothing in the job for 1d[12]h/,
    /Last hour/,
  ],
  never: [/api\[\d\]: api exits/],
  tokens: 330,
  requests: 18,
};
