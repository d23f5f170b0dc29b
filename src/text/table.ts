/**
 * A narrow table as plain text: columns two spaces apart, as wide as their longest cell, no trailing spaces. A column
 * that is empty in every row is left out.
 */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const columns = headings
    .map((heading, index) => ({ heading, texts: cells.map((row) => row[index] ?? "") }))
    .filter(({ texts }) => texts.some((text) => text !== ""));
  const laid = columns.map(({ heading, texts }) => {
    const width = Math.max(heading.length, ...texts.map((text) => text.length));
    return [heading, ...texts].map((text) => text.padEnd(width));
  });
  return [heading(laid), ...cells.map((_, row) => line(laid, row + 1))].join("\n");
}

const heading = (laid: readonly string[][]) => line(laid, 0);

function line(laid: readonly string[][], row: number): string {
  return laid
    .map((column) => column[row] ?? "")
    .join("  ")
    .trimEnd();
}
