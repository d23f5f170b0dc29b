import type { Case } from "./case.ts";

const job_file = `job "[[ .job_name ]]" {
  datacenters = [ [[ range .dcs ]]"[[ . ]]",[[ end ]] ]
  group "g" {
    task "t" {
      driver = "docker"
      config {
        image = "[[ .image ]]:[[ env "TAG" ]]"
      }
    }
  }
}
`;

export const fault: Case = {
  about: "a job file that is a template, not yet rendered",
  happens: [],
  real: true,
  tool: "validate_job_file",
  args: () => ({ job_file }),
  refused: true,
  first:
    /^The job file is a template that was not rendered\. Nothing was submitted\.\nline 1: job "\[\[ \.job_name \]\]" \{/,
  says: [/Next: render it first \(nomad-pack render or levant render\)/],
  never: [/parser refuses/],
  tokens: 90,
  requests: 2,
};
