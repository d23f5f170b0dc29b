/**
 * How often a letter follows another one in English and technical words, against chance: 5 is as often as by chance, each
 * step doubles it. A row for each first letter, a digit for each second one; counted in the prose of papers about software.
 */
const rows = [
  "05650350514757050767442241",
  "73227000640732630653700040",
  "70407007506500800537500030",
  "62258230700521630452502030",
  "52674441211557153775143520",
  "60207600800611700535600050",
  "50008156710536500652610032",
  "80008000700343700525400040",
  "54655450001558740466050304",
  "70008003400303700070640000",
  "50148432701425430373403040",
  "62257210701701730055531060",
  "75028010700352670040500010",
  "61666471513324520177440030",
  "34552340313568450755655220",
  "70137024500621760756510030",
  "11114111111411111151911111",
  "72448330704354620565431040",
  "50507306703433660267602140",
  "60428106800411620665403050",
  "55545350501657360777000100",
  "70009020700000500031200000",
  "72027116700416700660000020",
  "60607203700020280007000030",
  "54536432602656670576304003",
  "71339111711111611141333355",
];

/**
 * How much like words the letters of a text are: the mean over its pairs of letters. Words have 5 and more, random letters
 * 3 on average; `pairs` says on how many it rests.
 */
export function wordLikeness(text: string): { readonly mean: number; readonly pairs: number } {
  let sum = 0;
  let pairs = 0;
  let before = -1;
  for (let at = 0; at < text.length; at++) {
    const letter = (text.charCodeAt(at) | 32) - 97;
    const isLetter = letter >= 0 && letter < 26;
    if (isLetter && before >= 0) {
      sum += Number(rows[before]?.[letter] ?? 5);
      pairs++;
    }
    before = isLetter ? letter : -1;
  }
  return { mean: pairs === 0 ? 5 : sum / pairs, pairs };
}
