import { expect, test } from "vitest";
import { withVariables } from "../../../../src/nomad/jobs/source/hcl-secrets.ts";
import { createSecrets } from "../../../../src/secrets/secrets.ts";

const { mask } = createSecrets();

/** A job file as it is shown, without what declares its variables. */
function shown(hcl: string) {
  const { hcl: text, variables } = withVariables(hcl, mask);
  const declared = variables.map((name) => `variable "${name}" {\n  type = string\n}\n\n`).join("");
  expect(text.startsWith(declared)).toBe(true);
  return { text: text.slice(declared.length), variables };
}

test("a value that is secret as a whole is a variable, named after what it is assigned to", () => {
  expect(shown('env {\n  DB_PASSWORD = "Correct-Horse-9"\n  LOG = "info"\n}\n')).toEqual({
    text: 'env {\n  DB_PASSWORD = var.db_password\n  LOG = "info"\n}\n',
    variables: ["db_password"],
  });
});

test("of a value that holds one, and of a text of several lines, the rest stays", () => {
  const template = 'data = <<EOT\nlisten = 80\npassword = "Tr0ub4dor&3-x"\nEOT\n';
  expect(shown(`DB_URL = "postgres://app:S3cr3t-pw@db.internal/app"\n${template}`)).toEqual({
    text: `DB_URL = "postgres://app:\${var.db_url}@db.internal/app"\n${template.replace('"Tr0ub4dor&3-x"', `"\${var.password}"`)}`,
    variables: ["db_url", "password"],
  });
});

test("one secret is one variable, and two of one name are two", () => {
  const { text, variables } = shown(
    'a {\n  password = "Correct-Horse-9"\n}\nb {\n  password = "Correct-Horse-9"\n}\nc {\n  password = "Battery-Staple-8"\n}\n',
  );
  expect(variables).toEqual(["password", "password_2"]);
  expect(text.match(/var\.\w+/g)).toEqual(["var.password", "var.password", "var.password_2"]);
});

test("a file without secrets stays as it is", () => {
  const hcl = 'job "web" {\n  type = "service"\n}\n';
  expect(withVariables(hcl, mask)).toEqual({ hcl, variables: [] });
});
